"""A flask-openapi3 service with everything ours has in common; the twin of `web.fastapi`."""

import time
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from flask import Response, g, request
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from ct_kit import telemetry as metrics
from ct_kit.contracts.problem import Problem
from ct_kit.errors import FieldError, Forbidden, InvalidRequest, TooLarge
from ct_kit.identity import Caller, Verifier
from ct_kit.logs import get_logger
from ct_kit.streaming import MEDIA_TYPE as NDJSON
from ct_kit.streaming import ThreadedSubscription
from ct_kit.web import requests
from ct_kit.web.health import readiness_answer, reason_of
from ct_kit.web.problems import (
    ProblemAnswer,
    answer_of,
    expected,
    framework_refusal,
    internal_error,
)
from ct_kit.web.validation import invalid_request
from ct_kit.web.wsgi import RequestContext

Check = Callable[[], object]
STOP_CALLBACKS = "ct_kit.stop_callbacks"
TELEMETRY = "ct_kit.telemetry"

_log = get_logger(__name__)


def create_service_app(
    title: str,
    service: str,
    *,
    verifier: Verifier | None = None,
    readiness: Mapping[str, Check] | None = None,
    maximum_body: int = requests.MAXIMUM_BODY,
    expose_metrics: bool = True,
    version: str = "1",
) -> OpenAPI:
    """Build an app with problem documents, request ids, health, metrics and limits.

    With a verifier, every path but health and metrics needs a valid service token: a route
    whose author forgot to ask for one is closed, not open. `readiness` are named checks that
    raise while the service cannot serve; each must come back within two seconds by itself.
    """
    app = OpenAPI(
        __name__,  # not the service's id: Flask would look for a folder of that name
        info=Info(title=title, version=version),
        doc_ui=False,
        validation_error_model=Problem,
        validation_error_callback=_on_invalid,
        static_folder=None,
    )
    # One more than allowed: werkzeug cuts a chunked body off at its limit without a word.
    app.config["MAX_CONTENT_LENGTH"] = maximum_body + 1
    app.url_map.merge_slashes = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    telemetry = metrics.Telemetry(service)
    app.extensions[TELEMETRY] = telemetry
    app.extensions[STOP_CALLBACKS] = []
    app.wsgi_app = RequestContext(app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way
    _add_guards(app, telemetry, verifier, maximum_body)
    app.register_error_handler(Exception, _on_error)
    _add_health(app, readiness or {})
    if expose_metrics:
        app.add_url_rule("/metrics", "metrics", lambda: _exposition(telemetry))
    return app


def on_stop(app: OpenAPI, callback: Callable[[], None]) -> None:
    """Call back as soon as the server is told to stop, such as `broadcaster.close`."""
    app.extensions[STOP_CALLBACKS].append(callback)


def ndjson_response(subscription: ThreadedSubscription) -> Response:
    """Answer with a feed's lines and heartbeats until either side ends it.

    Each open stream holds one of the server's threads.
    """
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(subscription.lines(), mimetype=NDJSON, headers=headers)


def current_caller() -> Caller:
    """Return who calls; the app must have been built with a verifier."""
    caller: Caller = g.caller
    return caller


def current_user_id() -> str:
    """Return the id of the user in whose name the call comes; refuses a call without one."""
    return current_caller().owner


def only_callers(*services: str) -> None:
    """Refuse the running request unless one of these services sent it."""
    caller = current_caller()
    if caller.service not in services:
        detail = f"The service {caller.service} may not call this address."
        raise Forbidden("caller_forbidden", detail)


def _add_guards(
    app: OpenAPI, telemetry: metrics.Telemetry, verifier: Verifier | None, maximum_body: int
) -> None:
    def admit() -> None:
        g.started = time.perf_counter()
        telemetry.request_started()
        requests.check_address(request.path, request.query_string.decode("latin-1"))
        if verifier is not None and request.path not in requests.PUBLIC_PATHS:
            g.caller = verifier.verify_header(request.headers.get("Authorization"))
        body = request.get_data(cache=True)
        if len(body) > maximum_body:
            raise TooLarge("body_too_large", f"A body may have {maximum_body} bytes.")
        requests.check_body(request.content_type, body)
        _refuse_json_in_a_string()

    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else metrics.UNMATCHED
        seconds = time.perf_counter() - g.started
        method = requests.method_label(request.method)
        telemetry.request_ended(method, route, response.status_code, seconds)
        return response

    app.before_request(admit)
    app.after_request(count)


def _add_health(app: OpenAPI, checks: Mapping[str, Check]) -> None:
    def ready() -> Response:
        reasons = []
        for name, check in checks.items():
            try:
                check()
            except Exception as error:  # noqa: BLE001 - any failure means not ready, and is told
                reasons.append(reason_of(name, error))
        status, body = readiness_answer(reasons)
        return Response(body, status, mimetype="application/json")

    app.add_url_rule("/healthz", "healthz", lambda: {"status": "alive"})
    app.add_url_rule("/readyz", "readyz", ready)


def _refuse_json_in_a_string() -> None:
    # flask-openapi3 would parse the text of a JSON string as JSON once more, unchecked.
    if isinstance(request.get_json(silent=True), str):
        fault = FieldError("body", "is text, not an object", "Send a JSON object.")
        raise InvalidRequest("invalid_request", "The body is not acceptable.", fields=[fault])


def _exposition(telemetry: metrics.Telemetry) -> Response:
    return Response(telemetry.exposition(), content_type=metrics.CONTENT_TYPE)


def _on_invalid(error: ValidationError) -> NoReturn:
    errors = error.errors(include_url=False, include_input=False)
    first = errors[0]["loc"][0] if errors and errors[0]["loc"] else None
    raise invalid_request(errors, _location(first)) from error


def _location(field: object) -> str:
    if field in (request.view_args or {}):
        return "path"
    if request.method in ("GET", "HEAD", "DELETE") or field in request.args:
        return "query"
    return "body"


def _on_error(error: Exception) -> Response:
    request_id = request.environ[RequestContext.KEY]
    known = expected(error)
    if known is not None:
        return _response(answer_of(known, request_id))
    if isinstance(error, HTTPException):
        if isinstance(error.response, Response):
            return error.response
        status = error.code or 500
        return _response(framework_refusal(status, request_id, _kept_headers(error)))
    _log.error("request_failed", exc_info=error)
    return _response(internal_error(request_id))


def _kept_headers(error: HTTPException) -> dict[str, str]:
    headers: list[tuple[str, str]] = error.get_headers(request.environ)
    return {name: value for name, value in headers if name.lower() in ("allow", "retry-after")}


def _response(answer: ProblemAnswer) -> Response:
    headers: dict[str, Any] = dict(answer.headers)
    return Response(answer.body, answer.status, headers=headers)
