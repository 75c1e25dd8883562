"""Builds the bridge's FastAPI application from its use cases."""

from fastapi import Depends, FastAPI, Request
from fastapi.responses import Response

from ct_exchange_bridge.api import (
    accounts,
    feed,
    keys,
    markets,
    orders,
    portfolio,
    risk,
    status,
)
from ct_exchange_bridge.api.services import Services
from ct_exchange_bridge.domain.venue_error import VenueError
from ct_exchange_bridge.errors import as_problem
from ct_kit.identity import Verifier
from ct_kit.web.fastapi import Check, Lifespan, create_service_app, on_stop, only_callers
from ct_kit.web.problems import answer_of

CALLERS = ("gateway", "bots", "ai-engine")

__all__ = ["CALLERS", "Services", "create_app"]


def create_app(
    services: Services, *, verifier: Verifier, store_ready: Check, lifespan: Lifespan | None
) -> FastAPI:
    """Build the application; only `CALLERS` get past its door."""
    bridge = services.bridge
    app = create_service_app(
        "CryptoTrade exchange bridge",
        "exchange-bridge",
        verifier=verifier,
        readiness={
            "database": store_ready,
            "bridge": bridge.opened,
            "market": bridge.market_fresh,
            "keyvault": bridge.vault_reachable,
        },
        lifespan=lifespan,
    )
    app.add_exception_handler(VenueError, _on_venue_error)
    app.include_router(status.router(services))

    async def is_open() -> None:
        bridge.require_open()

    app.include_router(markets.router(services), dependencies=[Depends(is_open)])
    # The AI engine reads markets: it has no account and places no order.
    trading = [Depends(is_open), Depends(only_callers("gateway", "bots"))]
    for module in (accounts, orders, portfolio, risk, keys):
        app.include_router(module.router(services), dependencies=trading)
    app.include_router(feed.router(services))
    on_stop(app, services.feed.close)
    app.state.services = services
    return app


async def _on_venue_error(request: Request, error: Exception) -> Response:
    """Tell what a venue's error means to a caller of ours."""
    if not isinstance(error, VenueError):
        raise error
    answer = answer_of(as_problem(error), request.state.request_id)
    return Response(answer.body, answer.status, headers=dict(answer.headers))
