"""The bot as a whole: what its user said, and how far its run has come.

Both halves live in one document. The user's half changes under `control_version`, the run under
the runner's lease epoch and `Run.step`; each writer names what it read, so neither can overwrite
what it has not seen.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from ct_bots.domain.book import ZERO, Book
from ct_bots.domain.guard import Exposure
from ct_bots.domain.lifecycle import BotState, ExitPlan
from ct_bots.domain.orders import BotOrder

_REMEMBERED = 20
"""Ended orders kept for a late or repeated fill."""


@dataclass(frozen=True, slots=True)
class Run:
    """Where the bot's run stands.

    `step` counts committed writes, `generation` fresh starts of the strategy's state. `decided` is the open time of the last candle the strategy
    saw; `last_candle` follows it once the orders of that candle were sent and their fills
    applied. `seen` counts candles since the strategy's state was fresh. `muted` is the code of
    the denial last reported, so that a refusal repeated each candle is told once.
    """

    step: int = 0
    generation: int = 0
    strategy_state: tuple[float, ...] | None = None
    strategy_version: int = 0
    parameters_version: int = 0
    seen: int = 0
    decided: int | None = None
    last_candle: int | None = None
    last_close: Decimal | None = None
    book: Book = field(default_factory=Book)
    orders: tuple[BotOrder, ...] = ()
    refusals: int = 0
    muted: str | None = None

    @property
    def working(self) -> tuple[BotOrder, ...]:
        """Return the orders that have not ended."""
        return tuple(order for order in self.orders if not order.ended)

    @property
    def in_flight(self) -> bool:
        """Say whether a market order has no outcome yet."""
        return any(order.kind == "market" for order in self.working)

    def open_notional(self, side: str) -> Decimal:
        """Return what the working orders of a side would cost or bring, at worst."""
        total = (order.notional(self.last_close) for order in self.working if order.side == side)
        return sum(total, ZERO)

    def open_quantity(self, side: str) -> Decimal:
        """Return the quantity the working orders of a side may still move."""
        return sum((order.remaining for order in self.working if order.side == side), ZERO)

    def order(self, key: str) -> BotOrder | None:
        """Return the order with this idempotency key."""
        return next((order for order in self.orders if order.key == key), None)

    def matching(self, order_id: str | None, client_order_id: str | None) -> BotOrder | None:
        """Return the order the bridge calls so; the newest first."""
        known = (o for o in reversed(self.orders) if o.known_as(order_id, client_order_id))
        return next(known, None)

    def without(self, keys: tuple[str, ...]) -> "Run":
        """Return the run as if these orders were not there."""
        return replace(self, orders=tuple(o for o in self.orders if o.key not in keys))

    def taken_back(self, unwanted: Callable[[BotOrder], bool]) -> "Run":
        """Return the run with every unwanted resting order asked to be cancelled."""
        run = self
        for order in self.working:
            if order.kind == "limit" and unwanted(order):
                run = run.with_order(order.asked_to_cancel("bot"))
        return run

    def exposure(self, budget: Decimal, dust: Decimal) -> Exposure:
        """Return what the rules of an order look at."""
        return Exposure(
            budget=budget,
            cash=self.book.cash(budget),
            cost=self.book.cost,
            open_buys=self.open_notional("buy"),
            dust=dust,
            base=self.book.base,
            open_sells=self.open_quantity("sell"),
            price=self.last_close,
        )

    def with_order(self, changed: BotOrder) -> "Run":
        """Return the run with this order added or replaced, long-ended ones forgotten."""
        others = tuple(changed if order.key == changed.key else order for order in self.orders)
        orders = others if any(o.key == changed.key for o in self.orders) else (*others, changed)
        ended = [order.key for order in orders if order.ended]
        forgotten = set(ended[: max(0, len(ended) - _REMEMBERED)])
        return replace(self, orders=tuple(o for o in orders if o.key not in forgotten))


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot. `parameters` are the newest; `active_parameters` those of the present run."""

    id: str
    owner: str
    label: str
    strategy: str
    account_id: str
    mode: Literal["paper", "live"]
    symbol: str
    interval: str
    budget: Decimal
    parameters: Mapping[str, Any]
    parameters_version: int
    active_parameters: Mapping[str, Any]
    active_version: int
    state: BotState
    state_reason: str | None
    exit: ExitPlan | None
    control_version: int
    created_at: datetime
    updated_at: datetime
    run: Run = field(default_factory=Run)

    def with_run(self, run: Run) -> "Bot":
        """Return the bot with another run."""
        return replace(self, run=run)

    def with_next_step(self) -> "Bot":
        """Return the bot one step on, its run otherwise as it was."""
        return replace(self, run=replace(self.run, step=self.run.step + 1))

    def in_state(self, state: BotState, reason: str | None, plan: ExitPlan | None) -> "Bot":
        """Return the bot in another state; counts as a change of control."""
        return replace(
            self,
            state=state,
            state_reason=reason,
            exit=plan,
            control_version=self.control_version + 1,
        )
