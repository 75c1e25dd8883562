"""Average-cost profit and loss from the ledger, exact in decimals.

One identity holds by construction and is tested: deposits + realised + unrealised equals the
value of all holdings, as long as every change of balance is a deposit or a fill we know.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ct_exchange_bridge.domain.order import Fill
from ct_kit.domain import Side

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Deposit:
    """What an account was opened with. `price` is the quote value of one unit then."""

    asset: str
    quantity: Decimal
    price: Decimal
    btc_price: Decimal | None
    """Of one BTC then: what the comparison with buying and holding starts from."""
    at: datetime

    @property
    def value(self) -> Decimal:
        """Return the deposit's value in quote at its time."""
        return self.quantity * self.price


@dataclass(frozen=True, slots=True)
class EquitySnapshot:
    """Equity and deposits of one owner and mode at one time, in quote."""

    at: datetime
    equity: Decimal
    deposited: Decimal


@dataclass(slots=True)
class Position:
    """Units of one asset and what they cost in quote."""

    quantity: Decimal = ZERO
    cost: Decimal = ZERO

    @property
    def average_cost(self) -> Decimal:
        """Return the cost of one unit; 0 where there is none."""
        return self.cost / self.quantity if self.quantity else ZERO

    def add(self, quantity: Decimal, cost: Decimal) -> None:
        """Take units in at a cost."""
        self.quantity += quantity
        self.cost += cost

    def remove(self, quantity: Decimal) -> Decimal:
        """Give units away and return what they had cost, at the average.

        More than is there (placed or deposited outside) costs nothing: only known costs count.
        """
        known = min(quantity, self.quantity)
        cost = self.cost if known == self.quantity else self.average_cost * known
        self.quantity -= known
        self.cost -= cost
        return cost


@dataclass(frozen=True, slots=True)
class RealisedTrade:
    """What one fill realised: a row of the yearly report."""

    fill: Fill
    cost: Decimal
    """Average cost of what was given away, in quote; 0 for a buy."""
    realised: Decimal
    """After the fee, in quote."""


@dataclass(slots=True)
class PositionBook:
    """Positions of one account in the order of its fills; the quote asset is money, not a position."""

    quote: str
    positions: dict[str, Position] = field(default_factory=dict)
    realised: Decimal = ZERO
    fees: Decimal = ZERO
    deposited: Decimal = ZERO
    last_at: datetime | None = None

    def deposit(self, deposit: Deposit) -> None:
        """Take a deposit in at its value."""
        self.deposited += deposit.value
        if deposit.asset != self.quote:
            self._position(deposit.asset).add(deposit.quantity, deposit.value)

    def book(self, fill: Fill) -> RealisedTrade:
        """Apply one fill and return what it realised."""
        position = self._position(fill.symbol.base)
        cost = realised = ZERO
        if fill.side is Side.BUY:
            position.add(fill.quantity, fill.quote_quantity)
        else:
            cost = position.remove(fill.quantity)
            realised = fill.quote_quantity - cost
        realised -= self._fee(fill)
        self.realised += realised
        self.fees += fill.commission_value
        self.last_at = fill.at
        return RealisedTrade(fill, cost, realised)

    def unrealised(self, prices: dict[str, Decimal]) -> Decimal:
        """Return value minus cost of what is held; an asset without a price counts at cost."""
        total = ZERO
        for asset, position in self.positions.items():
            if asset in prices:
                total += position.quantity * prices[asset] - position.cost
        return total

    def _fee(self, fill: Fill) -> Decimal:
        """Return what the commission cost us.

        In quote it is itself. In a held asset the units leave at their average cost; the rest
        of their value is unrealised gain that is gone as well.
        """
        if fill.commission_asset == self.quote:
            return fill.commission
        return self._position(fill.commission_asset).remove(fill.commission)

    def _position(self, asset: str) -> Position:
        return self.positions.setdefault(asset, Position())


def book_of(quote: str, deposits: Iterable[Deposit], fills: Iterable[Fill]) -> PositionBook:
    """Build a book from deposits and fills in the order of their time."""
    book = PositionBook(quote)
    for deposit in deposits:
        book.deposit(deposit)
    for fill in fills:
        book.book(fill)
    return book
