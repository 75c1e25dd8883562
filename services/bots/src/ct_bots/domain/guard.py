"""The bot's last step before an order exists: what a target must pass to become one.

Only `approve` makes an `Approved`, and only an `Approved` becomes an order. The bridge checks
the user's limits and the kill switch again behind us.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ct_bots.domain.book import ZERO, Book, Side, product
from ct_bots.domain.lifecycle import NO_ENTRIES, BotState
from ct_kit.domain import Instrument, Quantity


@dataclass(frozen=True, slots=True)
class Wanted:
    """A target that asks for an order."""

    side: Side
    kind: Literal["market", "limit"]
    quantity: Decimal
    price: Decimal | None
    slot: int
    reason: str


@dataclass(frozen=True, slots=True)
class Approved:
    """A target that passed every rule of the bot."""

    side: Side
    kind: Literal["market", "limit"]
    quantity: Decimal
    price: Decimal | None
    slot: int
    reason: str


@dataclass(frozen=True, slots=True)
class Denied:
    """A target that becomes no order, and why."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Exposure:
    """What the rules look at.

    `cost` is what the position cost, `open_buys` what resting buys would cost, `price` the last
    close. `dust` is what may stick to the position in amounts too small to sell: one quantity
    step for each slot of the strategy. It does not count against the budget, or a grid that
    uses all of its budget would lose a level to a few cents.
    """

    budget: Decimal
    cash: Decimal
    cost: Decimal
    open_buys: Decimal
    dust: Decimal
    base: Decimal
    open_sells: Decimal
    price: Decimal | None


def approve(
    wanted: Wanted, *, state: BotState, acting: bool, exposure: Exposure
) -> Approved | Denied:
    """Return the target as approved, or why it becomes no order.

    `acting` is false on a candle that is seen late or while the market is stale: then nothing is
    ordered at all, because the price the strategy reasoned about has gone.
    """
    if not acting:
        return Denied("candle_not_live", "The candle was seen too late to act on.")
    if wanted.quantity <= 0:
        return Denied("quantity_zero", "The strategy asked for a quantity of 0.")
    if wanted.side == "buy":
        refused = _refuse_entry(wanted, state, exposure)
    else:
        refused = _refuse_exit(wanted, exposure)
    if refused is not None:
        return refused
    return Approved(
        wanted.side, wanted.kind, wanted.quantity, wanted.price, wanted.slot, wanted.reason
    )


def _refuse_entry(wanted: Wanted, state: BotState, exposure: Exposure) -> Denied | None:
    if state in NO_ENTRIES:
        return Denied("entry_suppressed", f"The bot is {state}, so it buys nothing.")
    price = wanted.price if wanted.price is not None else exposure.price
    if price is None:
        return Denied("price_unknown", "No price was seen yet, so the budget cannot be checked.")
    ordered = exposure.open_buys + product(wanted.quantity, price)
    if exposure.cost + ordered > exposure.budget + exposure.dust:
        return Denied(
            "budget_exceeded",
            f"The order would bring the bot to {exposure.cost + ordered:.2f} of its budget of "
            f"{exposure.budget:f}.",
        )
    if ordered > exposure.cash + exposure.dust:
        return Denied(
            "cash_exceeded",
            f"The order needs {ordered:.2f}, the bot has {exposure.cash:.2f} left.",
        )
    return None


def _refuse_exit(wanted: Wanted, exposure: Exposure) -> Denied | None:
    free = max(ZERO, exposure.base - exposure.open_sells)
    if wanted.quantity > free:
        return Denied(
            "position_exceeded",
            f"The bot may sell {free:f}, the strategy asked for {wanted.quantity:f}.",
        )
    return None


def sellable(book: Book, price: Decimal | None, instrument: Instrument) -> Decimal:
    """Return what of the position the venue would take at `price`; dust gives 0."""
    quantity = instrument.floor_quantity(Quantity(book.base)).value
    if price is None or quantity < instrument.min_quantity:
        return ZERO
    if product(quantity, price) < instrument.min_notional:
        return ZERO
    return quantity
