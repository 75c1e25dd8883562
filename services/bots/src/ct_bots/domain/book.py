"""A bot's position from its own fills alone, exact to the venue's digits.

Average-cost accounting. With B the budget, C the cost of what is held and R the realised profit,
the bot's cash is B - C + R at every moment, so cash, cost and profit cannot drift apart.
"""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Literal

from ct_kit.errors import Conflict

Side = Literal["buy", "sell"]

ZERO = Decimal(0)
# 18 decimals is the finest our wire carries; 34 digits is what Decimal128 keeps.
_UNIT = Decimal(1).scaleb(-18)
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Execution:
    """One fill as the book sees it. `fee_base` and `fee_quote` are what was charged in each."""

    side: Side
    quantity: Decimal
    quote: Decimal
    price: Decimal
    fee_base: Decimal = ZERO
    fee_quote: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Book:
    """What the bot holds. `fees` is all fees so far, valued in quote at the fill's price."""

    base: Decimal = ZERO
    cost: Decimal = ZERO
    realised: Decimal = ZERO
    fees: Decimal = ZERO

    @property
    def average_price(self) -> Decimal | None:
        """Return the cost of one base unit held, fees in base included; None when flat."""
        if not self.base:
            return None
        return rounded(_WIDE.divide(self.cost, self.base))

    def cash(self, budget: Decimal) -> Decimal:
        """Return the quote left of the budget; open orders are not deducted."""
        return _WIDE.add(_WIDE.subtract(budget, self.cost), self.realised)

    def value(self, price: Decimal) -> Decimal:
        """Return what is held, valued at `price`."""
        return product(self.base, price)

    def unrealised(self, price: Decimal) -> Decimal:
        """Return the profit that a sale of everything at `price` would realise, before fees."""
        return _WIDE.subtract(self.value(price), self.cost)

    def equity(self, budget: Decimal, price: Decimal) -> Decimal:
        """Return cash plus the position's value."""
        return _WIDE.add(self.cash(budget), self.value(price))

    def after(self, execution: Execution) -> "Book":
        """Return the book after one fill.

        Raises `Conflict` (`position_mismatch`) for a sale of more than the bot ever bought: the
        venue and we disagree, and acting on would guess.
        """
        fees = _WIDE.add(
            self.fees,
            _WIDE.add(execution.fee_quote, product(execution.fee_base, execution.price)),
        )
        if execution.side == "buy":
            received = _WIDE.subtract(execution.quantity, execution.fee_base)
            paid = _WIDE.add(execution.quote, execution.fee_quote)
            return replace(
                self,
                base=_WIDE.add(self.base, received),
                cost=_WIDE.add(self.cost, paid),
                fees=fees,
            )
        given = _WIDE.add(execution.quantity, execution.fee_base)
        if given > self.base:
            raise Conflict(
                "position_mismatch",
                f"A fill sold {given:f}, but the bot's own fills bought only {self.base:f}.",
            )
        share = self._cost_of(given)
        earned = _WIDE.subtract(execution.quote, execution.fee_quote)
        return Book(
            base=_WIDE.subtract(self.base, given),
            cost=_WIDE.subtract(self.cost, share),
            realised=_WIDE.add(self.realised, _WIDE.subtract(earned, share)),
            fees=fees,
        )

    def _cost_of(self, quantity: Decimal) -> Decimal:
        if quantity == self.base:
            return self.cost  # the last unit takes the rounding of all before it
        return rounded(_WIDE.divide(_WIDE.multiply(self.cost, quantity), self.base))


def product(left: Decimal, right: Decimal) -> Decimal:
    """Return left x right, to 18 decimals."""
    return rounded(_WIDE.multiply(left, right))


def rounded(value: Decimal) -> Decimal:
    """Round to 18 decimals when there are more; exact otherwise."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -18:
        return value.quantize(_UNIT, context=_WIDE)
    return value
