"""Turns what a venue says about orders into ledger entries and order states.

The ledger comes first: fills are durable before the order that shows them, the order's executed
amounts are the sum of its fills, and no order ends while fills it claims are missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from ct_exchange_bridge.app import views
from ct_exchange_bridge.app.balances import Balances
from ct_exchange_bridge.app.live_orders import LiveOrder, LiveOrders
from ct_exchange_bridge.app.times import now
from ct_exchange_bridge.domain.account import Account
from ct_exchange_bridge.domain.order import Fill, Order
from ct_exchange_bridge.domain.order_state import Event, contradicts
from ct_exchange_bridge.domain.venue_report import Execution, OrderReport
from ct_exchange_bridge.ports.stores import FillStore, OrderStore
from ct_exchange_bridge.ports.venue import Credential, OrderVenue, Prices
from ct_kit.logs import get_logger
from ct_kit.mongo import new_id
from ct_kit.streaming import Broadcaster

_LOG = get_logger(__name__)
_ENDINGS = frozenset({Event.FILL, Event.CANCEL, Event.EXPIRE})


class LostUpdateError(Exception):
    """Another process changed the order: only one bridge may run; stop and look."""


class Bookkeeper:
    """The only writer of order states and fills."""

    def __init__(
        self,
        *,
        orders: OrderStore,
        fills: FillStore,
        live: LiveOrders,
        venue: OrderVenue,
        prices: Prices,
        balances: Balances,
        broadcaster: Broadcaster,
    ) -> None:
        self._orders = orders
        self._fills = fills
        self._live = live
        self._venue = venue
        self._prices = prices
        self._balances = balances
        self._feed = broadcaster
        self._on_fills: list[Callable[[Sequence[Fill]], None]] = []

    def tell_fills(self, listener: Callable[[Sequence[Fill]], None]) -> None:
        """Say who hears of every new fill."""
        self._on_fills.append(listener)

    async def advance(
        self, live: LiveOrder, event: Event, reason: str | None = None, **changes: object
    ) -> Order:
        """Make one arrow of the order durable; the caller holds the order's lock or its intent.

        Raises `LostUpdateError` where somebody else changed the order.
        """
        updated = live.order.after(event, now(), reason)
        return await self._store(live, replace(updated, **changes))  # type: ignore[arg-type]

    async def absorb(self, account: Account, report: OrderReport) -> Order | None:
        """Book what a venue answered about an order; none where the order is not ours."""
        live = await self.find(account, report)
        if live is None:
            await self._book(account, None, report.executions)
            return None
        async with live.lock:
            return await self._absorb(account, live, report)

    async def hear(self, account: Account, report: OrderReport) -> None:
        """Book what the account's stream says; while the POST is answered, it waits.

        The answer carries the same facts in one piece, so waiting saves a durable write. Balances
        follow on the stream by themselves.
        """
        live = await self.find(account, report)
        if live is None:
            await self._book(account, None, report.executions, streamed=True)
        elif live.answer_pending:
            live.held.append(report)
        else:
            async with live.lock:
                await self._absorb(account, live, report, streamed=True)

    async def release(self, account: Account, live: LiveOrder) -> None:
        """Book what the stream said while the POST was answered."""
        live.answer_pending = False
        while live.held:
            async with live.lock:
                await self._absorb(account, live, live.held[0], streamed=True)
                live.held.pop(0)

    async def absorb_trades(self, account: Account, executions: Sequence[Execution]) -> None:
        """Book executions read from the venue, attributed by the venue's order number.

        An order we may have placed but whose number we never learned is asked for by number, so
        that its trades are never taken for somebody else's.
        """
        by_order: dict[str, list[Execution]] = {}
        for execution in executions:
            by_order.setdefault(execution.venue_order_id, []).append(execution)
        for venue_order_id, group in by_order.items():
            live = await self._by_number(account, group[0], venue_order_id)
            if live is None:
                await self._book(account, None, group)
                continue
            async with live.lock:
                await self._book(account, live, group)
                base, quote = live.executed
                if base != live.order.executed_quantity:
                    updated = live.order.after(_progress(live.order, base), now())
                    await self._store(
                        live, replace(updated, executed_quantity=base, executed_quote=quote)
                    )

    async def find(self, account: Account, report: OrderReport) -> LiveOrder | None:
        """Find our order for a report: by our id only, never by time or amount."""
        live = self._live.by_client_id(report.client_order_id)
        if live is not None:
            return live if live.order.account_id == account.id else None
        stored = await self._orders.by_client_id(account.id, report.client_order_id)
        return None if stored is None else await self.adopt(stored)

    async def adopt(self, stored: Order) -> LiveOrder:
        """Take a stored order into memory with its fills."""
        known = self._live.get(stored.id)
        if known is not None:
            return known
        fills = await self._fills.of_order(stored.id)
        # Somebody else may have adopted it during the read.
        live = self._live.get(stored.id) or self._live.add(stored)
        live.note(fills)
        return live

    async def reread(self, live: LiveOrder) -> bool:
        """Take over what is stored of an order after a write of it failed.

        False where nothing is: its insertion failed, and it is forgotten.
        """
        async with live.lock:
            stored = await self._orders.get(live.order.owner, live.order.id)
            live.in_doubt = False
            if stored is None:
                self._live.drop(live)
                return False
            if stored != live.order:
                live.order = stored
                self._live.changed(live)
                self._feed.publish("orders", views.order_view(stored), owner=stored.owner)
        return True

    async def _by_number(
        self, account: Account, sample: Execution, venue_order_id: str
    ) -> LiveOrder | None:
        live = self._live.by_venue_id(account.id, venue_order_id)
        if live is not None:
            return live
        stored = await self._orders.by_venue_id(account.id, sample.symbol, venue_order_id)
        if stored is not None:
            return await self.adopt(stored)
        credential = Credential(account.owner, account.key_id)
        report = await self._venue.query_order(
            credential, sample.symbol, venue_order_id=venue_order_id
        )
        return await self.find(account, report)

    async def _absorb(
        self, account: Account, live: LiveOrder, report: OrderReport, *, streamed: bool = False
    ) -> Order:
        await self._book(account, live, report.executions, streamed=streamed)
        claimed = report.executed_quantity or Decimal(0)
        if claimed > live.executed[0]:
            await self._complete(account, live, report)
        event = report.status.event
        base, quote = live.executed
        if event in _ENDINGS and base < claimed:
            # The venue's trade list lags: the end waits until every fill is in the ledger.
            _LOG.warning("order_end_waits_for_fills", order_id=live.order.id)
            event = Event.PARTIAL if base else Event.OPEN
        order = live.order
        if contradicts(order.state, event):
            _LOG.error("order_contradicted", order_id=order.id, state=order.state, said=event)
        live.absences.forget()
        updated = order.after(event, now(), report.reason)
        updated = replace(
            updated,
            venue_order_id=report.venue_order_id,
            executed_quantity=base,
            executed_quote=quote,
        )
        if _same(order, updated):
            return order
        return await self._store(live, updated)

    async def _complete(self, account: Account, live: LiveOrder, report: OrderReport) -> None:
        """Read the executions a report counts but did not carry."""
        executions = await self._venue.trades_of(
            Credential(account.owner, account.key_id), report.symbol, report.venue_order_id
        )
        await self._book(account, live, executions)

    async def _book(
        self,
        account: Account,
        live: LiveOrder | None,
        executions: Sequence[Execution],
        *,
        streamed: bool = False,
    ) -> None:
        known = {} if live is None else live.fills
        fills = [
            self._fill(account, live, execution)
            for execution in executions
            if execution.trade_id not in known
        ]
        if not fills:
            return
        new = await self._fills.append(fills)
        if live is not None:
            live.note(fills)
        if not new:
            return
        for fill in new:
            self._feed.publish("fills", views.fill_view(fill), owner=fill.owner)
        heard = set() if live is None else live.heard_trades
        if not streamed:
            self._balances.apply([fill for fill in new if fill.venue_trade_id not in heard])
        for listener in self._on_fills:
            listener(new)

    def _fill(self, account: Account, live: LiveOrder | None, execution: Execution) -> Fill:
        return Fill(
            id=new_id("fil"),
            owner=account.owner,
            account_id=account.id,
            mode=account.mode,
            venue=account.venue,
            venue_trade_id=execution.trade_id,
            venue_order_id=execution.venue_order_id,
            order_id=None if live is None else live.order.id,
            bot_id=None if live is None else live.order.bot_id,
            symbol=execution.symbol,
            side=execution.side,
            price=execution.price,
            quantity=execution.quantity,
            quote_quantity=execution.quote_quantity,
            commission=execution.commission,
            commission_asset=execution.commission_asset,
            commission_value=self._worth(execution),
            maker=execution.maker,
            at=views.moment(execution.time_ms),
        )

    def _worth(self, execution: Execution) -> Decimal:
        """Value the commission in quote, at the price of the fill itself where it can be."""
        if execution.commission_asset == execution.symbol.quote:
            return execution.commission
        if execution.commission_asset == execution.symbol.base:
            return execution.commission * execution.price
        price = self._prices.value_in_quote(execution.commission_asset)
        if price is None:
            _LOG.error("commission_not_valued", asset=execution.commission_asset)
            return Decimal(0)
        return execution.commission * price

    async def _store(self, live: LiveOrder, updated: Order) -> Order:
        live.in_doubt = True
        if not await self._orders.replace(updated):
            raise LostUpdateError(f"order {updated.id} was changed by somebody else")
        live.in_doubt = False
        live.order = updated
        self._live.changed(live)
        self._feed.publish("orders", views.order_view(updated), owner=updated.owner)
        return updated


def _progress(order: Order, base: Decimal) -> Event:
    """Return what newly found fills make of an order."""
    wanted = order.terms.quantity
    return Event.FILL if wanted is not None and base >= wanted else Event.PARTIAL


def _same(order: Order, updated: Order) -> bool:
    return (
        order.state is updated.state
        and order.venue_order_id == updated.venue_order_id
        and order.executed_quantity == updated.executed_quantity
    )
