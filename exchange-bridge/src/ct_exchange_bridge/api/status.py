"""The bridge's part of the status page."""

from fastapi import APIRouter

from ct_exchange_bridge.api.services import Services
from ct_kit.contracts.status import BridgeStatus, VenueStatus
from ct_kit.domain import OrderStatus
from ct_kit.web.fastapi import CallerDep


def router(services: Services) -> APIRouter:
    """Return the route; it answers while the bridge is still opening."""
    routes = APIRouter()

    @routes.get("/v1/status")
    async def get_status(_: CallerDep) -> BridgeStatus:
        """Return venue health, route and data age."""
        return await bridge_status(services)

    return routes


async def bridge_status(services: Services) -> BridgeStatus:
    """Gather the status as it is now."""
    hub = services.hub
    state, reason = services.health.state(
        connected=hub.connected, fresh=hub.fresh(), stream_reason=hub.reason
    )
    unknown = sum(1 for live in services.live if live.order.state is OrderStatus.UNKNOWN)
    return BridgeStatus(
        venues=[
            VenueStatus(
                venue=hub.venue,
                market=hub.market.value,
                state=state,
                circuit="open" if state == "down" else "closed",
                route=services.route,
                data_age_ms=hub.data_age_ms(),
                reason=reason,
            )
        ],
        unknown_orders=unknown,
        halted=await services.kill_switch.is_halted(),
    )
