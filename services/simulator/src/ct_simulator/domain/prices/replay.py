"""Recorded prices: the candles of one file, as they were."""

from pathlib import PurePath

import numpy as np

from ct_simulator.domain.candles import Candle, Candles, aggregate
from ct_simulator.domain.intervals import HOUR_MS, INTERVALS
from ct_simulator.errors import ReplayUnusable

_QUOTES = ("USDT", "USDC", "FDUSD", "BTC", "ETH")


class ReplayPrices:
    """Serve the candles of one symbol; missing candles stay missing."""

    def __init__(self, symbol: str, candles: Candles) -> None:
        """Check the candles.

        Raises ReplayUnusable when there are fewer than two or they are not ascending.
        """
        if len(candles) < 2:
            raise ReplayUnusable("the replay holds fewer than two candles")
        gaps = np.diff(candles.open_time)
        if int(gaps.min()) <= 0:
            raise ReplayUnusable("the open times of the replay are not ascending")
        self._symbol = symbol
        self._candles = candles
        self.interval_ms = int(gaps.min())
        self.first_open = int(candles.open_time[0])
        self.last_open: int | None = int(candles.open_time[-1])
        self._hours = (
            aggregate(candles, INTERVALS["1h"]) if self.interval_ms <= HOUR_MS else candles
        )

    @property
    def symbols(self) -> tuple[str, ...]:
        """List the one symbol that has a price."""
        return (self._symbol,)

    def open_at(self, time_ms: int) -> int:
        """Return the open time of the last candle that opened by then."""
        return int(self._candles.open_time[self._index(time_ms)])

    def next_open(self, open_ms: int) -> int | None:
        """Return the open time of the candle after this one, None after the last."""
        index = self._index(open_ms) + 1
        return int(self._candles.open_time[index]) if index < len(self._candles) else None

    def candle(self, symbol: str, open_ms: int) -> Candle:
        """Return the whole candle that opens then, also when it is not yet over."""
        del symbol  # there is only one
        return self._candles.row(self._index(open_ms))

    def candles(self, symbol: str, start_ms: int, end_ms: int) -> Candles:
        """Return the candles that open in [start, end)."""
        del symbol
        return self._candles.between(start_ms, end_ms)

    def hours(self, symbol: str, start_ms: int, end_ms: int) -> Candles:
        """Return the hours that open in [start, end)."""
        del symbol
        return self._hours.between(start_ms, end_ms)

    def row_time(self, index: int) -> int:
        """Return the open time of a row, counted from the first."""
        return int(self._candles.open_time[min(index, len(self._candles) - 1)])

    def _index(self, time_ms: int) -> int:
        index = int(np.searchsorted(self._candles.open_time, time_ms, side="right")) - 1
        return max(index, 0)


def symbol_of_file(name: str) -> str:
    """Read the symbol from a file name such as `BTCUSDT-1m-20240101.parquet`.

    Raises ReplayUnusable when the name does not begin with a symbol.
    """
    head = PurePath(name).name.split(".")[0].split("-")[0].split("_")[0].upper()
    for quote in _QUOTES:
        if head.endswith(quote) and len(head) > len(quote):
            return f"{head.removesuffix(quote)}-{quote}"
    raise ReplayUnusable(
        f"no symbol can be read from the file name {name!r}; set CT_SIMULATOR_REPLAY_SYMBOL"
    )
