"""A body that does not come ends with an answer, not with a held connection."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from ct_kit.telemetry import Telemetry
from ct_kit.web.asgi import ServiceMiddleware


async def test_a_body_that_does_not_arrive_is_a_408() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("the request must not reach the app")

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    middleware = ServiceMiddleware(
        app, telemetry=Telemetry("demo"), verifier=None, body_timeout_s=0.01
    )
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
    await middleware(scope, receive, send)
    assert sent[0]["status"] == 408
    assert b'"code":"request_timeout"' in sent[1]["body"]
