"""W1: one EMA(12/26) cross backtest over a year of one-minute candles, fills at the next open.

Prints one JSON line: seconds of the first run (compiling or loading compiled code), of warm runs
with trades and equity curve, and of the metrics; and vectorbt's warm time where it is installed.
"""

import importlib.util
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ct_strategies.backtest.metrics import measure
from ct_strategies.backtest.run import Costs, run_backtest
from ct_strategies.registry import get_strategy
from ct_strategies.spec import Vector

CANDLES = 525_600
RUNS = 15
COSTS = Costs(taker_fee=0.001, half_spread_bps=0.0)
BUDGET = Decimal(10_000_000)


@dataclass(frozen=True)
class Steps:
    """BTC-USDT's steps at Binance."""

    tick_size: Decimal = Decimal("0.01")
    step_size: Decimal = Decimal("0.00001")
    min_quantity: Decimal = Decimal("0.00001")
    min_notional: Decimal = Decimal(5)


def candles() -> Vector:
    """Return a seeded random walk [n, 6]."""
    generator = np.random.default_rng(1)
    close = np.round(50_000 * np.exp(np.cumsum(generator.normal(0, 0.0006, CANDLES))), 2)
    opening = np.r_[close[0], close[:-1]]
    high, low = np.maximum(opening, close) * 1.0003, np.minimum(opening, close) * 0.9997
    times = np.arange(CANDLES) * 60_000.0
    return np.column_stack([times, opening, high, low, close, np.ones(CANDLES)])


def timed(work: Callable[[], object]) -> float:
    """Return the seconds one call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def vectorbt_warm(rows: Vector) -> float | None:
    """Return vectorbt's median on the same signals; None where it is not installed."""
    if importlib.util.find_spec("vectorbt") is None:
        return None
    import pandas as pd  # noqa: PLC0415 - only with the peer
    import vectorbt as vbt  # noqa: PLC0415

    close, opening = pd.Series(rows[:, 4]), pd.Series(rows[:, 1])

    def run() -> object:
        fast = close.ewm(span=12, adjust=False).mean()
        slow = close.ewm(span=26, adjust=False).mean()
        above = fast > slow
        entries = (above & ~above.shift(1, fill_value=False)).shift(1, fill_value=False)
        exits = (~above & above.shift(1, fill_value=False)).shift(1, fill_value=False)
        portfolio = vbt.Portfolio.from_signals(
            close, entries, exits, price=opening, fees=0.001, init_cash=float(BUDGET), freq="1min"
        )
        return portfolio.value(), portfolio.trades.records

    run()
    return statistics.median(timed(run) for _ in range(5))


def main() -> None:
    """Run and print."""
    rows = candles()
    strategy = get_strategy("ema_cross")
    params = strategy.parse({"fast": 12, "slow": 26})

    def run() -> object:
        return run_backtest(strategy, params, Steps(), BUDGET, costs=COSTS, candles=rows, warmup=0)

    first = timed(run)
    warm = statistics.median(timed(run) for _ in range(RUNS))
    outcome = run_backtest(strategy, params, Steps(), BUDGET, costs=COSTS, candles=rows, warmup=0)
    measuring = statistics.median(
        timed(lambda: measure(outcome, rows, float(BUDGET), COSTS)) for _ in range(RUNS)
    )
    print(
        json.dumps(
            {
                "workload": "w1",
                "candles": CANDLES,
                "fills": len(outcome.trades),
                "first_s": round(first, 4),
                "warm_s": round(warm, 5),
                "metrics_s": round(measuring, 5),
                "vectorbt_warm_s": vectorbt_warm(rows),
            }
        )
    )


if __name__ == "__main__":
    main()
