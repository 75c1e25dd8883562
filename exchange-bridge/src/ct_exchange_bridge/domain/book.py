"""Walking an order book: what a market order would cost now."""

from dataclasses import dataclass
from decimal import Decimal

from ct_exchange_bridge.domain.market import BookView, Levels
from ct_kit.domain import Side


@dataclass(frozen=True, slots=True)
class Walk:
    """What the visible book would give: amounts, average and the last price touched."""

    quantity: Decimal
    quote: Decimal
    worst_price: Decimal
    complete: bool
    """False where the visible levels do not hold the whole order."""

    @property
    def average_price(self) -> Decimal:
        """Return quote per base; 0 where nothing is offered."""
        return self.quote / self.quantity if self.quantity else Decimal(0)


def walk(
    book: BookView,
    side: Side,
    *,
    quantity: Decimal | None = None,
    quote_quantity: Decimal | None = None,
) -> Walk:
    """Take levels from the best on until `quantity` base or `quote_quantity` quote is reached."""
    levels: Levels = book.asks if side is Side.BUY else book.bids
    base, quote, worst = Decimal(0), Decimal(0), Decimal(0)
    for price, offered in levels:
        if quantity is not None:
            take = min(offered, quantity - base)
        else:
            take = min(offered, ((quote_quantity or Decimal(0)) - quote) / price)
        if take <= 0:
            break
        base, quote, worst = base + take, quote + take * price, price
    reached = base >= quantity if quantity is not None else quote >= (quote_quantity or Decimal(0))
    return Walk(base, quote, worst, complete=reached or _within_rounding(quote, quote_quantity))


def _within_rounding(quote: Decimal, wanted: Decimal | None) -> bool:
    """Dividing by a price leaves a remainder in the 28th digit; that is still complete."""
    return wanted is not None and wanted > 0 and (wanted - quote) / wanted < Decimal("1e-12")


def mid_price(book: BookView) -> Decimal | None:
    """Return the middle between best bid and best ask; none where a side is empty."""
    if not book.bids or not book.asks:
        return None
    return (book.bids[0][0] + book.asks[0][0]) / 2
