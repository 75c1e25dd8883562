"""Instruments, random walks, and a plain-Python exchange that fills as docs/fill-model.md says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import numpy as np
import pytest

from ct_strategies.backtest.run import Costs
from ct_strategies.registry import get_strategy
from ct_strategies.spec import Account, Fill, Params, Strategy, Target
from ct_strategies.stepper import Stepper


@dataclass(frozen=True)
class Steps:
    tick_size: Decimal = Decimal("0.01")
    step_size: Decimal = Decimal("0.00001")
    min_quantity: Decimal = Decimal("0.00001")
    min_notional: Decimal = Decimal(5)


@pytest.fixture
def instrument() -> Steps:
    return Steps()


@pytest.fixture
def make_walk() -> Callable[..., Any]:
    """Return candles [n, 6] of a random walk on whole ticks."""

    def make(n: int, seed: int, volatility: float = 0.004, start: float = 100.0) -> Any:
        generator = np.random.default_rng(seed)
        close = start * np.exp(np.cumsum(generator.normal(0, volatility, n)))
        opening = np.r_[start, close[:-1]] * (1 + generator.normal(0, volatility / 4, n))
        high = np.maximum(opening, close) * (1 + abs(generator.normal(0, volatility, n)))
        low = np.minimum(opening, close) * (1 - abs(generator.normal(0, volatility, n)))
        prices = np.round(np.column_stack([opening, high, low, close]), 2)
        times = 1_700_000_000_000 + 60_000.0 * np.arange(n)
        return np.column_stack([times, prices, np.ones(n)])

    return make


@dataclass
class DecimalExchange:
    """Drive a Stepper over candles, filling in decimals, one order at a time."""

    stepper: Stepper
    steps: Steps
    costs: Costs
    quote: Decimal
    base: Decimal = Decimal(0)
    resting: dict[int, tuple[Target, bool]] = field(default_factory=dict)
    waiting: list[Target] = field(default_factory=list)
    fills: list[tuple[int, str, Decimal, Decimal, int]] = field(default_factory=list)
    targets: list[tuple[int, Target]] = field(default_factory=list)

    def run(self, candles: Any, warmup: int) -> None:
        for index, candle in enumerate(candles):
            if index < warmup:
                self.stepper.warm_up(candle)
                continue
            self._markets(candle)
            self._limits(candle)
            self._accept(self.stepper.on_candle(candle, self._account()), candle, eligible=True)

    def _account(self) -> Account:
        return Account(self.quote, self.base, in_flight=bool(self.waiting))

    def _markets(self, candle: Any) -> None:
        due, self.waiting = self.waiting, []
        shift = Decimal(repr((self.costs.half_spread_bps + self.costs.slippage_bps) / 10_000))
        opening = Decimal(repr(float(candle[1])))
        for target in due:
            sign, rounding = (1, ROUND_CEILING) if target.side == "buy" else (-1, ROUND_FLOOR)
            ticks = opening * (1 + sign * shift) / self.steps.tick_size
            price = ticks.quantize(Decimal(1), rounding=rounding) * self.steps.tick_size
            if self._affordable(target, price):
                self._fill(target, price, self.costs.taker_fee, candle, eligible=True)
            else:
                self._refuse(target)

    def _limits(self, candle: Any) -> None:
        high, low = Decimal(repr(float(candle[2]))), Decimal(repr(float(candle[3])))
        for side in ("buy", "sell"):
            while through := [
                target
                for target, eligible in self.resting.values()
                if eligible
                and target.side == side
                and (target.price > low if side == "buy" else target.price < high)
            ]:
                pick = max if side == "buy" else min
                target = pick(through, key=lambda order: order.price)
                del self.resting[target.slot]
                self._fill(target, target.price, self.costs.maker_fee, candle, eligible=False)
        self.resting = {slot: (target, True) for slot, (target, _) in self.resting.items()}

    def _fill(
        self, target: Target, price: Decimal, rate: float, candle: Any, *, eligible: bool
    ) -> None:
        assert target.quantity is not None
        assert target.side is not None
        fee_rate = Decimal(repr(rate))
        if target.side == "buy":
            fee = target.quantity * fee_rate
            self.quote -= target.quantity * price
            self.base += target.quantity - fee
        else:
            fee = target.quantity * price * fee_rate
            self.quote += target.quantity * price - fee
            self.base -= target.quantity
        self.fills.append((int(candle[0]), target.side, target.quantity, price, target.slot))
        fill = Fill(target.side, target.quantity, price, fee, target.slot, complete=True)
        self._accept(self.stepper.on_fill(fill, self._account()), candle, eligible=eligible)

    def _accept(self, targets: list[Target], candle: Any, *, eligible: bool) -> None:
        for target in targets:
            self.targets.append((int(candle[0]), target))
            if target.action == "cancel":
                self.resting.pop(target.slot, None)
            elif target.action == "market":
                self.waiting.append(target)
            elif target.slot in self.resting or not self._affordable(target, target.price):
                self._refuse(target)
            else:
                self.resting[target.slot] = (target, eligible)

    def _refuse(self, target: Target) -> None:
        zero = Decimal(0)
        ended = Fill(target.side, zero, zero, zero, target.slot, complete=True)
        assert self.stepper.on_fill(ended, self._account()) == []

    def _affordable(self, target: Target, price: Decimal | None) -> bool:
        assert target.quantity is not None
        assert price is not None
        if target.quantity < self.steps.min_quantity:
            return False
        if target.quantity * price < self.steps.min_notional:
            return False
        locked = sum(
            (order.quantity * (order.price if order.side == "buy" else 1))
            for order, _ in self.resting.values()
            if order.side == target.side
        )
        if target.side == "buy":
            return target.quantity * price + locked <= self.quote
        return target.quantity + locked <= self.base


@pytest.fixture
def live() -> Callable[..., DecimalExchange]:
    """Run a strategy live over candles on the decimal exchange; return the exchange after."""

    def run(
        strategy: Strategy,
        params: Params,
        candles: Any,
        *,
        costs: Costs | None = None,
        budget: Decimal = Decimal(10_000),
        compiled: bool = False,
    ) -> DecimalExchange:
        steps = Steps()
        stepper = Stepper(strategy, params, steps, budget, compiled=compiled)
        exchange = DecimalExchange(stepper, steps, costs or Costs(), budget)
        exchange.run(candles, strategy.warmup_candles(params))
        return exchange

    return run


CASES: list[tuple[str, dict[str, Any]]] = [
    ("ema_cross", {"fast": 3, "slow": 8}),
    ("ema_cross", {"fast": 12, "slow": 26, "reserve_percent": 0.5}),
    ("grid", {"levels": 8}),
    ("grid", {"levels": 20, "spacing": "arithmetic", "range_below_percent": 15}),
    ("dca", {}),
    ("dca", {"safety_orders": 7, "deviation_percent": 0.5, "stop_loss_percent": 4}),
    ("dca", {"safety_orders": 0, "take_profit_percent": 0.4, "pause_candles": 0}),
]


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{len(case[1])}")
def case(request: pytest.FixtureRequest) -> tuple[Strategy, Params]:
    strategy = get_strategy(request.param[0])
    return strategy, strategy.parse(request.param[1])
