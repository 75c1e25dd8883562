"""The exchange bridge over REST, in the owner's name."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from ct_bots.domain.bot import Bot
from ct_bots.domain.orders import BotOrder
from ct_kit.contracts.accounts import Account
from ct_kit.contracts.markets import CandleList, InstrumentView, Market
from ct_kit.contracts.orders import Fill, Order
from ct_kit.domain import Instrument, Symbol
from ct_kit.http import ServiceClient

_PAGE = 200
_MOST_PAGES = 20  # 4,000 fills or orders back; nothing unsettled is older than that
_VENUE = "binance"


class RestBridge:
    """Implements what API and runner need from the bridge."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def account(self, owner: str, account_id: str) -> Account:
        """Return the account; raises `NotFound` for one that is not the owner's."""
        found = await self._client.request("GET", f"/v1/accounts/{account_id}", subject=owner)
        return Account.model_validate(found)

    async def instrument(self, owner: str, symbol: str) -> Instrument:
        """Return what may be traded and in which steps; raises `NotFound`."""
        found = await self._client.request("GET", f"/v1/markets/{symbol}", subject=owner)
        return _instrument(Market.model_validate(found).instrument)

    async def orders_page(self, owner: str, params: Mapping[str, Any]) -> Any:
        """Return a page of orders as the bridge wrote it."""
        return await self._client.request("GET", "/v1/orders", subject=owner, params=params)

    async def submit(self, bot: Bot, order: BotOrder) -> Order:
        """Place the order under its idempotency key."""
        body = {
            "account_id": bot.account_id,
            "symbol": bot.symbol,
            "side": order.side,
            "type": order.kind,
            "quantity": format(order.quantity, "f"),
            "bot_id": bot.id,
        }
        if order.price is not None:
            body |= {"price": format(order.price, "f"), "time_in_force": "GTC"}
        found = await self._client.request(
            "POST",
            "/v1/orders",
            subject=bot.owner,
            json=body,
            headers={"Idempotency-Key": order.key},
        )
        return Order.model_validate(found)

    async def cancel(self, owner: str, order_id: str) -> Order:
        """Ask the venue to take an order back."""
        found = await self._client.request("DELETE", f"/v1/orders/{order_id}", subject=owner)
        return Order.model_validate(found)

    async def order(self, owner: str, order_id: str) -> Order:
        """Return one order."""
        found = await self._client.request("GET", f"/v1/orders/{order_id}", subject=owner)
        return Order.model_validate(found)

    async def find_order(self, bot: Bot, client_order_id: str) -> Order | None:
        """Look through the bot's newest orders for the id the venue knows it under."""
        async for item in self._pages("/v1/orders", bot):
            if item.get("client_order_id") == client_order_id:
                return Order.model_validate(item)
        return None

    async def fills_of(self, bot: Bot, order_ids: Sequence[str]) -> list[Fill]:
        """Return all fills of these orders, oldest first."""
        found = [
            Fill.model_validate(item)
            for order_id in order_ids
            async for item in self._pages("/v1/fills", bot, order_id=order_id)
        ]
        return sorted(found, key=_age)

    async def candles(
        self, bot: Bot, *, start: int | None, end: int | None, limit: int
    ) -> CandleList:
        """Return candles of the bot's market, ascending."""
        params: dict[str, Any] = {"interval": bot.interval, "limit": limit}
        if start is not None:
            params["start"] = start
        if end is not None:
            params["end"] = end
        path = f"/v1/markets/{bot.symbol}/candles"
        found = await self._client.request("GET", path, subject=bot.owner, params=params)
        return CandleList.model_validate(found)

    async def _pages(self, path: str, bot: Bot, **where: str) -> AsyncIterator[dict[str, Any]]:
        params: dict[str, Any] = {"bot_id": bot.id, "limit": _PAGE, **where}
        for _ in range(_MOST_PAGES):
            page = await self._client.request("GET", path, subject=bot.owner, params=params)
            for item in page["items"]:
                yield item
            if page.get("next_cursor") is None:
                return
            params["cursor"] = page["next_cursor"]


def _age(fill: Fill) -> tuple[datetime, int, str]:
    # Trade ids are numbers in text: of equal length they sort as they count.
    return fill.at, len(fill.venue_trade_id), fill.venue_trade_id


def _instrument(view: InstrumentView) -> Instrument:
    return Instrument(
        symbol=Symbol.parse(view.symbol),
        venue=_VENUE,
        tick_size=view.tick_size,
        step_size=view.step_size,
        min_quantity=view.min_quantity,
        max_quantity=view.max_quantity,
        min_notional=view.min_notional,
    )
