"""Candle intervals and where their buckets begin (UTC)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
# The epoch was a Thursday; weeks begin on Monday, four days later.
_FIRST_MONDAY_MS = 4 * DAY_MS

Times = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Interval:
    """Name a candle's length; `length_ms` of a month is its longest, 31 days."""

    name: str
    length_ms: int

    def starts(self, times: Times) -> Times:
        """Return for each time (ms) the open time of the bucket it is in."""
        if self.name == "1M":
            months = times.astype("datetime64[ms]").astype("datetime64[M]")
            return months.astype("datetime64[ms]").astype(np.int64)
        offset = _FIRST_MONDAY_MS if self.name == "1w" else 0
        return (times - offset) // self.length_ms * self.length_ms + offset

    def start(self, time_ms: int) -> int:
        """Return the open time of the bucket a time is in."""
        if self.name in {"1M", "1w"}:
            return int(self.starts(np.array([time_ms], dtype=np.int64))[0])
        return time_ms // self.length_ms * self.length_ms

    def end(self, start_ms: int) -> int:
        """Return the open time of the next bucket, given the open time of this one."""
        if self.name == "1M":
            return self.start(start_ms + 32 * DAY_MS)
        return start_ms + self.length_ms

    def back(self, start_ms: int, count: int) -> int:
        """Return the open time of the bucket `count` before this one."""
        if self.name == "1M":
            for _ in range(count):
                start_ms = self.start(start_ms - 1)
            return start_ms
        return start_ms - count * self.length_ms


INTERVALS = {
    name: Interval(name, length)
    for name, length in {
        "1s": SECOND_MS,
        "1m": MINUTE_MS,
        "3m": 3 * MINUTE_MS,
        "5m": 5 * MINUTE_MS,
        "15m": 15 * MINUTE_MS,
        "30m": 30 * MINUTE_MS,
        "1h": HOUR_MS,
        "2h": 2 * HOUR_MS,
        "4h": 4 * HOUR_MS,
        "6h": 6 * HOUR_MS,
        "8h": 8 * HOUR_MS,
        "12h": 12 * HOUR_MS,
        "1d": DAY_MS,
        "3d": 3 * DAY_MS,
        "1w": WEEK_MS,
        "1M": 31 * DAY_MS,
    }.items()
}
