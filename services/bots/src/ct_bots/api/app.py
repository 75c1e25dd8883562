"""The API process: what the gateway calls on behalf of users."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from fastapi import FastAPI

from ct_bots.api.routes import make_router
from ct_bots.app.control import ControlBot
from ct_bots.app.create import CreateBot
from ct_bots.app.feed import BotFeed
from ct_bots.ports import Bots, BridgeReads, Records
from ct_bots.tasks import end_tasks
from ct_kit.identity import Verifier
from ct_kit.streaming import Broadcaster
from ct_kit.web.fastapi import create_service_app, on_stop


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the routes use."""

    bots: Bots
    records: Records
    bridge: BridgeReads
    create: CreateBot
    control: ControlBot
    broadcaster: Broadcaster


def create_app(
    services: Services,
    feed: BotFeed | None,
    verifier: Verifier,
    *,
    readiness: Mapping[str, Callable[[], Awaitable[object]]],
    opening: Callable[[], Awaitable[None]],
    closing: Callable[[], Awaitable[None]],
) -> FastAPI:
    """Build the app; `opening` verifies indexes, `closing` lets connections go."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await opening()
        telling = asyncio.create_task(feed.run()) if feed else None
        try:
            yield
        finally:
            if telling is not None:
                await end_tasks([telling])
            await closing()

    app = create_service_app(
        "CryptoTrade bots", "bots", verifier=verifier, readiness=readiness, lifespan=lifespan
    )
    on_stop(app, services.broadcaster.close)
    app.include_router(make_router(services))
    return app


def openapi_app() -> FastAPI:
    """Build an app for its document alone: no service behind it is ever called."""
    app = create_service_app("CryptoTrade bots", "bots")
    app.include_router(make_router(cast("Services", None)))
    return app
