"""One weight budget per venue and egress address, obeying headers and Retry-After."""

import time
from collections.abc import Callable

from ct_exchange_bridge.domain.venue_error import VenueError, VenueErrorKind

_MINUTE_S = 60


class WeightBudget:
    """Counts weight per clock minute and keeps a reserve for orders, cancels and reconciliation.

    The venue's own count in its answers wins over ours, since other processes may share the
    address. After a 429 or 418 nothing leaves until the stated time has passed.
    """

    def __init__(
        self,
        per_minute: int,
        reserve: float,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._limit = per_minute
        self._open_limit = int(per_minute * (1 - reserve))
        self._now = now
        self._minute = 0
        self._used = 0
        self._blocked_until = 0.0

    @property
    def used(self) -> int:
        """Return the weight used in the current minute."""
        self._roll()
        return self._used

    def admit(self, weight: int, *, urgent: bool) -> None:
        """Take weight from the budget; raises `VenueError` RATE_LIMITED with the wait."""
        now = self._now()
        self._roll()
        if now < self._blocked_until:
            raise _limited(self._blocked_until - now)
        if self._used + weight > (self._limit if urgent else self._open_limit):
            raise _limited(_MINUTE_S - now % _MINUTE_S)
        self._used += weight

    def observe(self, used: int | None) -> None:
        """Take over the venue's count from an answer's header."""
        self._roll()
        if used is not None:
            self._used = max(self._used, used)

    def block(self, seconds: float) -> None:
        """Stop everything for so long: the venue said so."""
        self._blocked_until = max(self._blocked_until, self._now() + seconds)

    def _roll(self) -> None:
        minute = int(self._now() // _MINUTE_S)
        if minute != self._minute:
            self._minute, self._used = minute, 0


def _limited(wait_s: float) -> VenueError:
    return VenueError(
        VenueErrorKind.RATE_LIMITED,
        f"our own weight budget is spent; {wait_s:.0f} s until there is more",
        retry_after_s=max(wait_s, 0.1),
    )
