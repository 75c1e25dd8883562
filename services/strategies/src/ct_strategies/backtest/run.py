"""Run a backtest: allocate, compile the loop for the strategy, feed candles, hand back the result.

Fill model: docs/fill-model.md.
"""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ct_strategies.backtest import kernel as loop
from ct_strategies.backtest.columns import (
    BEST_SELL,
    DECIDED,
    EXPOSED,
    KERNEL_ACCOUNT_COLUMNS,
    REFUSED,
    TRADE_COLUMNS,
)
from ct_strategies.jit import compiled
from ct_strategies.layout import (
    BASE,
    CANDLE_COLUMNS,
    FILL_COLUMNS,
    OPEN_TIME,
    ORDER_COLUMNS,
    QUOTE,
)
from ct_strategies.spec import Instrument, Params, Strategy, Vector

_FIRST_TRADES = 1024  # rows; doubled whenever the loop reports it full


@dataclass(frozen=True, slots=True)
class Costs:
    """What trading costs: fee rates as fractions, spread and slippage in hundredths of a percent."""

    taker_fee: float = 0.001
    maker_fee: float = 0.001
    half_spread_bps: float = 1.0
    slippage_bps: float = 0.0

    def vector(self) -> Vector:
        """Return the kernel's cost vector."""
        shift = (self.half_spread_bps + self.slippage_bps) / 10_000.0
        return np.array([self.taker_fee, self.maker_fee, shift])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run has produced so far.

    `trades` is [fills, columns.TRADE_COLUMNS], `equity` the account's value in quote at each
    candle's close [candles], warm-up included.
    """

    trades: Vector
    equity: Vector
    quote: float
    base: float
    decided: int
    exposed: int
    refused: int
    state: list[float]


class Backtest:
    """A backtest that can be fed in pieces; the pieces together equal one whole run."""

    def __init__(
        self,
        strategy: Strategy,
        params: Params,
        instrument: Instrument,
        budget: Decimal,
        *,
        costs: Costs,
        warmup: int | None = None,
    ) -> None:
        """Prepare a run; `warmup` candles (the strategy's own by default) decide nothing."""
        self._warmup = strategy.warmup_candles(params) if warmup is None else warmup
        self._vector = strategy.vector(params, instrument, budget)
        self._costs = costs.vector()
        slots = strategy.slots(params)
        self._state = np.zeros(strategy.state_size(params))
        self._account = np.zeros(KERNEL_ACCOUNT_COLUMNS)
        self._account[QUOTE] = float(budget)
        self._account[BEST_SELL] = np.inf
        self._book = np.zeros((slots, ORDER_COLUMNS))
        self._orders = np.zeros((strategy.max_orders(params), ORDER_COLUMNS))
        self._pending = np.zeros((2 * len(self._orders), ORDER_COLUMNS))
        self._fill = np.zeros(FILL_COLUMNS)
        self._trades = np.zeros((_FIRST_TRADES + slots + len(self._pending), TRADE_COLUMNS))
        self._traded = 0
        self._equity: list[Vector] = []
        self._last_open = -np.inf
        self._run_rows = compiled(
            loop.run_rows, {"on_candle": strategy.on_candle, "on_fill": strategy.on_fill}
        )

    def feed(self, candles: Vector) -> None:
        """Run further closed candles, [n, 6] as in layout.py, ascending in time.

        Raises ValueError for another shape, a number that is not finite, or time going back.
        """
        rows = np.ascontiguousarray(candles, dtype=np.float64)
        self._refuse_bad(rows)
        equity = np.empty(len(rows))
        row = 0
        while True:
            row, self._traded = self._run_rows(
                rows,
                row,
                self._vector,
                self._costs,
                float(self._warmup),
                self._state,
                self._account,
                self._book,
                self._pending,
                self._orders,
                self._fill,
                self._trades,
                self._traded,
                equity,
            )
            if row >= len(rows):
                break
            self._trades = np.concatenate([self._trades, np.zeros_like(self._trades)])
        self._equity.append(equity)

    def outcome(self) -> Outcome:
        """Return what the run has produced so far."""
        return Outcome(
            trades=self._trades[: self._traded].copy(),
            equity=np.concatenate(self._equity) if self._equity else np.empty(0),
            quote=float(self._account[QUOTE]),
            base=float(self._account[BASE]),
            decided=int(self._account[DECIDED]),
            exposed=int(self._account[EXPOSED]),
            refused=int(self._account[REFUSED]),
            state=[float(value) for value in self._state],
        )

    def _refuse_bad(self, rows: Vector) -> None:
        if rows.ndim != 2 or rows.shape[1] != CANDLE_COLUMNS:
            raise ValueError(f"candles must be [n, {CANDLE_COLUMNS}]; the shape was {rows.shape}")
        if not np.isfinite(rows).all():
            raise ValueError("candles must be finite numbers")
        times = rows[:, OPEN_TIME]
        if len(times) and (times[0] <= self._last_open or (np.diff(times) <= 0).any()):
            raise ValueError("candles must ascend in time without repeating one")
        if len(times):
            self._last_open = float(times[-1])


def run_backtest(
    strategy: Strategy,
    params: Params,
    instrument: Instrument,
    budget: Decimal,
    *,
    costs: Costs,
    candles: Vector,
    warmup: int | None = None,
) -> Outcome:
    """Run one backtest over all candles; see `Backtest` for what is raised."""
    run = Backtest(strategy, params, instrument, budget, costs=costs, warmup=warmup)
    run.feed(candles)
    return run.outcome()
