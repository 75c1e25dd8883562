"""Settles what is in doubt by evidence alone, and never sends an order.

safety.md 3.2: an unknown order is looked up by our id; only well-formed "not found" answers,
spaced, after the venue's own deadline, and confirmed by open orders, history and trades, prove
that it was never placed. Until then its whole quantity stays reserved.
"""

import asyncio
import time
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

from ct_exchange_bridge.app.accounts import Accounts
from ct_exchange_bridge.app.bookkeeper import Bookkeeper
from ct_exchange_bridge.app.live_orders import LiveOrder, LiveOrders
from ct_exchange_bridge.app.place_order import stale_intent_reason
from ct_exchange_bridge.domain.account import Account
from ct_exchange_bridge.domain.order_state import Event
from ct_exchange_bridge.domain.resolution import fence_passed
from ct_exchange_bridge.domain.venue_error import VenueError, VenueErrorKind
from ct_exchange_bridge.ports.stores import FillStore, OrderStore
from ct_exchange_bridge.ports.venue import Credential, OrderVenue
from ct_kit.domain import OrderStatus, Symbol
from ct_kit.errors import CtError
from ct_kit.logs import get_logger

_LOG = get_logger(__name__)

OVERLAP = timedelta(seconds=60)
"""A resync reads trades again from this long before the newest one the ledger has (O8)."""
_UNSENT = frozenset({OrderStatus.INTENT, OrderStatus.CLAIMED})
_WORKING = frozenset({OrderStatus.ACKED, OrderStatus.OPEN, OrderStatus.PARTIAL})


