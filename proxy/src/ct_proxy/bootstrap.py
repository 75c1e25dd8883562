"""Names the concrete adapters and builds the proxy from them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI

from ct_kit.identity import Verifier
from ct_kit.mongo import async_client, database, ensure_indexes, mongo_errors
from ct_kit.web.fastapi import create_service_app
from ct_proxy.adapters.mongo import INDEXES, MongoAudit
from ct_proxy.adapters.resolver import SystemResolver
from ct_proxy.adapters.route_file import read_routes
from ct_proxy.adapters.wire import HttpWire
from ct_proxy.api.routes import router
from ct_proxy.app.forward import Forwarder
from ct_proxy.domain.policy import CALLER_ROLES, Policy
from ct_proxy.domain.routes import BUILT_IN
from ct_proxy.ports import Audit, Clock, Resolver, Wire
from ct_proxy.settings import ProxySettings


def utc_now() -> datetime:
    """Return the time of the machine."""
    return datetime.now(UTC)


def bootstrap(
    settings: ProxySettings,
    *,
    resolver: Resolver | None = None,
    wire: Wire | None = None,
    audit: Audit | None = None,
    clock: Clock = utc_now,
) -> FastAPI:
    """Build the application. Raises `StartRefused` for a route file that is wrong."""
    client = async_client(settings.mongodb_uri)
    store = database(client, "proxy", settings.mongodb_prefix)
    policy = Policy(
        routes=read_routes(settings.routes_file) if settings.routes_file else (BUILT_IN,),
        signed_routes=settings.signed_route_ids(),
        simulator=settings.simulator(),
    )
    used_wire = wire or HttpWire()
    verified = False

    async def store_ready() -> None:
        nonlocal verified
        with mongo_errors():
            await client.admin.command("ping")
        if not verified:
            await ensure_indexes(store, INDEXES)
            verified = True

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            if isinstance(used_wire, HttpWire):
                await used_wire.close()
            await client.close()

    app = create_service_app(
        "CryptoTrade geo-proxy",
        "proxy",
        verifier=Verifier("proxy", settings.identity_trust_dir, tuple(CALLER_ROLES)),
        readiness={"database": store_ready},
        lifespan=lifespan,
    )
    forwarder = Forwarder(
        policy,
        resolver or SystemResolver(),
        used_wire,
        audit or MongoAudit(store),
        clock,
    )
    app.include_router(router(forwarder))
    return app
