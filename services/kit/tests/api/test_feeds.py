"""Feeds over a real socket: lines arrive at once, ends and silence are told apart."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ct_kit.errors import Forbidden, OutcomeUnknown, Unavailable
from ct_kit.http import ServiceClient, SyncServiceClient
from ct_kit.identity import Verifier
from ct_kit.streaming import Broadcaster, ThreadedBroadcaster
from ct_kit.testing import Identities, eventually_sync, free_port, serving
from ct_kit.web import fastapi as fast
from ct_kit.web import flask as flat

HEARTBEAT = {"channel": "heartbeat"}


def asgi_feed(verifier: Verifier) -> tuple[Any, Any]:
    feed = Broadcaster()
    app = fast.create_service_app("Feed", "bots", verifier=verifier)
    fast.on_stop(app, feed.close)

    @app.get("/v1/stream")
    async def stream() -> Any:
        return fast.ndjson_response(feed.subscribe())

    @app.post("/v1/publish")
    async def publish() -> Any:
        feed.publish("jobs", {"n": 1}, owner="usr_1")

    return app, feed


def wsgi_feed(verifier: Verifier) -> tuple[Any, Any]:
    feed = ThreadedBroadcaster()
    app = flat.create_service_app("Feed", "bots", verifier=verifier)
    flat.on_stop(app, feed.close)

    @app.get("/v1/stream")
    def stream() -> Any:
        return flat.ndjson_response(feed.subscribe())

    @app.post("/v1/publish")
    def publish() -> Any:
        feed.publish("jobs", {"n": 1}, owner="usr_1")
        return {}

    return app, feed


@pytest.fixture(params=[asgi_feed, wsgi_feed], ids=["fastapi", "flask"])
def served(request: pytest.FixtureRequest, identities: Identities) -> Any:
    app, feed = request.param(identities.verifier("bots", ["gateway"]))
    with serving(app) as url:
        yield url, feed


async def test_a_line_arrives_as_soon_as_it_is_published(
    served: tuple[str, Any], identities: Identities
) -> None:
    url, feed = served
    async with (
        ServiceClient(url, "bots", identities.of("gateway")) as client,
        contextlib.aclosing(client.stream_ndjson("/v1/stream")) as lines,
    ):
        assert await anext(lines) == HEARTBEAT
        await client.request("POST", "/v1/publish")
        line = await asyncio.wait_for(anext(lines), 2)
        assert line == {"channel": "jobs", "owner": "usr_1", "data": {"n": 1}}
        assert feed.subscribers == 1


def test_a_thread_may_follow_a_feed_too(served: tuple[str, Any], identities: Identities) -> None:
    url, feed = served
    with SyncServiceClient(url, "bots", identities.of("gateway")) as client:
        lines = client.stream_ndjson("/v1/stream")
        assert next(lines) == HEARTBEAT
        client.request("POST", "/v1/publish")
        assert next(lines)["data"] == {"n": 1}
        lines.close()
    eventually_sync(lambda: feed.subscribers <= 1)


async def test_silence_breaks_the_feed_off(served: tuple[str, Any], identities: Identities) -> None:
    url, _ = served
    async with (
        ServiceClient(url, "bots", identities.of("gateway")) as client,
        contextlib.aclosing(client.stream_ndjson("/v1/stream", silence_s=0.1)) as lines,
    ):
        assert await anext(lines) == HEARTBEAT
        with pytest.raises(OutcomeUnknown):
            await anext(lines)


async def test_nobody_there_and_not_allowed_are_different_things(
    served: tuple[str, Any], identities: Identities
) -> None:
    url, _ = served
    async with ServiceClient(url, "bots", identities.of("proxy")) as stranger:
        with pytest.raises(Exception, match="caller_forbidden") as caught:
            await anext(stranger.stream_ndjson("/v1/stream"))
        assert not isinstance(caught.value, Forbidden)
    nobody = f"http://127.0.0.1:{free_port()}"
    async with ServiceClient(nobody, "bots", identities.of("gateway")) as client:
        with pytest.raises(Unavailable):
            await anext(client.stream_ndjson("/v1/stream"))


async def test_a_body_in_chunks_over_the_limit_is_a_413(
    served: tuple[str, Any], identities: Identities
) -> None:
    url, _ = served
    headers = identities.headers("gateway", "bots")

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 10_000

    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{url}/v1/publish", content=chunks(), headers=headers)
    assert answer.status_code == 413
