"""Which levels of the book an order trades with. Pure: nothing is taken here."""

from dataclasses import dataclass
from decimal import Decimal

from ct_simulator.domain.book import Book, Level
from ct_simulator.domain.listing import Listing
from ct_simulator.domain.orders import Side


@dataclass(frozen=True, slots=True)
class Match:
    """What an order would trade now: (price in ticks, quantity in steps) per level."""

    levels: list[Level]

    @property
    def steps(self) -> int:
        """Return the quantity in steps."""
        return sum(quantity for _, quantity in self.levels)

    def cost(self, listing: Listing) -> Decimal:
        """Return what the quantity costs in quote."""
        ticks = sum(price * quantity for price, quantity in self.levels)
        return Decimal(ticks).scaleb(-listing.price_digits - listing.quantity_digits)


def match_quantity(book: Book, side: Side, steps: int, limit_ticks: int | None = None) -> Match:
    """Match a quantity, level by level, no worse than the limit price when there is one."""
    levels: list[Level] = []
    for price, available in book.against(side):
        beyond = limit_ticks is not None and (
            price > limit_ticks if side is Side.BUY else price < limit_ticks
        )
        if steps <= 0 or beyond:
            break
        taken = min(available, steps)
        levels.append((price, taken))
        steps -= taken
    return Match(levels)


def match_quote(book: Book, listing: Listing, side: Side, quote: Decimal) -> Match:
    """Match as many whole steps as an amount of quote pays for, or must bring in.

    Rounds the quantity down, so a buy never spends more and a sell never sells more than said.
    """
    budget = int(quote.scaleb(listing.price_digits + listing.quantity_digits))
    levels: list[Level] = []
    for price, available in book.against(side):
        taken = min(available, budget // price)
        if taken <= 0:
            break
        levels.append((price, taken))
        budget -= price * taken
        if taken < available:
            break
    return Match(levels)
