"""Portfolio, its history and the yearly report."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from ct_exchange_bridge.api.services import Services
from ct_kit.contracts import portfolio as contract
from ct_kit.contracts.common import ModeName
from ct_kit.domain import Mode
from ct_kit.web.fastapi import UserDep

YearQuery = Annotated[int, Query(ge=2009, le=2100)]


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    desk = services.portfolio

    @routes.get("/v1/portfolio")
    async def get_portfolio(caller: UserDep, mode: ModeName = "paper") -> contract.Portfolio:
        """Return the totals of one mode; paper and live are never summed."""
        return await desk.portfolio(caller.owner, Mode(mode))

    @routes.get("/v1/portfolio/history")
    async def get_history(caller: UserDep, mode: ModeName = "paper") -> contract.EquityHistory:
        """Return equity over time."""
        return await desk.history(caller.owner, Mode(mode), None)

    @routes.get("/v1/portfolio/report.csv", response_class=Response)
    async def get_report(caller: UserDep, year: YearQuery, mode: ModeName = "paper") -> Response:
        """Return every trade of a calendar year (UTC) with what it realised."""
        text = await desk.report(caller.owner, Mode(mode), year)
        headers = {"Content-Disposition": f'attachment; filename="cryptotrade-{mode}-{year}.csv"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=headers)

    return routes
