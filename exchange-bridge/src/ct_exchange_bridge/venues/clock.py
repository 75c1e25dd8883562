"""The venue's clock as seen from here."""

import time
from collections.abc import Callable


def wall_ms() -> int:
    """Read our own clock in epoch milliseconds."""
    return time.time_ns() // 1_000_000


class VenueClock:
    """Tell the venue's time, and the time to stamp requests with.

    A venue that keeps real time is our clock plus the offset last measured against `/time`.
    A replayed one (`tracks_wall` false) may run at any speed or stand still: there the newest
    time it was heard to say is all that is known, and requests are stamped with our own clock.
    """

    def __init__(self, *, tracks_wall: bool = True, wall: Callable[[], int] = wall_ms) -> None:
        self.tracks_wall = tracks_wall
        self._wall = wall
        self._offset_ms = 0
        self._heard_ms = 0

    @property
    def offset_ms(self) -> int:
        """Return how far the venue's clock is ahead of ours."""
        return self._offset_ms

    def now_ms(self) -> int:
        """Return the venue's time, as well as it is known; never ahead of a replayed one."""
        return self.stamp_ms() if self.tracks_wall else self._heard_ms

    def stamp_ms(self) -> int:
        """Return the time a signed request carries and deadlines are counted from."""
        return self._wall() + (self._offset_ms if self.tracks_wall else 0)

    def learn(self, venue_ms: int, asked_ms: int, answered_ms: int) -> None:
        """Take a reading of `/time`, taken for the middle of the round trip."""
        self._offset_ms = venue_ms - (asked_ms + answered_ms) // 2
        self.hear(venue_ms)

    def hear(self, event_ms: int) -> None:
        """Note the time of an event of the venue."""
        self._heard_ms = max(self._heard_ms, event_ms)
