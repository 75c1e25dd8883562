"""The venue: takes orders, trades them, keeps the books of its customers.

Every change is decided first, then applied to the ledger and written to the journal as one
transaction; nobody outside hears of it before it is on disk (`commit`). All calls except
`commit` are synchronous, so within one event loop each happens at one instant of virtual time.
"""

import hashlib
from collections import deque
from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal

from ct_simulator.app.market import Market, Segment
from ct_simulator.domain.events import (
    AccountOpened,
    Event,
    OrderAccepted,
    OrderClosed,
    OrderFilled,
    Record,
    plain,
)
from ct_simulator.domain.ledger import Account, Ledger
from ct_simulator.domain.listing import ASSET_PRECISION, Listing
from ct_simulator.domain.matching import Match, match_quantity, match_quote
from ct_simulator.domain.orders import (
    ZERO,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from ct_simulator.domain.rules import check_request
from ct_simulator.errors import OrderRefused, Reason, UnknownOrder
from ct_simulator.ports import Journal

Listener = Callable[[Event], None]


class Exchange:
    """Trade for many accounts against one market."""

    def __init__(
        self,
        market: Market,
        ledger: Ledger,
        journal: Journal,
        *,
        maker_fee: Decimal,
        taker_fee: Decimal,
    ) -> None:
        self.market = market
        self.ledger = ledger
        self.maker_fee = maker_fee
        self.taker_fee = taker_fee
        self._journal = journal
        # orders that rested while the simulator was down trade what they missed
        self._settled_ms = dict.fromkeys(ledger.open_by_symbol, ledger.last_time_ms)
        self._unpublished: deque[tuple[int, Event]] = deque()
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Tell every event to a listener, in order, once it is on disk."""
        self._listeners.append(listener)

    @property
    def has_open_orders(self) -> bool:
        """Tell whether any account waits for the price to come."""
        return any(self.ledger.open_by_symbol.values())

    def open_account(
        self, account_id: str, label: str, balances: dict[str, Decimal], idempotency_key: str | None
    ) -> Account:
        """Open an account with free balances."""
        event = AccountOpened(
            account_id, self.market.clock.now_ms(), label, balances, idempotency_key
        )
        self._record([event])
        return self.ledger.account(account_id)

    def check(self, account: Account, request: OrderRequest) -> None:
        """Refuse what `place` would refuse before matching; raises OrderRefused."""
        listing = self.market.listings[request.symbol]
        open_here = sum(
            1 for order in account.open_orders.values() if order.symbol == request.symbol
        )
        check_request(listing, request, self.market.average_price(request.symbol), open_here)
        if request.client_order_id and account.open_by_client_id(request.client_order_id):
            raise OrderRefused(Reason.DUPLICATE_CLIENT_ORDER_ID)

    def place(self, account: Account, request: OrderRequest) -> Order:
        """Accept an order and trade what trades at once.

        Raises OrderRefused, with nothing changed, when a limit of the symbol is broken, the
        client order id is in use, the balance is too small, or a maker order would take.
        """
        self.settle(request.symbol)
        self.check(account, request)
        listing = self.market.listings[request.symbol]
        match, quantity = self._match(listing, request)
        locked = self._to_lock(listing, request, match, quantity)
        asset = listing.quote if request.side is Side.BUY else listing.base
        held = account.balances.get(asset)
        if held is None or held.free < locked:
            raise OrderRefused(Reason.INSUFFICIENT_BALANCE)
        accepted = self._accept(account, request, quantity, locked)
        events: list[Event] = [accepted]
        traded = ZERO
        for number, (price, steps) in enumerate(match.levels, start=1):
            # at the moment of the order, which the answer's transactTime names for both
            filled = self._fill(
                accepted,
                number,
                listing.price(price),
                listing.quantity(steps),
                accepted.time_ms,
                is_maker=False,
            )
            traded += filled.quantity
            events.append(filled)
        stays = request.type is not OrderType.MARKET and (
            request.time_in_force is TimeInForce.GTC or request.type is OrderType.LIMIT_MAKER
        )
        if traded < quantity and not stays:
            events.append(self._close(accepted, accepted.time_ms, OrderStatus.EXPIRED, ""))
        self.market.take(request.symbol, request.side, match.levels)
        self._record(events)
        return account.orders[accepted.order_id]

    def cancel(self, order: Order, cancel_client_order_id: str | None) -> str:
        """Cancel an open order and return the client order id of the cancel.

        Raises UnknownOrder when the order is not open, perhaps because it filled just now.
        """
        self.settle(order.symbol)
        if not order.status.is_open:
            raise UnknownOrder
        name = cancel_client_order_id or self._name("cancel", order.order_id)
        time_ms = self.market.clock.now_ms()
        self._record([self._close(order, time_ms, OrderStatus.CANCELED, name)])
        return name

    def settle(self, symbol: str) -> None:
        """Fill resting orders by what the price did since the last time, up to now.

        A buy fills where the price went below its limit, a sell above (traded through); orders of
        better price and then of earlier id go first; together they get no more than the volume
        the market traded in that stretch. They trade at their own price, as makers.
        """
        now = self.market.clock.now_ms()
        since = self._settled_ms.get(symbol, now)
        self._settled_ms[symbol] = now
        resting = self.ledger.open_by_symbol.get(symbol)
        if not resting or now <= since:
            return
        for segment in self.market.segments(symbol, since, now):
            self._settle_side(symbol, segment, Side.BUY)
            self._settle_side(symbol, segment, Side.SELL)

    def settle_all(self) -> None:
        """Fill the resting orders of every symbol."""
        for symbol in self.market.listings:
            self.settle(symbol)

    async def commit(self) -> None:
        """Return when all that happened so far is on disk, and tell the listeners."""
        position = self._journal.position
        if self._unpublished:
            await self._journal.durable()
        while self._unpublished and self._unpublished[0][0] <= position:
            _, event = self._unpublished.popleft()
            for listener in self._listeners:
                listener(event)

    def _settle_side(self, symbol: str, segment: Segment, side: Side) -> None:
        listing = self.market.listings[symbol]
        sign = -1 if side is Side.BUY else 1
        reached = [
            order
            for order in self.ledger.open_by_symbol.get(symbol, {}).values()
            if order.side is side
            and (
                float(order.price) > segment.low
                if side is Side.BUY
                else float(order.price) < segment.high
            )
        ]
        available = listing.steps(Decimal(repr(segment.volume)))
        for order in sorted(reached, key=lambda order: (sign * order.price, order.order_id)):
            steps = min(available, listing.steps(order.remaining))
            if steps <= 0:
                break
            available -= steps
            quantity = listing.quantity(steps)
            self._record(
                [self._fill(order, 1, order.price, quantity, segment.end_ms, is_maker=True)]
            )

    def _match(self, listing: Listing, request: OrderRequest) -> tuple[Match, Decimal]:
        """Return what trades at once and the whole quantity of the order."""
        book = self.market.book(request.symbol)
        if request.quantity is None:
            match = match_quote(book, listing, request.side, request.quote_quantity or ZERO)
            if match.steps == 0:
                raise OrderRefused(Reason.QUANTITY_STEP)
            return match, listing.quantity(match.steps)
        steps = listing.steps(request.quantity)
        if request.price is None:
            return match_quantity(book, request.side, steps), request.quantity
        limit = int(request.price.scaleb(listing.price_digits))
        if request.type is OrderType.LIMIT_MAKER:
            if book.crosses(request.side, limit):
                raise OrderRefused(Reason.WOULD_TAKE)
            return Match([]), request.quantity
        match = match_quantity(book, request.side, steps, limit)
        if request.time_in_force is TimeInForce.FOK and match.steps < steps:
            return Match([]), request.quantity
        return match, request.quantity

    def _to_lock(
        self, listing: Listing, request: OrderRequest, match: Match, quantity: Decimal
    ) -> Decimal:
        """Return what must be free: at most this is spent."""
        if request.side is Side.SELL:
            return quantity
        if request.price is not None:
            return request.price * quantity
        return match.cost(listing)

    def _accept(
        self, account: Account, request: OrderRequest, quantity: Decimal, locked: Decimal
    ) -> OrderAccepted:
        order_id = self.ledger.last_order_id + 1
        return OrderAccepted(
            account.account_id,
            self.market.clock.now_ms(),
            order_id,
            request.client_order_id or self._name("order", order_id),
            request.symbol,
            request.side,
            request.type,
            request.time_in_force,
            request.price or ZERO,
            quantity,
            request.quote_quantity or ZERO,
            locked,
        )

    def _fill(
        self,
        order: Order | OrderAccepted,
        number: int,
        price: Decimal,
        quantity: Decimal,
        time_ms: int,
        *,
        is_maker: bool,
    ) -> OrderFilled:
        """Make the `number`th fill of a transaction; commission comes off what is received."""
        base, quote = order.symbol.split("-")
        received = quantity if order.side is Side.BUY else price * quantity
        fee = self.maker_fee if is_maker else self.taker_fee
        return OrderFilled(
            order.account_id,
            time_ms,
            order.order_id,
            order.client_order_id,
            self.ledger.last_trade_id + number,
            order.symbol,
            order.side,
            price,
            quantity,
            (received * fee).quantize(ASSET_PRECISION, ROUND_DOWN),
            base if order.side is Side.BUY else quote,
            is_maker,
        )

    def _close(
        self, order: Order | OrderAccepted, time_ms: int, status: OrderStatus, cancel_name: str
    ) -> OrderClosed:
        return OrderClosed(
            order.account_id,
            time_ms,
            order.order_id,
            order.client_order_id,
            order.symbol,
            status,
            cancel_name,
        )

    def _name(self, purpose: str, order_id: int) -> str:
        """Make the client order id of who gave none: the same in every run."""
        return hashlib.sha256(f"{purpose}|{order_id}".encode()).hexdigest()[:22]

    def _record(self, events: list[Event]) -> None:
        """Apply one transaction and write it; the write names the balances each event left."""
        entries: list[tuple[Event, Record]] = []
        for event in events:
            account, assets = self.ledger.apply(event)
            after = {
                asset: {
                    "free": plain(account.balances[asset].free),
                    "locked": plain(account.balances[asset].locked),
                }
                for asset in assets
            }
            entries.append((event, after))
        self._journal.append(entries)
        last = self._journal.position
        first = last - len(events) + 1
        self._unpublished.extend(zip(range(first, last + 1), events, strict=True))
