"""The internal live feed: NDJSON lines of market data and of each owner's orders and fills."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from ct_exchange_bridge.api.services import Services
from ct_kit.identity import Caller
from ct_kit.web.fastapi import ndjson_response, only_callers


def router(services: Services) -> APIRouter:
    """Return the route."""
    routes = APIRouter()
    listener = only_callers("gateway", "bots")

    @routes.get("/v1/stream", response_class=StreamingResponse)
    async def stream(_: Annotated[Caller, Depends(listener)]) -> StreamingResponse:
        """Follow everything from now on."""
        return ndjson_response(services.feed.subscribe())

    return routes
