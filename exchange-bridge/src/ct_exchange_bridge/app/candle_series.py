"""The newest candles of one symbol in memory, and what each higher interval makes of them."""

from collections import deque

from ct_exchange_bridge.domain.candles import aggregate
from ct_exchange_bridge.domain.market import Candle
from ct_kit.domain import Interval

KEPT_MINUTES = 1_500
"""A day of minutes, so that a daily candle can be built, and the page's chart."""
HIGHER = tuple(interval for interval in Interval if interval is not Interval.M1)


class MinuteSeries:
    """Closed minutes in order, the open one, and the open candle of every higher interval."""

    def __init__(self) -> None:
        self._closed: deque[Candle] = deque(maxlen=KEPT_MINUTES)
        self._open: Candle | None = None
        self._higher: dict[Interval, Candle] = {}

    @property
    def last_closed(self) -> int | None:
        """Return the open time of the newest closed minute."""
        return self._closed[-1].open_time if self._closed else None

    @property
    def live(self) -> Candle | None:
        """Return the open minute."""
        return self._open

    def live_of(self, interval: Interval) -> Candle | None:
        """Return the candle of an interval that is still moving."""
        if interval is Interval.M1:
            return self._open
        if self._open is not None:
            return self._fold(interval, self._open)
        return self._higher.get(interval)

    def closed(self) -> tuple[Candle, ...]:
        """Return the closed minutes that are kept, ascending."""
        return tuple(self._closed)

    def is_gap(self, candle: Candle) -> bool:
        """Say whether minutes are missing before this candle."""
        last = self.last_closed
        return last is not None and candle.open_time > last + Interval.M1.milliseconds

    def is_old(self, candle: Candle) -> bool:
        """Say whether the candle's minute was closed already: a repetition."""
        last = self.last_closed
        return last is not None and candle.open_time <= last

    def take(self, candle: Candle) -> list[tuple[Interval, Candle]]:
        """Take a minute as it moves or closes; return what changed, the minute first.

        Higher candles are the sum of the minutes seen in their span; they close with its last.
        """
        if self.is_old(candle):
            return []
        changed = [(Interval.M1, candle)]
        changed += [(interval, self._fold(interval, candle)) for interval in HIGHER]
        if candle.closed:
            self._closed.append(candle)
            self._open = None
            for interval, higher in changed[1:]:
                self._higher[interval] = higher
        else:
            self._open = candle
        return changed

    def _fold(self, interval: Interval, minute: Candle) -> Candle:
        opens = interval.open_of(minute.open_time)
        ends = minute.open_time + Interval.M1.milliseconds == opens + interval.milliseconds
        closed = minute.closed and ends
        before = self._higher.get(interval)
        if before is None or before.open_time != opens:
            return aggregate((minute,), opens, closed=closed)
        return aggregate((before, minute), opens, closed=closed)
