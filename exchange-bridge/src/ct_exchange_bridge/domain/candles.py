"""Candle arithmetic: packed columns, aggregation, gaps. Float by design (indicators, arrays)."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ct_exchange_bridge.domain.market import Candle
from ct_kit.domain import Interval

_FOREVER_MS = 1 << 62
COLUMNS = ("open_time", "open", "high", "low", "close", "volume")


@dataclass(slots=True)
class Columns:
    """Closed candles of one series as columns, ascending and unique by open time.

    Packed little-endian: int64 for the time, float64 for the rest; this is also Arrow's layout.
    """

    open_time: "array[int]" = field(default_factory=lambda: array("q"))
    open: "array[float]" = field(default_factory=lambda: array("d"))
    high: "array[float]" = field(default_factory=lambda: array("d"))
    low: "array[float]" = field(default_factory=lambda: array("d"))
    close: "array[float]" = field(default_factory=lambda: array("d"))
    volume: "array[float]" = field(default_factory=lambda: array("d"))

    def __len__(self) -> int:
        return len(self.open_time)

    def append(self, candle: Candle) -> None:
        """Add one closed candle; raises `ValueError` where it does not come after the last."""
        if self.open_time and candle.open_time <= self.open_time[-1]:
            raise ValueError(f"candles ascend, was {candle.open_time} after {self.open_time[-1]}")
        for name, value in zip(COLUMNS, candle[:6], strict=True):
            getattr(self, name).append(value)

    def row(self, index: int) -> Candle:
        """Return one candle."""
        return Candle(*(getattr(self, name)[index] for name in COLUMNS))

    def rows(self) -> Iterable[Candle]:
        """Yield all candles, ascending."""
        for values in zip(*(getattr(self, name) for name in COLUMNS), strict=True):
            yield Candle(*values)

    def between(self, start_ms: int, end_ms: int) -> "Columns":
        """Return the candles that open in [start, end)."""
        low = bisect_left(self.open_time, start_ms)
        high = bisect_left(self.open_time, end_ms)
        return Columns(*(getattr(self, name)[low:high] for name in COLUMNS))

    def merged(self, newer: "Columns") -> "Columns":
        """Return the union; where both have a candle, `newer` wins. Only the overlap is touched."""
        if not newer:
            return self
        if not self:
            return newer
        first, last = newer.open_time[0], newer.open_time[-1] + 1
        overlap = newer
        if inside := self.between(first, last):
            by_time = {candle.open_time: candle for candle in inside.rows()}
            by_time.update((candle.open_time, candle) for candle in newer.rows())
            overlap = Columns.of(by_time[open_time] for open_time in sorted(by_time))
        before, after = self.between(self.open_time[0], first), self.between(last, _FOREVER_MS)
        return before.joined(overlap).joined(after)

    def joined(self, later: "Columns") -> "Columns":
        """Return these candles and then later ones."""
        return Columns(*(getattr(self, name) + getattr(later, name) for name in COLUMNS))

    def packed(self) -> dict[str, bytes]:
        """Return the columns as bytes."""
        return {name: getattr(self, name).tobytes() for name in COLUMNS}

    @classmethod
    def unpacked(cls, stored: dict[str, bytes]) -> "Columns":
        """Read what `packed` wrote."""
        columns = cls()
        for name in COLUMNS:
            getattr(columns, name).frombytes(stored[name])
        return columns

    @classmethod
    def of(cls, candles: Iterable[Candle]) -> "Columns":
        """Pack closed candles given in ascending order."""
        columns = cls()
        for candle in candles:
            columns.append(candle)
        return columns


def aggregate(candles: Sequence[Candle], open_time: int, *, closed: bool) -> Candle:
    """Join candles of one span into the one that opens at `open_time`."""
    return Candle(
        open_time,
        candles[0].open,
        max(candle.high for candle in candles),
        min(candle.low for candle in candles),
        candles[-1].close,
        sum(candle.volume for candle in candles),
        closed,
    )


def missing(
    open_times: Sequence[int], start_ms: int, end_ms: int, step_ms: int
) -> list[tuple[int, int]]:
    """Return the spans [from, to) of [start, end) in which candles are missing.

    `open_times` ascend and lie inside; start and end are on the grid.
    """
    spans = []
    expected = start_ms
    for open_time in open_times:
        if open_time > expected:
            spans.append((expected, open_time))
        expected = open_time + step_ms
    if expected < end_ms:
        spans.append((expected, end_ms))
    return spans


def month_of(time_ms: int) -> str:
    """Return the UTC month of a time, such as 2025-11."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m")


def months_between(start_ms: int, end_ms: int) -> list[str]:
    """Return the months that [start, end) touches."""
    if end_ms <= start_ms:
        return []
    first = datetime.fromtimestamp(start_ms / 1000, UTC)
    last = datetime.fromtimestamp((end_ms - 1) / 1000, UTC)
    count = (last.year - first.year) * 12 + last.month - first.month
    months = [divmod(first.year * 12 + first.month - 1 + index, 12) for index in range(count + 1)]
    return [f"{year:04d}-{month + 1:02d}" for year, month in months]


def ceil_to(time_ms: int, interval: Interval) -> int:
    """Return the first open time at or after `time_ms`."""
    return -(-time_ms // interval.milliseconds) * interval.milliseconds
