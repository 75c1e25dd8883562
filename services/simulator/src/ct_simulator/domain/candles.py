"""Candles as columns, one candle as a value, and how small ones add up to big ones."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ct_simulator.domain.intervals import Interval, Times

Column = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candle:
    """Hold one candle; times in epoch ms, volume in base."""

    open_time: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True)
class Candles:
    """Hold candles as equally long columns, ascending by open time."""

    open_time: Times
    open: Column
    high: Column
    low: Column
    close: Column
    volume: Column

    def __len__(self) -> int:
        return len(self.open_time)

    def slice(self, start: int, stop: int) -> "Candles":
        """Return the rows from `start` up to `stop`, without copying."""
        return Candles(
            self.open_time[start:stop],
            self.open[start:stop],
            self.high[start:stop],
            self.low[start:stop],
            self.close[start:stop],
            self.volume[start:stop],
        )

    def between(self, start_ms: int, end_ms: int) -> "Candles":
        """Return the rows that open in [start, end)."""
        first, last = np.searchsorted(self.open_time, [start_ms, end_ms])
        return self.slice(int(first), int(last))

    def row(self, index: int) -> Candle:
        """Return one row as a value."""
        return Candle(
            int(self.open_time[index]),
            float(self.open[index]),
            float(self.high[index]),
            float(self.low[index]),
            float(self.close[index]),
            float(self.volume[index]),
        )

    def columns(self) -> tuple[Times, Column, Column, Column, Column, Column]:
        """Return the columns in their usual order."""
        return (self.open_time, self.open, self.high, self.low, self.close, self.volume)


def empty() -> Candles:
    """Return no candles."""
    nothing = np.empty(0, dtype=np.float64)
    return Candles(np.empty(0, dtype=np.int64), nothing, nothing, nothing, nothing, nothing)


def of(candle: Candle) -> Candles:
    """Return one candle as columns."""
    values = (candle.open, candle.high, candle.low, candle.close, candle.volume)
    return Candles(
        np.array([candle.open_time], dtype=np.int64),
        *(np.array([value], dtype=np.float64) for value in values),
    )


def concat(parts: list[Candles]) -> Candles:
    """Join runs of candles that follow each other."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return empty()
    if len(parts) == 1:
        return parts[0]
    times = np.concatenate([part.open_time for part in parts])
    rest = [np.concatenate([part.columns()[column] for part in parts]) for column in range(1, 6)]
    return Candles(times, *rest)


def aggregate(candles: Candles, interval: Interval) -> Candles:
    """Add up candles into the buckets of a longer interval; part buckets stay part buckets."""
    if len(candles) == 0:
        return candles
    starts = interval.starts(candles.open_time)
    firsts = np.flatnonzero(np.concatenate(([True], starts[1:] != starts[:-1])))
    lasts = np.concatenate((firsts[1:] - 1, [len(candles) - 1]))
    return Candles(
        starts[firsts],
        candles.open[firsts],
        np.maximum.reduceat(candles.high, firsts),
        np.minimum.reduceat(candles.low, firsts),
        candles.close[lasts],
        np.add.reduceat(candles.volume, firsts),
    )
