from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from ct_kit.mongo import async_client, database
from ct_kit.testing import Identities, asgi_client
from ct_proxy.bootstrap import bootstrap
from ct_proxy.domain.policy import Allowed
from ct_proxy.errors import NotSent
from ct_proxy.ports import Reply
from ct_proxy.settings import ProxySettings


@dataclass
class FakeResolver:
    """Answers what it is told, one list per question, the last one for ever."""

    answers: list[list[str]] = field(default_factory=lambda: [["8.8.8.8"]])
    asked: int = 0

    async def resolve(self, _host: str, _port: int) -> list[str]:
        found = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if not found:
            raise NotSent("its name was not resolved")
        return found


@dataclass
class FakeWire:
    """A venue that answers and remembers where it was reached."""

    status: int = 200
    chunks: tuple[bytes, ...] = (b'{"serverTime":', b"1}")
    sent: list[tuple[str, str, Allowed]] = field(default_factory=list)

    @asynccontextmanager
    async def send(
        self, allowed: Allowed, address: str, method: str, _body: bytes
    ) -> AsyncIterator[Reply]:
        self.sent.append((address, method, allowed))

        async def read() -> AsyncIterator[bytes]:
            for chunk in self.chunks:
                yield chunk

        yield Reply(self.status, (("content-type", "application/json"),), read())


@dataclass
class Proxy:
    """A running proxy in this process."""

    http: httpx.AsyncClient
    identities: Identities
    resolver: FakeResolver
    wire: FakeWire

    async def call(
        self,
        path: str = "/v1/forward",
        *,
        caller: str = "exchange-bridge",
        url: str = "https://api.binance.com/api/v3/time",
        **changes: Any,
    ) -> httpx.Response:
        headers = self.identities.headers(caller, "proxy")
        body = {"role": "market_data", "method": "GET", "url": url, **changes}
        return await self.http.post(path, json=body, headers=headers)

    async def get(self, path: str, caller: str = "gateway") -> httpx.Response:
        return await self.http.get(path, headers=self.identities.headers(caller, "proxy"))


@pytest.fixture
def settings(mongo_uri: str, mongo_prefix: str, identities: Identities) -> ProxySettings:
    return ProxySettings(
        mongodb_uri=mongo_uri,
        mongodb_prefix=mongo_prefix,
        identity_key_file=identities.key_file("proxy"),
        identity_trust_dir=identities.trust_dir,
    )


@pytest.fixture
def running(identities: Identities) -> Callable[..., Any]:
    @asynccontextmanager
    async def run(settings: ProxySettings, **overrides: Any) -> AsyncIterator[Proxy]:
        resolver = overrides.setdefault("resolver", FakeResolver())
        wire = overrides.setdefault("wire", FakeWire())
        app = bootstrap(settings, **overrides)
        async with app.router.lifespan_context(app), asgi_client(app) as http:
            yield Proxy(http, identities, resolver, wire)

    return run


@pytest.fixture
async def proxy(settings: ProxySettings, running: Callable[..., Any]) -> AsyncIterator[Proxy]:
    async with running(settings) as started:
        yield started


@pytest.fixture
async def audit(settings: ProxySettings) -> AsyncIterator[Any]:
    client = async_client(settings.mongodb_uri)
    yield database(client, "proxy", settings.mongodb_prefix)["audit"]
    await client.close()


@pytest.fixture
async def venue() -> AsyncIterator[Any]:
    """A raw HTTP server on loopback that keeps each request and answers what it is told."""

    @dataclass
    class Venue:
        port: int = 0
        requests: list[bytes] = field(default_factory=list)
        answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    found = Venue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            found.requests.append(head)
            writer.write(found.answer)
            await writer.drain()
        except asyncio.IncompleteReadError:
            pass  # a client that connected and sent nothing
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()
    await server.wait_closed()
