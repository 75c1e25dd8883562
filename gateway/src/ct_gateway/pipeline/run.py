"""The pipeline, from a request to its answer.

Limit address → match → origin → authenticate → CSRF → authorize → limit → shape → answer.
Each stage refuses with a code of its own; the order is the contract.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing

from starlette.types import Receive, Scope, Send

from ct_gateway.operations import Access
from ct_gateway.pipeline.authenticate import authenticate
from ct_gateway.pipeline.authorize import authorize
from ct_gateway.pipeline.call import Answer, Call, Inbound
from ct_gateway.pipeline.csrf import require_csrf
from ct_gateway.pipeline.forward import forward
from ct_gateway.pipeline.limit import Limits
from ct_gateway.pipeline.match import Table
from ct_gateway.pipeline.origin import require_same_origin
from ct_gateway.pipeline.shape import check_query, read_body
from ct_gateway.pipeline.share import SharedAnswers
from ct_gateway.ports import Services, Sessions
from ct_kit.logs import get_logger

Composer = Callable[[Call], Awaitable[Answer]]

_log = get_logger(__name__)


class Pipeline:
    """An ASGI app mounted at the public prefix."""

    def __init__(
        self,
        *,
        prefix: str,
        table: Table,
        services: Services,
        sessions: Sessions,
        limits: Limits,
        composers: Mapping[str, Composer],
        cookie_name: str,
        public_origin: str | None,
    ) -> None:
        self._prefix = prefix
        self._table = table
        self._services = services
        self._sessions = sessions
        self._limits = limits
        self._composers = composers
        self._cookie_name = cookie_name
        self._public_origin = public_origin
        self._shared = SharedAnswers(services)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP call; refusals are raised and become problems in the app."""
        started = time.perf_counter()
        call = self._call(scope, receive)
        answer = await self._run(call)
        await _send(answer, send)
        if call.operation.unsafe:  # reads are counted in the metrics; a line each would drown
            _log.info(
                "call",
                operation=call.operation.id,
                status=answer.status,
                user_id=call.session.user.id if call.session else None,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )

    def _call(self, scope: Scope, receive: Receive) -> Call:
        address = scope["client"][0] if scope.get("client") else "unknown"
        self._limits.take_address(address)
        path = scope["path"].removeprefix(self._prefix)
        operation, parameters = self._table.match(scope["method"], path)
        scope["route"] = operation  # the metrics' route label is the table's path
        return Call(
            operation=operation,
            parameters=parameters,
            headers=Inbound(scope["headers"]),
            query=scope["query_string"],
            address=address,
            request_id=scope["state"]["request_id"],
            receive=receive,
        )

    async def _run(self, call: Call) -> Answer:
        operation = call.operation
        if operation.unsafe:
            require_same_origin(call.headers, self._public_origin)
        if operation.access is not Access.PUBLIC:
            call.session = await authenticate(call.headers, self._cookie_name, self._sessions)
            require_csrf(call)
            authorize(call)
        self._limits.take(call)
        check_query(call)
        await read_body(call)
        if operation.composed:
            return await self._composers[operation.id](call)
        if operation.shared_for_s:
            return await self._shared.answer(call)
        return await forward(call, self._services)


async def _send(answer: Answer, send: Send) -> None:
    headers = [*answer.headers, (b"cache-control", b"no-store")]
    if answer.parts is None and not any(name == b"content-length" for name, _ in headers):
        headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.parts is None:
        await send({"type": "http.response.body", "body": answer.body})
        return
    async with aclosing(answer.parts) as parts:
        async for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
