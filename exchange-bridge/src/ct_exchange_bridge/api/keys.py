"""Asking the venue what an exchange key may do."""

from typing import Annotated

from fastapi import APIRouter, Path

from ct_exchange_bridge.api.services import Services
from ct_kit.contracts.keys import Key
from ct_kit.contracts.orders import AccountId
from ct_kit.web.fastapi import UserDep


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.post("/v1/keys/{key_id}/verify")
    async def verify_key(caller: UserDep, key_id: Annotated[AccountId, Path()]) -> Key:
        """Check a key at the venue and record the result in the vault."""
        return await services.verify_key(caller.owner, key_id)

    return routes
