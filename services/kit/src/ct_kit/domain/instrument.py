"""What a venue lets one trade, in which steps, and why an order would be refused."""

from dataclasses import dataclass
from decimal import Context, Decimal
from enum import StrEnum

from ct_kit.domain.amounts import Money, Price, Quantity
from ct_kit.domain.enums import Side
from ct_kit.domain.symbol import Symbol

_WIDE = Context(prec=60)


class Direction(StrEnum):
    """Which way a number goes to the next step."""

    DOWN = "down"
    UP = "up"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the venue would refuse: a stable code, a sentence, and the field it is about."""

    code: str
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """One symbol at one venue with its filters. `tick_size` is the price's step."""

    symbol: Symbol
    venue: str
    tick_size: Decimal
    step_size: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    min_notional: Decimal

    def __post_init__(self) -> None:
        for name in ("tick_size", "step_size", "min_quantity", "max_quantity", "min_notional"):
            value = getattr(self, name)
            if not isinstance(value, Decimal) or not value.is_finite() or value < 0:
                raise ValueError(f"{name} must be a finite Decimal of 0 or more, was {value!r}")
        if not self.tick_size or not self.step_size:
            raise ValueError("tick_size and step_size must be greater than 0")
        if self.max_quantity < self.min_quantity:
            raise ValueError("max_quantity must not be below min_quantity")

    def round_price(self, price: Price | Decimal, direction: Direction | Side) -> Price:
        """Move a price onto the tick.

        A side rounds for a resting order that must not pay more than was said: a buy goes down,
        a sell goes up. A direction is taken literally.
        """
        if isinstance(direction, Side):
            direction = Direction.DOWN if direction is Side.BUY else Direction.UP
        return Price(_on_step(_number(price), self.tick_size, direction))

    def floor_quantity(self, quantity: Quantity | Decimal) -> Quantity:
        """Round a quantity down to the step: an order never grows by rounding."""
        return Quantity(_on_step(_number(quantity), self.step_size, Direction.DOWN))

    def notional(self, price: Price, quantity: Quantity) -> Money:
        """Return price x quantity in the quote asset, exactly."""
        return Money(_WIDE.multiply(price.value, quantity.value))

    def price_refusals(self, price: Price) -> tuple[Refusal, ...]:
        """Name what is wrong with a limit price; empty when it is acceptable."""
        if not price:
            return (Refusal("price_zero", "price", "The price must be greater than 0."),)
        if _WIDE.remainder(price.value, self.tick_size):
            message = f"The price must be a multiple of {self.tick_size:f}."
            return (Refusal("price_off_tick", "price", message),)
        return ()

    def quantity_refusals(self, quantity: Quantity) -> tuple[Refusal, ...]:
        """Name what is wrong with a quantity; empty when it is acceptable."""
        found = []
        base = self.symbol.base
        if not quantity or quantity.value < self.min_quantity:
            message = f"The smallest quantity is {self.min_quantity:f} {base}."
            found.append(Refusal("quantity_too_small", "quantity", message))
        if quantity.value > self.max_quantity:
            message = f"The largest quantity is {self.max_quantity:f} {base}."
            found.append(Refusal("quantity_too_large", "quantity", message))
        if _WIDE.remainder(quantity.value, self.step_size):
            message = f"The quantity must be a multiple of {self.step_size:f} {base}."
            found.append(Refusal("quantity_off_step", "quantity", message))
        return tuple(found)

    def refusals(self, price: Price, quantity: Quantity) -> tuple[Refusal, ...]:
        """Name everything wrong with a limit order, the minimal notional included."""
        found = self.price_refusals(price) + self.quantity_refusals(quantity)
        return found + self.notional_refusals(price, quantity)

    def notional_refusals(self, price: Price, quantity: Quantity) -> tuple[Refusal, ...]:
        """Say whether the order is worth too little; for a market order give the last price."""
        if self.notional(price, quantity).value >= self.min_notional:
            return ()
        message = f"The order must be worth {self.min_notional:f} {self.symbol.quote} or more."
        return (Refusal("notional_too_small", "quantity", message),)


def _number(amount: Price | Quantity | Decimal) -> Decimal:
    if isinstance(amount, Decimal):
        return amount
    return amount.value


def _on_step(number: Decimal, step: Decimal, direction: Direction) -> Decimal:
    # Whole division and remainder are exact where a quotient might be rounded over the edge.
    count = _WIDE.divide_int(number, step)
    rest = _WIDE.remainder(number, step)
    past_half = rest * 2 > step or (rest * 2 == step and count % 2 == 1)
    if rest and (direction is Direction.UP or (direction is Direction.NEAREST and past_half)):
        count += 1
    return _WIDE.multiply(count, step)
