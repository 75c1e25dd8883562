"""How many signatures one owner may have: a token bucket per owner."""

from dataclasses import dataclass, field

_REMEMBERED = 10_000
"""Owners kept at once; a bucket left alone is full again, so forgetting it changes nothing."""


@dataclass(slots=True)
class SignRate:
    """`per_second` on average, `burst` at once. Times are seconds of any one steady clock."""

    per_second: float
    burst: int
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def spend(self, owner: str, now: float) -> float:
        """Take one token and return 0, or return the seconds until there is one."""
        tokens, since = self._buckets.get(owner, (float(self.burst), now))
        tokens = min(self.burst, tokens + max(0.0, now - since) * self.per_second)
        if tokens < 1:
            self._buckets[owner] = (tokens, now)
            return (1 - tokens) / self.per_second
        self._buckets[owner] = (tokens - 1, now)
        if len(self._buckets) > _REMEMBERED:
            self._forget_full(now)
        return 0.0

    def _forget_full(self, now: float) -> None:
        refill_s = self.burst / self.per_second
        self._buckets = {
            owner: bucket for owner, bucket in self._buckets.items() if now - bucket[1] < refill_s
        }
