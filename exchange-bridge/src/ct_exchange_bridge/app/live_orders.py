"""Orders that may still change, in memory, each with its lock and what the ledger holds of it."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from ct_exchange_bridge.domain.order import Fill, Order
from ct_exchange_bridge.domain.resolution import Absences
from ct_exchange_bridge.domain.venue_report import OrderReport

KEPT_SETTLED = 2_000
"""Settled orders kept to recognise late reports without reading the database."""
MINUTE_S = 60.0


class LiveOrder:
    """One order under way. `lock` serialises everything that changes it."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.lock = asyncio.Lock()
        self.fills: dict[str, tuple[Decimal, Decimal]] = {}
        """Venue trade id -> (base, quote), as the ledger holds them."""
        self.absences = Absences()
        self.attempted = False
        """Its attempt is under way; while it is, nobody else decides what became of it."""
        self.in_doubt = False
        """A durable write of it failed: what is stored may be older or newer than `order`."""
        self.answer_pending = False
        """The POST is on the wire: what the stream says meanwhile waits for its answer."""
        self.held: list[OrderReport] = []

    def note(self, fills: Iterable[Fill]) -> None:
        """Remember fills that are in the ledger."""
        for fill in fills:
            self.fills[fill.venue_trade_id] = (fill.quantity, fill.quote_quantity)

    @property
    def heard_trades(self) -> set[str]:
        """Return the trades the stream told of while the answer was awaited."""
        return {item.trade_id for report in self.held for item in report.executions}

    @property
    def executed(self) -> tuple[Decimal, Decimal]:
        """Return base and quote of all fills."""
        base = sum((quantity for quantity, _ in self.fills.values()), Decimal(0))
        return base, sum((quote for _, quote in self.fills.values()), Decimal(0))


class LiveOrders:
    """Finds orders by our id and by the id the venue knows."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._by_id: dict[str, LiveOrder] = {}
        self._by_client_id: dict[str, LiveOrder] = {}
        self._settled: OrderedDict[str, LiveOrder] = OrderedDict()
        self._placed: dict[str, deque[float]] = {}

    def add(self, order: Order) -> LiveOrder:
        """Take an order in."""
        live = LiveOrder(order)
        self._by_client_id[order.client_order_id] = live
        self._by_id[order.id] = live
        self.changed(live)
        return live

    def drop(self, live: LiveOrder) -> None:
        """Forget an order that was never stored."""
        self._by_id.pop(live.order.id, None)
        # The same intent, tried anew meanwhile, has the same client order id.
        if self._by_client_id.get(live.order.client_order_id) is live:
            del self._by_client_id[live.order.client_order_id]

    def changed(self, live: LiveOrder) -> None:
        """Move a settled order to the shelf, and drop the oldest from a full one."""
        order = live.order
        if not order.state.is_terminal:
            self._by_id[order.id] = live
            return
        self._by_id.pop(order.id, None)
        self._settled[order.id] = live
        while len(self._settled) > KEPT_SETTLED:
            _, old = self._settled.popitem(last=False)
            self._by_client_id.pop(old.order.client_order_id, None)

    def get(self, order_id: str) -> LiveOrder | None:
        """Find by our id, settled ones on the shelf included."""
        return self._by_id.get(order_id) or self._settled.get(order_id)

    def by_client_id(self, client_order_id: str) -> LiveOrder | None:
        """Find by the id the venue knows."""
        return self._by_client_id.get(client_order_id)

    def by_venue_id(self, account_id: str, venue_order_id: str) -> LiveOrder | None:
        """Find by the venue's number."""
        for live in (*self._by_id.values(), *reversed(self._settled.values())):
            order = live.order
            if order.venue_order_id == venue_order_id and order.account_id == account_id:
                return live
        return None

    def __iter__(self) -> Iterator[LiveOrder]:
        return iter(tuple(self._by_id.values()))

    def of_account(self, account_id: str) -> list[Order]:
        """Return the orders of an account that may still change."""
        return [live.order for live in self._by_id.values() if live.order.account_id == account_id]

    def open_count(self, owner: str) -> int:
        """Count the owner's orders that may still change."""
        return sum(1 for live in self._by_id.values() if live.order.owner == owner)

    def note_placed(self, owner: str) -> None:
        """Count an order against the owner's rate."""
        self._placed.setdefault(owner, deque()).append(self._monotonic())

    def placed_last_minute(self, owner: str) -> int:
        """Count the orders the owner placed in the last minute of this run."""
        times = self._placed.get(owner)
        if times is None:
            return 0
        since = self._monotonic() - MINUTE_S
        while times and times[0] < since:
            times.popleft()
        return len(times)
