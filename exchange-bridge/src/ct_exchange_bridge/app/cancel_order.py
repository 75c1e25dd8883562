"""Cancelling: by our own id, and what the venue then says is booked like any report."""

import asyncio

from ct_exchange_bridge.app.accounts import Accounts
from ct_exchange_bridge.app.bookkeeper import Bookkeeper
from ct_exchange_bridge.app.live_orders import LiveOrder, LiveOrders
from ct_exchange_bridge.domain.account import Account
from ct_exchange_bridge.domain.order import Order
from ct_exchange_bridge.domain.order_state import CANCELABLE
from ct_exchange_bridge.domain.venue_error import VenueError, VenueErrorKind
from ct_exchange_bridge.errors import as_problem, unknown_order
from ct_exchange_bridge.ports.stores import OrderStore
from ct_exchange_bridge.ports.venue import Credential, OrderVenue
from ct_kit.domain import OrderStatus
from ct_kit.errors import Conflict
from ct_kit.logs import get_logger

_LOG = get_logger(__name__)
_AT_ONCE = 8
"""Cancels in flight together: as many as there are order threads."""


class CancelOrder:
    """Takes orders back. A lost answer changes nothing: the order is looked up instead."""

    def __init__(
        self,
        accounts: Accounts,
        orders: OrderStore,
        live: LiveOrders,
        books: Bookkeeper,
        venue: OrderVenue,
    ) -> None:
        self._accounts = accounts
        self._orders = orders
        self._live = live
        self._books = books
        self._venue = venue

    async def __call__(self, owner: str, order_id: str) -> Order:
        """Cancel one order of this owner and return it as it is then.

        Raises `NotFound`, and `Conflict` `order_closed` or `order_in_flight` where there is
        nothing to cancel (yet).
        """
        stored = await self._orders.get(owner, order_id)
        if stored is None:
            raise unknown_order()
        if stored.state.is_terminal:
            raise Conflict("order_closed", f"The order is {stored.state} already.")
        if stored.state not in CANCELABLE:
            raise Conflict("order_in_flight", "The order is being sent; try again in a moment.")
        account = await self._accounts.get(owner, stored.account_id)
        live = await self._books.adopt(stored)
        try:
            return await self._cancel(account, live)
        except VenueError as error:
            raise as_problem(error) from error

    async def all_open(self, owner: str, bot_id: str | None = None) -> int:
        """Cancel every open order of the owner, or of one bot; return how many are gone."""
        gate = asyncio.Semaphore(_AT_ONCE)
        targets = [
            live
            for live in self._live
            if live.order.owner == owner
            and (bot_id is None or live.order.bot_id == bot_id)
            and live.order.state in CANCELABLE
        ]

        async def one(live: LiveOrder) -> bool:
            account = await self._accounts.get(owner, live.order.account_id)
            async with gate:
                try:
                    order = await self._cancel(account, live)
                except VenueError as error:
                    _LOG.error("cancel_failed", order_id=live.order.id, kind=error.kind)
                    return False
            return order.state is OrderStatus.CANCELED

        return sum(await asyncio.gather(*(one(live) for live in targets)))

    async def _cancel(self, account: Account, live: LiveOrder) -> Order:
        order = live.order
        credential = Credential(account.owner, account.key_id)
        symbol = order.terms.symbol
        try:
            report = await self._venue.cancel_order(credential, symbol, order.client_order_id)
        except VenueError as error:
            if error.kind not in (VenueErrorKind.ORDER_NOT_FOUND, VenueErrorKind.UNKNOWN_OUTCOME):
                raise
            # Filled before we came, or the answer was lost: the venue's record decides.
            report = await self._venue.query_order(
                credential, symbol, client_order_id=order.client_order_id
            )
        return await self._books.absorb(account, report) or live.order
