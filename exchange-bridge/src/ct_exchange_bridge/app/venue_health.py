"""How the venue is doing, from what it answered lately."""

import time
from collections.abc import Callable
from typing import Literal

from ct_exchange_bridge.domain.venue_error import VenueError, VenueErrorKind

REMEMBERED_S = 30.0
_BAD = frozenset(
    {
        VenueErrorKind.RATE_LIMITED,
        VenueErrorKind.GEO_RESTRICTED,
        VenueErrorKind.VENUE_UNAVAILABLE,
        VenueErrorKind.UNKNOWN_OUTCOME,
        VenueErrorKind.NOT_UNDERSTOOD,
        VenueErrorKind.CLOCK_SKEW,
    }
)


class VenueHealth:
    """Remembers the newest fault of the venue's own; an order it refused is none."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._fault: tuple[float, VenueError] | None = None

    def note(self, error: VenueError) -> None:
        """Take an error in."""
        if error.kind in _BAD:
            self._fault = (self._monotonic(), error)

    def state(
        self, *, connected: bool, fresh: bool, stream_reason: str | None
    ) -> tuple[Literal["healthy", "degraded", "down"], str | None]:
        """Return the venue's state and the reason where it is not healthy."""
        if not connected:
            return "down", stream_reason or "the market stream is not connected"
        if not fresh:
            return "degraded", "no market event arrived lately"
        if self._fault is not None and self._monotonic() - self._fault[0] < REMEMBERED_S:
            return "degraded", self._fault[1].message
        return "healthy", None
