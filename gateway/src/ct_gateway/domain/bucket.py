"""Token buckets: how often somebody may ask for something."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """A budget of `burst` calls that refills at `per_second`."""

    burst: float
    per_second: float

    def scaled(self, factor: float) -> "Rate":
        """Return this budget times `factor`."""
        return Rate(max(1.0, self.burst * factor), self.per_second * factor)


class Buckets:
    """One bucket per key, least recently used ones forgotten.

    Forgetting gives a stranger a full bucket, never an empty one, so the bound on memory
    (about 150 bytes a key) cannot lock anybody out.
    """

    def __init__(self, rate: Rate, capacity: int = 20_000) -> None:
        self._rate = rate
        self._capacity = capacity
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable, now: float) -> float:
        """Take one token at monotonic time `now`, in seconds.

        Return 0.0 when there was one, else the seconds until there will be.
        """
        rate = self._rate
        tokens, then = self._buckets.pop(key, (rate.burst, now))
        tokens = min(rate.burst, tokens + max(0.0, now - then) * rate.per_second)
        granted = tokens >= 1.0
        self._buckets[key] = (tokens - 1.0 if granted else tokens, now)
        if len(self._buckets) > self._capacity:
            self._buckets.popitem(last=False)
        return 0.0 if granted else (1.0 - tokens) / rate.per_second
