"""Fetch a job's candles and say exactly which they were."""

import hashlib
from dataclasses import dataclass

import numpy as np

from ct_ai_engine.adapters.bridge import BridgeMarket
from ct_ai_engine.market import CandleTable, Floats, InstrumentSteps
from ct_ai_engine.tasks.errors import JobFailedError
from ct_kit.contracts.ai import CandleRange, DataInfo
from ct_kit.domain import Interval

MAXIMUM_CANDLES = 525_600 + 10_000  # a year of minutes and the longest warm-up


@dataclass(frozen=True, slots=True)
class DataSet:
    """The candles of a job: `warmup` rows of history, then those the result is about."""

    instrument: InstrumentSteps
    table: CandleTable
    warmup: int
    interval: Interval

    @property
    def rows(self) -> Floats:
        """Return all rows, warm-up first."""
        return self.table.rows

    def info(self, request: CandleRange) -> DataInfo:
        """Return what identifies the data, the warm-up included in the hash."""
        times = self.rows[:, 0]
        steps = np.diff(times) / self.interval.milliseconds
        return DataInfo(
            venue=self.table.venue,
            market=self.table.market,
            symbol=request.symbol,
            interval=request.interval,
            first=int(times[self.warmup]),
            last=int(times[-1]),
            candles=len(times) - self.warmup,
            gaps=int(np.sum(steps - 1)) if len(steps) else 0,
            sha256=hashlib.sha256(
                np.ascontiguousarray(self.rows, dtype="<f8").tobytes()
            ).hexdigest(),
        )


def load(market: BridgeMarket, request: CandleRange, *, warmup: int, at_least: int) -> DataSet:
    """Fetch the requested range and `warmup` candles before it, as far as there are any.

    Raises JobFailedError with what to change where there are fewer than `at_least` candles.
    """
    instrument = market.find(request.symbol)
    if instrument is None:
        raise JobFailedError(f"The venue does not offer {request.symbol}.")
    interval = Interval(request.interval)
    start, end = _range(market, request, interval)
    if (end - start) // interval.milliseconds > MAXIMUM_CANDLES:
        raise JobFailedError(f"The range holds more than {MAXIMUM_CANDLES} candles; ask for less.")
    earliest = max(start - warmup * interval.milliseconds, 0)
    table = market.history(request.symbol, request.interval, earliest, end)
    before = int(np.sum(table.rows[:, 0] < start))
    inside = len(table.rows) - before
    # Where history begins inside the range, its first candles warm the indicators up.
    before = max(before, min(warmup, len(table.rows)))
    if len(table.rows) - before < at_least:
        raise JobFailedError(
            f"There are only {inside} closed candles of {request.symbol} {request.interval} in "
            f"this range, {warmup} of them needed to warm up; at least {at_least} more are needed. "
            "Take a longer range or a shorter interval."
        )
    return DataSet(instrument, table, before, interval)


def _range(market: BridgeMarket, request: CandleRange, interval: Interval) -> tuple[int, int]:
    if request.end is not None:
        end = request.end
    else:
        now_ms = int(market.market_time(request.symbol).timestamp() * 1000)
        end = interval.open_of(now_ms)
    start = (
        request.start
        if request.start is not None
        else end - request.candles * interval.milliseconds
    )
    start = max(start, 0)  # the newest candles before a very early end begin before all time
    if start >= end:
        raise JobFailedError("The range is empty: start must lie before end.")
    return start, end
