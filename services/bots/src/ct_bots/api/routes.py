"""Routes of the bots' API; shapes are those of `ct_kit.contracts.bots`."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Header, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from ct_bots.app.strategies import catalogue
from ct_bots.app.views import bot_view
from ct_bots.domain.lifecycle import Verb
from ct_kit.contracts.bots import (
    Bot,
    BotChange,
    BotCreate,
    BotEquity,
    BotEvent,
    BotList,
    Decision,
    StrategyList,
)
from ct_kit.contracts.common import Page, Request
from ct_kit.contracts.orders import Order
from ct_kit.web.fastapi import CallerDep, UserDep, ndjson_response

if TYPE_CHECKING:
    from ct_bots.api.app import Services

BotId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        pattern=r"^[A-Za-z0-9._:-]+$",
        description="The same key and body give the same bot; another body is refused.",
    ),
]


class PageQuery(Request):
    """Which page of a list, newest first."""

    cursor: str | None = Field(default=None, min_length=1, max_length=200)
    limit: int = Field(default=50, ge=1, le=200)


def make_router(services: "Services") -> APIRouter:
    """Return the routes over these services."""
    router = APIRouter(prefix="/v1", tags=["bots"])
    _add_bots(router, services)
    _add_verbs(router, services)
    _add_records(router, services)

    @router.get("/stream")
    async def stream(_caller: CallerDep) -> StreamingResponse:
        """Send `Bot` and `BotEvent` on the owner-tagged channel `bots` as NDJSON."""
        return ndjson_response(services.broadcaster.subscribe())

    return router


def _add_bots(router: APIRouter, services: "Services") -> None:
    @router.get("/strategies", operation_id="list_strategies")
    async def list_strategies(_caller: CallerDep) -> StrategyList:
        """List all strategies with the JSON schemas of their parameters."""
        return catalogue()

    @router.get("/bots", operation_id="list_bots")
    async def list_bots(caller: UserDep) -> BotList:
        """List the user's bots, newest first."""
        return BotList(items=[bot_view(held) for held in await services.bots.all_of(caller.owner)])

    @router.post("/bots", operation_id="create_bot", status_code=201)
    async def create_bot(caller: UserDep, body: BotCreate, key: IdempotencyKey = None) -> Bot:
        """Make a bot; it does nothing until started."""
        return bot_view(await services.create(caller.owner, body, key))

    @router.get("/bots/{bot_id}", operation_id="read_bot")
    async def read_bot(caller: UserDep, bot_id: BotId) -> Bot:
        """Return one bot."""
        return bot_view(await services.bots.get(caller.owner, bot_id))

    @router.patch("/bots/{bot_id}", operation_id="change_bot")
    async def change_bot(caller: UserDep, bot_id: BotId, body: BotChange) -> Bot:
        """Change label or parameters; parameters hold from the next start on."""
        return bot_view(await services.control.change(caller.owner, bot_id, body))

    @router.delete("/bots/{bot_id}", operation_id="delete_bot", status_code=204)
    async def delete_bot(caller: UserDep, bot_id: BotId) -> None:
        """Remove a bot at rest; its orders and fills stay in the ledger."""
        await services.control.delete(caller.owner, bot_id)


def _add_verbs(router: APIRouter, services: "Services") -> None:
    def add(verb: Verb, summary: str) -> None:
        name = f"{verb.replace('-', '_')}_bot"

        @router.post(f"/bots/{{bot_id}}/{verb}", operation_id=name, name=name, summary=summary)
        async def command(caller: UserDep, bot_id: BotId) -> Bot:
            return bot_view(await services.control.command(caller.owner, bot_id, verb))

    add("start", "Start trading, with the newest parameters")
    add("pause", "Buy nothing, take back resting buys, still sell")
    add("drain", "Buy nothing more, stop once the strategy has sold all")
    add("stop", "Take back open orders and stop; the position stays")
    add("force-exit", "Take back open orders, sell the position at market, stop")


def _add_records(router: APIRouter, services: "Services") -> None:
    @router.get("/bots/{bot_id}/events", operation_id="list_bot_events")
    async def list_events(
        caller: UserDep, bot_id: BotId, page: Annotated[PageQuery, Query()]
    ) -> Page[BotEvent]:
        """List the bot's log, newest first."""
        await services.bots.get(caller.owner, bot_id)
        found = await services.records.events(caller.owner, bot_id, page.cursor, page.limit + 1)
        more = found[page.limit - 1].id if len(found) > page.limit else None
        return Page[BotEvent](items=found[: page.limit], next_cursor=more)

    @router.get("/bots/{bot_id}/decisions", operation_id="list_bot_decisions")
    async def list_decisions(
        caller: UserDep, bot_id: BotId, page: Annotated[PageQuery, Query()]
    ) -> Page[Decision]:
        """List the steps in which the strategy wanted something, newest first."""
        await services.bots.get(caller.owner, bot_id)
        found = await services.records.decisions(caller.owner, bot_id, page.cursor, page.limit + 1)
        more = found[page.limit - 1].id if len(found) > page.limit else None
        return Page[Decision](items=found[: page.limit], next_cursor=more)

    @router.get("/bots/{bot_id}/orders", operation_id="list_bot_orders")
    async def list_orders(
        caller: UserDep, bot_id: BotId, page: Annotated[PageQuery, Query()]
    ) -> Page[Order]:
        """List the bot's orders, newest first, as the exchange bridge knows them."""
        await services.bots.get(caller.owner, bot_id)
        params: dict[str, Any] = {"bot_id": bot_id, "limit": page.limit}
        if page.cursor is not None:
            params["cursor"] = page.cursor
        return Page[Order].model_validate(await services.bridge.orders_page(caller.owner, params))

    @router.get("/bots/{bot_id}/equity", operation_id="read_bot_equity")
    async def read_equity(caller: UserDep, bot_id: BotId) -> BotEquity:
        """Return the value of the bot's budget over time, ascending."""
        await services.bots.get(caller.owner, bot_id)
        return BotEquity(items=await services.records.equity(caller.owner, bot_id))
