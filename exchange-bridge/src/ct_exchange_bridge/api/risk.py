"""Limits and the kill switch."""

from fastapi import APIRouter

from ct_exchange_bridge.api.services import Services
from ct_kit.contracts import risk as contract
from ct_kit.web.fastapi import UserDep


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    switch = services.kill_switch

    @routes.get("/v1/risk/limits")
    async def get_state(caller: UserDep) -> contract.RiskState:
        """Return the limits and the halts in force."""
        return await switch.state(caller.owner)

    @routes.put("/v1/risk/limits")
    async def put_limits(caller: UserDep, body: contract.RiskLimits) -> contract.RiskState:
        """Replace the user's limits."""
        return await switch.put_limits(caller.owner, body)

    @routes.post("/v1/risk/halt")
    async def halt(caller: UserDep, body: contract.HaltRequest) -> contract.RiskState:
        """Stop the user's or one bot's orders and cancel what is open."""
        return await switch.halt(caller.owner, body)

    @routes.post("/v1/risk/resume")
    async def resume(caller: UserDep, body: contract.ResumeRequest) -> contract.RiskState:
        """Lift the user's own halt."""
        return await switch.resume(caller.owner, body)

    return routes
