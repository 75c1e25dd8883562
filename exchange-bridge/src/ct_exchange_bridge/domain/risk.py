"""Every rule an order must pass before it is signed, and what it looks at. Pure; fails closed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from ct_exchange_bridge.domain.market import ListedInstrument
from ct_exchange_bridge.domain.order import OrderTerms
from ct_kit.domain import OrderType, Price, Quantity, Refusal, Side

Scope = Literal["user", "bot", "venue", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one user; None means the operator's alone holds."""

    max_order_notional: Decimal | None = None
    max_open_orders: int | None = None
    max_orders_per_minute: int | None = None
    price_collar: Decimal | None = None
    allowed_symbols: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorLimits:
    """Limits nobody can raise from the page."""

    max_order_notional: Decimal
    max_open_orders: int
    max_orders_per_minute: int
    price_collar: Decimal


@dataclass(frozen=True, slots=True)
class Halt:
    """One stop in force. `target` is the user, bot or venue it is about, `*` for all."""

    scope: Scope
    target: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is true at the moment of the check."""

    listed: ListedInstrument
    limits: Limits
    operator: OperatorLimits
    halts: tuple[Halt, ...]
    last_price: Decimal | None
    expected_price: Decimal | None
    """What one base unit would cost or bring now: the book walked, or the limit price."""
    stale: bool
    open_orders: int
    orders_last_minute: int
    available: Decimal | None
    """Of the asset that is given away, reservations taken off; None where unknown."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule, whether the order passes it, and what to do when not."""

    code: str
    passed: bool
    message: str
    field: str = "body"
    remedy: str = ""


@dataclass(slots=True)
class _Sheet:
    verdicts: list[Verdict] = field(default_factory=list)

    def rule(self, code: str, passed: bool, message: str, where: str, remedy: str) -> None:
        self.verdicts.append(
            Verdict(code, passed, "" if passed else message, where, "" if passed else remedy)
        )


_CODES = {
    "price_off_tick": "price_tick",
    "price_zero": "price_tick",
    "quantity_off_step": "quantity_step",
    "quantity_too_small": "min_quantity",
    "quantity_too_large": "max_quantity",
    "notional_too_small": "min_notional",
}
"""The kit's names for filter refusals -> the stable codes of our API."""

_FILTER_CODES = ("price_tick", "quantity_step", "min_quantity", "max_quantity", "min_notional")


def judge(terms: OrderTerms, now: Situation) -> tuple[Verdict, ...]:
    """Apply every rule and return all verdicts, refusals first to the one that matters most."""
    sheet = _Sheet()
    _halts(sheet, now.halts)
    _market(sheet, terms, now)
    _filters(sheet, terms, now)
    _limits(sheet, terms, now)
    _balance(sheet, terms, now)
    return tuple(sheet.verdicts)


