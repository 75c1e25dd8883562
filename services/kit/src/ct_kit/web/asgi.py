"""The outermost layer of an ASGI service: request id, token, limits, metrics, last resort."""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders

from ct_kit.errors import CtError, TooLarge
from ct_kit.identity import Verifier
from ct_kit.logs import bind_request, get_logger
from ct_kit.telemetry import UNMATCHED, Telemetry
from ct_kit.web import requests
from ct_kit.web.problems import (
    ProblemAnswer,
    answer_of,
    expected,
    framework_refusal,
    internal_error,
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_TIMEOUT_S = 10.0
"""A body of ours fits one packet; whoever takes longer holds connections on purpose."""

_log = get_logger(__name__)


class _SlowBodyError(Exception):
    """The body did not arrive in time."""


class ServiceMiddleware:
    """Wraps the whole app, so that nothing leaves it that is not an answer of ours.

    With a verifier, every path but health and metrics needs a valid service token: a route
    whose author forgot to ask for one is closed, not open.
    """

    def __init__(
        self,
        app: App,
        *,
        telemetry: Telemetry,
        verifier: Verifier | None,
        maximum_body: int = requests.MAXIMUM_BODY,
        body_timeout_s: float = BODY_TIMEOUT_S,
    ) -> None:
        self._app = app
        self._telemetry = telemetry
        self._verifier = verifier
        self._maximum_body = maximum_body
        self._body_timeout_s = body_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = requests.request_id_of(headers.get(requests.REQUEST_ID_HEADER))
        scope.setdefault("state", {})["request_id"] = request_id
        with bind_request(request_id):
            if scope["type"] == "http":
                await self._serve(scope, headers, receive, send)
            else:
                await self._app(scope, receive, send)

    async def _serve(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        request_id: str = scope["state"]["request_id"]
        started = time.perf_counter()
        status = 0

        async def send_marked(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[requests.REQUEST_ID_HEADER] = request_id
            await send(message)

        self._telemetry.request_started()
        try:
            guarded = await self._admit(scope, headers, receive)
            await self._app(scope, guarded, send_marked)
        except _SlowBodyError:
            await _send(framework_refusal(408, request_id), send_marked)
        except Exception as error:
            if status:
                raise  # the server closes the connection: half an answer must look like one
            await _send(_last_resort(error, request_id), send_marked)
        finally:
            seconds = time.perf_counter() - started
            method = requests.method_label(scope["method"])
            self._telemetry.request_ended(method, route_of(scope), status, seconds)

    async def _admit(self, scope: Scope, headers: Headers, receive: Receive) -> Receive:
        query = scope.get("query_string", b"").decode("latin-1")
        requests.check_address(scope["path"], query)
        if self._verifier is not None and scope["path"] not in requests.PUBLIC_PATHS:
            caller = self._verifier.verify_header(headers.get("authorization"))
            scope["state"]["caller"] = caller
        body = await self._read(headers, receive)
        requests.check_body(headers.get("content-type"), body)
        return _replay(body, receive)

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        announced = headers.get("content-length", "0")
        if announced.isdecimal() and int(announced) > self._maximum_body:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._body_timeout_s):
                return await self._read_all(receive)
        except TimeoutError as error:
            raise _SlowBodyError from error

    async def _read_all(self, receive: Receive) -> bytes:
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self._maximum_body:
                raise self._too_large()
            if not message.get("more_body"):
                return bytes(body)

    def _too_large(self) -> TooLarge:
        return TooLarge("body_too_large", f"A body may have {self._maximum_body} bytes.")


def route_of(scope: Scope) -> str:
    """Return the route's template, such as /v1/orders/{order_id}, never the raw path."""
    context = scope.get("fastapi", {}).get("effective_route_context")
    template = getattr(context, "path_format", None) or getattr(scope.get("route"), "path", None)
    return template if isinstance(template, str) else UNMATCHED


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> MutableMapping[str, Any]:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _last_resort(error: Exception, request_id: str) -> ProblemAnswer:
    known: CtError | None = expected(error)
    if known is not None:
        return answer_of(known, request_id)
    _log.error("request_failed", exc_info=error)
    return internal_error(request_id)


async def _send(answer: ProblemAnswer, send: Send) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
