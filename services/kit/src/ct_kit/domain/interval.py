"""Candle intervals and their arithmetic on epoch milliseconds."""

from enum import StrEnum

_MINUTE_MS = 60_000


class Interval(StrEnum):
    """The span of one candle. All of ours divide a UTC day, so opens align to the epoch."""

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"

    @property
    def milliseconds(self) -> int:
        """Return the span in milliseconds."""
        return _MINUTES[self] * _MINUTE_MS

    def open_of(self, time_ms: int) -> int:
        """Return the open time of the candle that holds `time_ms`; both in epoch milliseconds."""
        return time_ms - time_ms % self.milliseconds

    def is_closed(self, open_ms: int, now_ms: int) -> bool:
        """Say whether the candle opened at `open_ms` can no longer change at `now_ms`."""
        return now_ms >= open_ms + self.milliseconds


_MINUTES = {
    Interval.M1: 1,
    Interval.M5: 5,
    Interval.M15: 15,
    Interval.H1: 60,
    Interval.H4: 240,
    Interval.D1: 1_440,
}
