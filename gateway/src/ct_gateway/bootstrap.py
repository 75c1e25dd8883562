"""Builds the gateway: the only file that names concrete adapters."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from ct_gateway.api import add_public_api
from ct_gateway.composed.auth import AuthCalls
from ct_gateway.composed.keys import KeyCalls
from ct_gateway.composed.status import StatusBoard
from ct_gateway.live.broadcast import broadcast_status
from ct_gateway.live.feeds import FEEDS, Feed
from ct_gateway.live.hub import Hub
from ct_gateway.live.stream import Stream
from ct_gateway.operations import Upstream
from ct_gateway.pipeline.limit import Limits
from ct_gateway.pipeline.match import Table
from ct_gateway.pipeline.run import Composer, Pipeline
from ct_gateway.routes import OPERATIONS, PUBLIC_PREFIX
from ct_gateway.settings import GatewaySettings
from ct_gateway.upstream.pool import Pool
from ct_gateway.upstream.sessions import IntrospectedSessions
from ct_gateway.upstream.tokens import Tokens
from ct_gateway.web.cookies import SessionCookie
from ct_gateway.web.edge import Edge
from ct_gateway.web.page import Page
from ct_kit.errors import Unavailable
from ct_kit.identity import ServiceIdentity
from ct_kit.web.fastapi import create_service_app, on_stop


@dataclass(frozen=True, slots=True)
class _Parts:
    pool: Pool
    hub: Hub
    feeds: tuple[Feed, ...]
    board: StatusBoard
    pipeline: Pipeline
    stream: Stream


def bootstrap(settings: GatewaySettings) -> FastAPI:
    """Return the application; connections open with its lifespan."""
    parts = _build(settings)
    background = _Background(
        parts.hub.run,
        lambda: broadcast_status(parts.board, parts.hub),
        *(feed.run for feed in parts.feeds),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(parts.pool)
            await stack.enter_async_context(background.running())
            yield

    app = create_service_app(
        "CryptoTrade gateway", "gateway", readiness={"live": background.check}, lifespan=lifespan
    )
    on_stop(app, parts.hub.end_all)
    add_public_api(app, parts.pipeline, parts.stream)
    app.mount("/", Page(settings.frontend_dir))
    app.add_middleware(Edge, https=settings.https)
    return app


def _build(settings: GatewaySettings) -> _Parts:
    identity = ServiceIdentity.load(
        "gateway", settings.identity_key_file, settings.identity_trust_dir
    )
    urls = _urls(settings)
    pool = Pool(urls, Tokens(identity))
    sessions = IntrospectedSessions(pool)
    hub = Hub()
    sessions.on_end(hub.end_session)
    feeds = tuple(Feed(upstream, pool, hub) for upstream in FEEDS)
    board = StatusBoard(
        prober=pool,
        services=pool,
        ready_urls=_ready_urls(settings, urls),
        market=settings.market.value,
        own_faults=lambda: [
            f"the live feed of {feed.upstream.value} is not connected"
            for feed in feeds
            if not feed.connected
        ],
    )
    cookie = SessionCookie(https=settings.https)
    limits = Limits(settings.limit_scale)
    pipeline = Pipeline(
        prefix=PUBLIC_PREFIX,
        table=Table(OPERATIONS),
        services=pool,
        sessions=sessions,
        limits=limits,
        composers=_composers(AuthCalls(pool, sessions, cookie), KeyCalls(pool), board),
        cookie_name=cookie.name,
        public_origin=settings.public_origin,
    )
    stream = Stream(
        hub=hub,
        sessions=sessions,
        limits=limits,
        cookie_name=cookie.name,
        public_origin=settings.public_origin,
    )
    return _Parts(pool, hub, feeds, board, pipeline, stream)


def _urls(settings: GatewaySettings) -> dict[Upstream, str]:
    return {
        Upstream.AUTH: settings.auth_url,
        Upstream.KEYVAULT: settings.keyvault_url,
        Upstream.BRIDGE: settings.exchange_bridge_url,
        Upstream.BOTS: settings.bots_url,
        Upstream.AI: settings.ai_engine_url,
    }


def _ready_urls(settings: GatewaySettings, urls: dict[Upstream, str]) -> dict[str, str]:
    """Return where each process says whether it can serve, by its name on the status page."""
    addresses = {
        **{upstream.value: url for upstream, url in urls.items()},
        "proxy": settings.proxy_url,
        "bots-runner": settings.bots_runner_url,
        "ai-worker": settings.ai_worker_url,
    }
    return {name: f"{url.rstrip('/')}/readyz" for name, url in addresses.items() if url}


def _composers(auth: AuthCalls, keys: KeyCalls, board: StatusBoard) -> dict[str, Composer]:
    return {
        "register": auth.sign_in,
        "login": auth.sign_in,
        "logout": auth.sign_out,
        "read_session": auth.read_session,
        "end_session": auth.end_session,
        "change_password": auth.change_password,
        "create_key": keys.create,
        "read_status": board.answer,
    }


class _Background:
    """Tasks that live as long as the application; one that dies makes it not ready."""

    def __init__(self, *mains: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._mains = mains
        self._tasks: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start the tasks, and end them on the way out."""
        self._tasks = [asyncio.create_task(main()) for main in self._mains]
        try:
            yield
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def check(self) -> None:
        """Raise `Unavailable` when a task ended: the process must be restarted."""
        if any(task.done() for task in self._tasks):
            raise Unavailable("live_ended", "A background task ended; restart the gateway.")
