"""The resumable log of one user's events."""

from collections import deque
from itertools import count


class EventLog:
    """The newest events of one user, numbered without gaps.

    Numbers begin at `base`. The hub passes wall-clock milliseconds, so numbers of a restarted
    process are above those of the one before and an old cursor is recognised as too old.
    """

    def __init__(self, base: int, capacity: int = 512) -> None:
        self._numbers = count(base + 1)
        self._last = base
        self._floor = base
        self._events: deque[tuple[int, str, bytes]] = deque(maxlen=capacity)

    @property
    def last(self) -> int:
        """Number of the newest event, or the base when there is none."""
        return self._last

    def next_number(self) -> int:
        """Reserve the number of the event appended next."""
        self._last = next(self._numbers)
        return self._last

    def append(self, number: int, channel: str, message: bytes) -> None:
        """Keep an event under a number from `next_number`."""
        if len(self._events) == self._events.maxlen:
            self._floor = self._events[0][0]
        self._events.append((number, channel, message))

    def forget(self) -> None:
        """Drop all events: something was missed, so nobody may resume across this point."""
        self._floor = self.next_number()
        self._events.clear()

    def since(self, cursor: int) -> list[tuple[int, str, bytes]] | None:
        """Return (number, channel, message) after `cursor`; None when some are gone."""
        if not self._floor <= cursor <= self._last:
            return None
        return [event for event in self._events if event[0] > cursor]
