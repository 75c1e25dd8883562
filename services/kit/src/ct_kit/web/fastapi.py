"""A FastAPI service with everything ours has in common."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response, StreamingResponse
from starlette.exceptions import HTTPException

from ct_kit import telemetry as metrics
from ct_kit.errors import CtError, Forbidden, StartRefused
from ct_kit.identity import Caller, Verifier
from ct_kit.streaming import MEDIA_TYPE as NDJSON
from ct_kit.streaming import Subscription
from ct_kit.web.asgi import ServiceMiddleware
from ct_kit.web.health import CHECK_TIMEOUT_S, readiness_answer, reason_of
from ct_kit.web.openapi import with_problems
from ct_kit.web.problems import ProblemAnswer, answer_of, framework_refusal
from ct_kit.web.requests import MAXIMUM_BODY
from ct_kit.web.validation import invalid_request

Check = Callable[[], Awaitable[object]]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Any]]


def create_service_app(
    title: str,
    service: str,
    *,
    verifier: Verifier | None = None,
    readiness: Mapping[str, Check] | None = None,
    lifespan: Lifespan | None = None,
    maximum_body: int = MAXIMUM_BODY,
    expose_metrics: bool = True,
    **options: Any,
) -> FastAPI:
    """Build an app with problem documents, request ids, health, metrics and limits.

    Args:
        title: The API's name in its OpenAPI document.
        service: The service's id, for logs and metrics.
        verifier: Who may call; None only where callers are not services of ours.
        readiness: Named checks that raise while the service cannot serve.
        lifespan: Opens and closes what the app uses.
        maximum_body: Bytes of the largest body read.
        expose_metrics: Whether /metrics is served on this port.
        options: Passed to FastAPI; its document routes are off unless given here.

    """
    settings: dict[str, Any] = {
        "openapi_url": None,
        "docs_url": None,
        "redoc_url": None,
        "redirect_slashes": False,
        **options,
    }
    app = FastAPI(title=title, lifespan=lifespan and _noting_refusal(lifespan), **settings)
    app.state.telemetry = metrics.Telemetry(service)
    app.state.stop_callbacks = []
    app.state.start_refused = None
    app.add_middleware(
        ServiceMiddleware,
        telemetry=app.state.telemetry,
        verifier=verifier,
        maximum_body=maximum_body,
    )
    app.add_exception_handler(CtError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_refusal)
    _add_health(app, readiness or {})
    if expose_metrics:
        app.add_api_route("/metrics", _metrics, include_in_schema=False)
    with_problems(app)
    return app


def _noting_refusal(lifespan: Lifespan) -> Lifespan:
    # The server reports a failed start but not why; `serve` turns the note into an exit code.
    @asynccontextmanager
    async def noted(app: FastAPI) -> AsyncIterator[Any]:
        try:
            async with lifespan(app) as state:
                yield state
        except StartRefused as refusal:
            app.state.start_refused = refusal
            raise

    return noted


def on_stop(app: FastAPI, callback: Callable[[], None]) -> None:
    """Call back as soon as the server is told to stop, such as `broadcaster.close`.

    Open streams end then, instead of holding the server until its patience is over.
    """
    app.state.stop_callbacks.append(callback)


def ndjson_response(subscription: Subscription) -> StreamingResponse:
    """Answer with a feed's lines and heartbeats until either side ends it."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(subscription.lines(), media_type=NDJSON, headers=headers)


async def current_caller(request: Request) -> Caller:
    """Return who calls; the app must have been built with a verifier."""
    caller: Caller = request.state.caller
    return caller


async def current_user(caller: Annotated[Caller, Depends(current_caller)]) -> Caller:
    """Return who calls in the name of a user; refuses a call without one."""
    caller.owner  # noqa: B018 - raises where the token names no user
    return caller


CallerDep = Annotated[Caller, Depends(current_caller)]
"""The calling service, in a route's signature."""

UserDep = Annotated[Caller, Depends(current_user)]
"""The calling service with a user: `caller.owner` is the user's id."""


def only_callers(*services: str) -> Callable[[Caller], Awaitable[Caller]]:
    """Return a dependency that narrows a route to some of the app's callers."""

    async def narrowed(caller: CallerDep) -> Caller:
        if caller.service not in services:
            detail = f"The service {caller.service} may not call this address."
            raise Forbidden("caller_forbidden", detail)
        return caller

    return narrowed


def require_caller(verifier: Verifier) -> Callable[[Request], Awaitable[Caller]]:
    """Return a dependency that checks the token itself, for an app without a verifier."""

    async def caller(request: Request) -> Caller:
        return verifier.verify_header(request.headers.get("authorization"))

    return caller


def require_user(verifier: Verifier) -> Callable[[Request], Awaitable[Caller]]:
    """Do as `require_caller`, and refuse a call that names no user."""

    async def caller(request: Request) -> Caller:
        found = verifier.verify_header(request.headers.get("authorization"))
        return await current_user(found)

    return caller


def _add_health(app: FastAPI, checks: Mapping[str, Check]) -> None:
    async def ready() -> Response:
        async def fault(name: str, check: Check) -> str | None:
            try:
                async with asyncio.timeout(CHECK_TIMEOUT_S):
                    await check()
            except Exception as error:  # noqa: BLE001 - any failure means not ready, and is told
                return reason_of(name, error)
            return None

        found = await asyncio.gather(*(fault(name, check) for name, check in checks.items()))
        status, body = readiness_answer([reason for reason in found if reason])
        return Response(body, status, media_type="application/json")

    app.add_api_route("/healthz", _alive, include_in_schema=False)
    app.add_api_route("/readyz", ready, include_in_schema=False)


async def _alive() -> dict[str, str]:
    return {"status": "alive"}


async def _metrics(request: Request) -> Response:
    telemetry: metrics.Telemetry = request.app.state.telemetry
    return Response(telemetry.exposition(), media_type=metrics.CONTENT_TYPE)


async def _on_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, CtError):
        raise error
    return _response(answer_of(error, request.state.request_id))


async def _on_invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    return _response(answer_of(invalid_request(error.errors()), request.state.request_id))


async def _on_refusal(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return _response(framework_refusal(error.status_code, request.state.request_id, error.headers))


def _response(answer: ProblemAnswer) -> Response:
    return Response(answer.body, answer.status, headers=dict(answer.headers))