class Reconciler:
    """Compares our orders with the venue's records, at start, after every outage, and always."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        orders: OrderStore,
        fills: FillStore,
        live: LiveOrders,
        books: Bookkeeper,
        venue: OrderVenue,
        lookup_every_s: float,
        compare_every_s: float,
        reconcile_only: bool,
    ) -> None:
        self._accounts = accounts
        self._orders = orders
        self._fills = fills
        self._live = live
        self._books = books
        self._venue = venue
        self._lookup_every_s = lookup_every_s
        self._compare_every_s = compare_every_s
        self._reconcile_only = reconcile_only

    async def recover(self) -> int:
        """Take over what an earlier run left; return how many orders are in doubt.

        SENDING was perhaps on the wire: it becomes UNKNOWN. CLAIMED was not, because the socket
        is only touched after SENDING is durable, and its price is old by now: it is refused as
        stale. After a restore (`reconcile_only`) even that is not certain: it becomes UNKNOWN.
        """
        doubtful = 0
        for stored in await self._orders.unsettled():
            doubtful += await self._conclude(await self._books.adopt(stored))
        return doubtful

    async def run(self) -> None:
        """Look up what is unknown every few seconds, and compare all working orders now and then."""
        compared_at = time.monotonic()
        while True:
            await asyncio.sleep(self._lookup_every_s)
            for live in self._live:
                if not live.attempted:
                    await self._guarded(self._settle(live))
            if time.monotonic() - compared_at >= self._compare_every_s:
                compared_at = time.monotonic()
                await self._guarded(self._adopt_strays())
                for account_id in {live.order.account_id for live in self._live}:
                    await self._guarded(self._compare_by_id(account_id))

    async def resync(self, account: Account) -> None:
        """Read what a broken stream may have missed: open orders, ours in doubt, and trades.

        Raises `VenueError` or `CtError`; the stream is then made anew and asks again.
        """
        await self.compare(account)
        credential = Credential(account.owner, account.key_id)
        for symbol in self._accounts.symbols():
            newest = await self._fills.newest_at(account.id, symbol)
            since_ms = None if newest is None else int((newest - OVERLAP).timestamp() * 1000)
            executions = await self._venue.trades_since(credential, symbol, since_ms)
            await self._books.absorb_trades(account, executions)

    async def compare(self, account: Account) -> None:
        """Bring every working order of the account to what the venue says of it."""
        credential = Credential(account.owner, account.key_id)
        reports = await self._venue.open_orders(credential)
        listed = {report.client_order_id for report in reports}
        for report in reports:
            await self._books.absorb(account, report)
        for live in self._live:
            order = live.order
            if order.account_id != account.id or order.state not in _WORKING:
                continue
            if order.client_order_id not in listed:
                found = await self._venue.query_order(
                    credential, order.terms.symbol, client_order_id=order.client_order_id
                )
                await self._books.absorb(account, found)

    async def _settle(self, live: LiveOrder) -> None:
        """Bring on an order whose attempt is over, also one that an outage of the database left."""
        if live.in_doubt and not await self._books.reread(live):
            return
        async with live.lock:
            await self._conclude(live)
        if live.order.state is OrderStatus.UNKNOWN:
            await self._resolve(live)

    async def _conclude(self, live: LiveOrder) -> bool:
        """Say what an attempt that is over came to; True where only the venue can tell.

        The socket is only touched after SENDING is durable, so what is not SENDING was not sent,
        and its price is old by now.
        """
        order = live.order
        if order.state in _UNSENT and not self._reconcile_only:
            await self._books.advance(live, Event.ABANDON, stale_intent_reason(order.created_at))
            return False
        if order.state in (*_UNSENT, OrderStatus.SENDING):
            await self._books.advance(
                live, Event.LOSE, "It was interrupted while it was sent; the venue is asked."
            )
            return True
        return False

    async def _adopt_strays(self) -> None:
        """Take over orders that reached the database after their insertion was given up."""
        for stored in await self._orders.unsettled():
            await self._books.adopt(stored)

    async def _compare_by_id(self, account_id: str) -> None:
        account = self._accounts.known(account_id)
        if account is not None:
            await self.compare(account)

    async def _resolve(self, live: LiveOrder) -> None:
        account = self._accounts.known(live.order.account_id)
        if account is None:
            return
        order = live.order
        credential = Credential(account.owner, account.key_id)
        try:
            report = await self._venue.query_order(
                credential, order.terms.symbol, client_order_id=order.client_order_id
            )
        except VenueError as error:
            if error.kind is not VenueErrorKind.ORDER_NOT_FOUND:
                raise
            live.absences.note(time.monotonic_ns() // 1_000_000)
            if live.absences.enough and self._deadline_passed(live):
                await self._prove_absent(account, credential, live)
            return
        await self._books.absorb(account, report)

    def _deadline_passed(self, live: LiveOrder) -> bool:
        order = live.order
        signed_at_ms = order.signed_at_ms
        if signed_at_ms is None:  # after a restore: the intent's own time is the latest it can be
            signed_at_ms = int(order.created_at.timestamp() * 1000)
        return fence_passed(signed_at_ms, order.recv_window_ms or 60_000, self._venue.stamp_ms())

    async def _prove_absent(
        self, account: Account, credential: Credential, live: LiveOrder
    ) -> None:
        """Ask for the last three witnesses; any that knows the order settles it the other way."""
        order = live.order
        symbol: Symbol = order.terms.symbol
        signed_at_ms = order.signed_at_ms or int(order.created_at.timestamp() * 1000)
        since_ms = self._venue.history_start_ms(signed_at_ms)
        for report in (
            *await self._venue.open_orders(credential),
            *await self._venue.orders_since(credential, symbol, since_ms),
        ):
            if report.client_order_id == order.client_order_id:
                await self._books.absorb(account, report)
                return
        executions = await self._venue.trades_since(credential, symbol, since_ms)
        await self._books.absorb_trades(account, executions)
        async with live.lock:
            if live.order.state is OrderStatus.UNKNOWN and not live.fills:
                await self._books.advance(
                    live, Event.PROVE_ABSENT, "The venue's records show it was never placed."
                )

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on with the next order when one cannot be settled now; it is tried again."""
        try:
            await work
        except VenueError as error:
            _LOG.warning("reconcile_postponed", kind=error.kind, message=error.message)
        except CtError as error:
            _LOG.warning("reconcile_postponed", code=error.code, message=error.detail)
        except Exception:  # noqa: BLE001 - one order must not keep the others from being settled
            _LOG.exception("reconcile_failed")
