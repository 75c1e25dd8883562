"""Compile the backtest of every strategy ahead of time, into NUMBA_CACHE_DIR.

`python -m ct_strategies.precompile` is part of installing: without it the first backtest of each
strategy waits several seconds for the compiler. Code that is cached already is only loaded.
"""

import sys
import time
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from ct_strategies.backtest.run import Costs, run_backtest
from ct_strategies.registry import all_strategies, get_strategy

_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class _Steps:
    """Some instrument: the compiled code is the same for all."""

    tick_size: Decimal = Decimal("0.01")
    step_size: Decimal = Decimal("0.00001")
    min_quantity: Decimal = Decimal("0.00001")
    min_notional: Decimal = Decimal(5)


def main() -> None:
    """Run each strategy once over a few flat candles."""
    candles = np.full((64, 6), 100.0)
    candles[:, 0] = np.arange(64) * _MINUTE_MS
    instrument = _Steps()
    for name in all_strategies():
        started = time.monotonic()
        strategy = get_strategy(name)
        run_backtest(
            strategy,
            strategy.parse({}),
            instrument,
            Decimal(1000),
            costs=Costs(taker_fee=0.001, maker_fee=0.001, half_spread_bps=1.0, slippage_bps=0.0),
            candles=candles,
        )
        sys.stdout.write(f"{name}: {time.monotonic() - started:.1f} s\n")


if __name__ == "__main__":
    main()
