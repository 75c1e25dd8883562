"""A gateway on a real loopback port before fake services that remember what they were sent."""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvicorn
from aiohttp import web

from ct_gateway.bootstrap import bootstrap
from ct_gateway.domain.sessions import csrf_token
from ct_gateway.settings import GatewaySettings
from ct_kit.identity import Verifier

SERVICES = ("auth", "keyvault", "exchange-bridge", "bots", "ai-engine", "proxy")
Handler = Callable[["Seen"], web.StreamResponse]


@dataclass
class Seen:
    """One request as a service saw it."""

    service: str
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    user_id: str | None
    roles: tuple[str, ...]

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


@dataclass
class FakeServices:
    """All services on one port, told apart by the first path segment."""

    url: str
    verifiers: dict[str, Verifier]
    seen: list[Seen] = field(default_factory=list)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[tuple[str, str, str], Handler] = field(default_factory=dict)
    not_ready: set[str] = field(default_factory=set)
    feeds: dict[str, set[asyncio.Queue[bytes | None]]] = field(default_factory=dict)

    def on(self, service: str, method: str, path: str, handler: Handler) -> None:
        self.answers[service, method, path] = handler

    def calls(self, service: str, path: str = "") -> list[Seen]:
        return [
            seen
            for seen in self.seen
            if seen.service == service
            and seen.target.startswith(path)
            and seen.target != "/v1/sessions/introspect"
        ]

    def sign_in(self, user_id: str, roles: tuple[str, ...] = ("trader",)) -> str:
        session_id = f"{user_id}-{len(self.sessions)}-".ljust(43, "s")
        self.sessions[session_id] = {
            "user": {
                "id": user_id,
                "email": f"{user_id}@example.org",
                "roles": list(roles),
                "created_at": "2026-01-01T00:00:00Z",
            },
            "session_ref": f"ref-{user_id}-{len(self.sessions)}",
            "expires_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        }
        return session_id

    def feed(self, service: str, channel: str, data: Any, owner: str | None = None) -> None:
        line = json.dumps({"channel": channel, "owner": owner, "data": data}).encode() + b"\n"
        for queue in self.feeds[service]:
            queue.put_nowait(line)

    def cut(self, service: str) -> None:
        for queue in self.feeds[service]:
            queue.put_nowait(None)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        _, service, rest = request.raw_path.split("/", 2)
        target = f"/{rest}"
        path = target.partition("?")[0]
        if path == "/readyz":
            ready = service not in self.not_ready
            reasons = [] if ready else ["mongodb: down"]
            return web.json_response(
                {"ready": ready, "reasons": reasons}, status=200 if ready else 503
            )
        caller = self.verifiers[service].verify_header(request.headers.get("Authorization"))
        if path == "/v1/stream":
            return await self._stream(service, request)
        seen = Seen(
            service,
            request.method,
            target,
            [(k.decode(), v.decode("latin-1")) for k, v in request.raw_headers],
            await request.read(),
            caller.user_id,
            caller.roles,
        )
        self.seen.append(seen)
        if path == "/v1/sessions/introspect":
            known = self.sessions.get(request.headers["X-CT-Session"])
            return web.json_response(known or {}, status=200 if known else 401)
        if (service, request.method, path) == ("auth", "POST", "/v1/auth/logout"):
            self.sessions.pop(request.headers["X-CT-Session"], None)
            return web.Response(status=204)
        handler = self.answers.get((service, request.method, path))
        return handler(seen) if handler else web.json_response({"service": service})

    async def _stream(self, service: str, request: web.Request) -> web.StreamResponse:
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        response = web.StreamResponse(headers={"content-type": "application/x-ndjson"})
        await response.prepare(request)
        self.feeds.setdefault(service, set()).add(queue)
        try:
            await response.write(b'{"channel":"heartbeat"}\n')
            while (line := await queue.get()) is not None:
                await response.write(line)
        finally:
            self.feeds[service].discard(queue)
        return response


@dataclass
class Browser:
    """Speaks to the gateway as the page does."""

    http: aiohttp.ClientSession
    url: str
    session_id: str | None = None

    def headers(self, **extra: str) -> dict[str, str]:
        headers = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        if self.session_id:
            headers |= {
                "Cookie": f"ct_session={self.session_id}",
                "X-CSRF-Token": csrf_token(self.session_id),
            }
        return headers | extra

    async def call(
        self, method: str, path: str, *, body: Any = None, headers: Any = None, data: Any = None
    ) -> "Response":
        sent = self.headers() if headers is None else headers
        if body is not None:
            data, sent = json.dumps(body), {"Content-Type": "application/json", **sent}
        async with self.http.request(
            method,
            f"{self.url}{path}",
            data=data,
            headers=sent,
            allow_redirects=False,
            skip_auto_headers={"Content-Type"},
        ) as response:
            return Response(response.status, response.headers, await response.read())

    def as_user(self, session_id: str) -> "Browser":
        return Browser(self.http, self.url, session_id)


@dataclass
class Response:
    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        assert self.headers["Content-Type"] == "application/problem+json", self.body
        return str(self.json["code"])


@pytest.fixture
async def services(identities: Any) -> AsyncIterator[FakeServices]:
    fake = FakeServices("", {name: identities.verifier(name, {"gateway"}) for name in SERVICES})
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", fake.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    fake.url = f"http://127.0.0.1:{port}"
    yield fake
    for service in list(fake.feeds):
        fake.cut(service)
    await runner.cleanup()


@pytest.fixture
def settings(services: FakeServices, identities: Any, tmp_path: Path) -> GatewaySettings:
    page = tmp_path / "dist"
    (page / "assets").mkdir(parents=True)
    (page / "index.html").write_text("<!doctype html><title>CryptoTrade</title>")
    (page / "assets" / "app-1a2b3c4d.js").write_text("export {}")
    (page / "assets" / "app-1a2b3c4d.js.br").write_bytes(b"packed")
    return GatewaySettings(
        identity_key_file=identities.key_file("gateway"),
        identity_trust_dir=identities.trust_dir,
        frontend_dir=page,
        auth_url=f"{services.url}/auth",
        keyvault_url=f"{services.url}/keyvault",
        exchange_bridge_url=f"{services.url}/exchange-bridge",
        bots_url=f"{services.url}/bots",
        ai_engine_url=f"{services.url}/ai-engine",
        proxy_url=f"{services.url}/proxy",
    )


@pytest.fixture
def serve() -> Callable[[GatewaySettings], Any]:
    @contextlib.asynccontextmanager
    async def serving(settings: GatewaySettings) -> AsyncIterator[str]:
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        app = bootstrap(settings)
        config = uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        deadline = time.monotonic() + 5
        while not server.started:
            assert not task.done()
            assert time.monotonic() < deadline
            await asyncio.sleep(0.005)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            for callback in app.state.stop_callbacks:
                callback()
            server.should_exit = True
            await task

    return serving


@pytest.fixture
async def guest(settings: GatewaySettings, serve: Any) -> AsyncIterator[Browser]:
    """A browser nobody is signed in with."""
    async with (
        serve(settings) as url,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False) as http,
    ):
        yield Browser(http, url)


@pytest.fixture
def browser(guest: Browser, services: FakeServices) -> Browser:
    """A browser with the session of a trader."""
    return guest.as_user(services.sign_in("usr_ada"))