def refusals(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Return the rules that were not passed."""
    return tuple(verdict for verdict in verdicts if not verdict.passed)


def _halts(sheet: _Sheet, halts: tuple[Halt, ...]) -> None:
    reasons = ", ".join(f"{halt.scope}: {halt.reason}" for halt in halts)
    message = f"Trading is halted ({reasons})."
    sheet.rule("halted", not halts, message, "body", "Resume trading, then place the order again.")


def _market(sheet: _Sheet, terms: OrderTerms, now: Situation) -> None:
    symbol = terms.symbol
    message = f"{symbol} is not trading at the venue now."
    sheet.rule("symbol_halted", now.listed.trading, message, "body.symbol", "Pick another market.")
    blind = now.last_price is None or (now.stale and terms.type is OrderType.MARKET)
    message = f"The newest price of {symbol} is too old to trade on."
    sheet.rule("stale_market", not blind, message, "body.type", "Wait until prices move again.")


def _filters(sheet: _Sheet, terms: OrderTerms, now: Situation) -> None:
    found = {_CODES[item.code]: item for item in _filter_refusals(terms, now)}
    for code in _FILTER_CODES:
        item = found.get(code)
        if item is None:
            sheet.rule(code, True, "", "", "")
            continue
        where = item.field
        if where == "quantity" and terms.quantity is None:
            where = "quote_quantity"
        sheet.rule(code, False, item.message, f"body.{where}", _remedy(code, terms, now))


def _filter_refusals(terms: OrderTerms, now: Situation) -> list[Refusal]:
    instrument = now.listed.instrument
    found: list[Refusal] = []
    price = terms.price or now.expected_price or now.last_price
    if terms.price is not None:
        found += instrument.price_refusals(Price(terms.price))
    if terms.quantity is not None:
        found += instrument.quantity_refusals(Quantity(terms.quantity))
        most = now.listed.max_market_quantity
        if terms.type is OrderType.MARKET and terms.quantity > most:
            message = f"The largest market order is {most:f} {terms.symbol.base}."
            found.append(Refusal("quantity_too_large", "quantity", message))
        if price is not None:
            found += instrument.notional_refusals(Price(price), Quantity(terms.quantity))
    elif terms.quote_quantity is not None and terms.quote_quantity < instrument.min_notional:
        message = (
            f"The order must be worth {instrument.min_notional:f} {terms.symbol.quote} or more."
        )
        found.append(Refusal("notional_too_small", "quantity", message))
    return found


def _remedy(code: str, terms: OrderTerms, now: Situation) -> str:
    instrument = now.listed.instrument
    if code == "price_tick" and terms.price:
        return f"Try {instrument.round_price(terms.price, terms.side)}."
    if code == "quantity_step" and terms.quantity:
        return f"Try {instrument.floor_quantity(terms.quantity)}."
    if code == "min_notional":
        return "Order more, or at a higher price."
    return "Order more." if code == "min_quantity" else "Order less."


def _limits(sheet: _Sheet, terms: OrderTerms, now: Situation) -> None:
    limits, operator = now.limits, now.operator
    allowed = limits.allowed_symbols is None or str(terms.symbol) in limits.allowed_symbols
    message = f"{terms.symbol} is not on your list of allowed markets."
    sheet.rule("symbol_not_allowed", allowed, message, "body.symbol", "Allow it in the limits.")

    most = _least(limits.max_order_notional, operator.max_order_notional)
    worth = notional(terms, now.expected_price or now.last_price)
    message = f"The order is worth more than your limit of {most:f} {terms.symbol.quote}."
    sheet.rule(
        "max_order_notional",
        worth is not None and worth <= most,
        message,
        "body.quantity" if terms.quantity is not None else "body.quote_quantity",
        "Order less, or raise the limit.",
    )
    count = min(limits.max_open_orders or operator.max_open_orders, operator.max_open_orders)
    message = f"{now.open_orders} orders are open already; the limit is {count}."
    remedy = "Cancel one first, or raise the limit."
    sheet.rule("max_open_orders", now.open_orders < count, message, "body", remedy)

    rate = min(
        limits.max_orders_per_minute or operator.max_orders_per_minute,
        operator.max_orders_per_minute,
    )
    message = f"{now.orders_last_minute} orders were placed in the last minute; {rate} may be."
    sheet.rule(
        "orders_per_minute", now.orders_last_minute < rate, message, "body", "Wait a minute."
    )

    collar = _least(limits.price_collar, operator.price_collar)
    message = f"The price is more than {collar * 100:f} % from the market."
    passed = _inside_collar(terms, now, collar)
    sheet.rule("price_collar", passed, message, "body.price", "Move the price to the market.")


def _inside_collar(terms: OrderTerms, now: Situation, collar: Decimal) -> bool:
    """Check the price that could hurt: buying too dear, selling too cheap.

    A resting order far on the harmless side is what grids and DCA ladders are made of.
    """
    price = terms.price if terms.price is not None else now.expected_price
    if now.last_price is None or price is None:
        return False
    if terms.side is Side.BUY:
        return price <= now.last_price * (1 + collar)
    return price >= now.last_price * (1 - collar)


def _balance(sheet: _Sheet, terms: OrderTerms, now: Situation) -> None:
    needed = spending(terms, now.expected_price or now.last_price)
    asset = given_asset(terms)
    if now.available is None or needed is None:
        message = "The account's balance is not known now."
        sheet.rule("insufficient_balance", False, message, "body.account_id", "Try again shortly.")
        return
    message = f"The order needs {needed:f} {asset}; {now.available:f} is free."
    where = "body.quantity" if terms.quantity is not None else "body.quote_quantity"
    sheet.rule("insufficient_balance", needed <= now.available, message, where, "Order less.")


def given_asset(terms: OrderTerms) -> str:
    """Return the asset the order gives away."""
    return terms.symbol.quote if terms.side is Side.BUY else terms.symbol.base


def spending(terms: OrderTerms, price: Decimal | None) -> Decimal | None:
    """Return how much of the given asset the whole order takes; None without a price."""
    if terms.side is Side.BUY:
        return notional(terms, price)
    if terms.quantity is not None:
        return terms.quantity
    if terms.quote_quantity is None or not price:
        return None
    return terms.quote_quantity / price


def notional(terms: OrderTerms, price: Decimal | None) -> Decimal | None:
    """Return what the order is worth in quote; None for a market order without a price."""
    if terms.quote_quantity is not None:
        return terms.quote_quantity
    at = terms.price if terms.price is not None else price
    if at is None or terms.quantity is None:
        return None
    return at * terms.quantity


def blocking(
    halts: Iterable[Halt], *, owner: str, bot_id: str | None, venue: str
) -> tuple[Halt, ...]:
    """Return the halts that stop this order."""
    targets = {("all", "*"), ("venue", venue), ("user", owner)}
    if bot_id is not None:
        targets.add(("bot", bot_id))
    return tuple(halt for halt in halts if (halt.scope, halt.target) in targets)


def _least(own: Decimal | None, operator: Decimal) -> Decimal:
    return operator if own is None else min(own, operator)
