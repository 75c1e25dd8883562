"""The venue's own time, which need not be ours.

Three ways to run: with the wall clock (speed 1 from now), faster than it from some start, or
stepped by hand. The virtual time never goes back and never passes the end of a recording.
"""

import time
from collections.abc import Callable
from enum import StrEnum

from ct_simulator.errors import ClockNotStepped

NowMs = Callable[[], float]


def wall_ms() -> float:
    """Read the wall clock, in epoch milliseconds."""
    return time.time_ns() / 1e6


class ClockMode(StrEnum):
    """How the virtual time moves."""

    REALTIME = "realtime"
    STEPPED = "stepped"


class VirtualClock:
    """Tell the venue's time in whole epoch milliseconds."""

    def __init__(
        self,
        mode: ClockMode,
        *,
        start_ms: int | None = None,
        speed: float = 1.0,
        end_ms: int | None = None,
        wall: NowMs = wall_ms,
    ) -> None:
        """Begin at `start_ms`, or with the wall clock when it is None."""
        self.mode = mode
        self._wall = wall
        self._wall_origin = wall()
        self._origin = float(start_ms) if start_ms is not None else self._wall_origin
        self._speed = speed
        self._end = end_ms
        self.is_real = mode is ClockMode.REALTIME and start_ms is None and speed == 1.0

    @property
    def speed(self) -> float:
        """Return virtual seconds per real second; 0 when stepped."""
        return 0.0 if self.mode is ClockMode.STEPPED else self._speed

    @property
    def ended(self) -> bool:
        """Tell whether the end of the recording is reached."""
        return self._end is not None and self.now_ms() >= self._end

    def now_ms(self) -> int:
        """Return the virtual time."""
        now = self._origin
        if self.mode is ClockMode.REALTIME:
            now += max(self._wall() - self._wall_origin, 0.0) * self._speed
        return int(now if self._end is None else min(now, self._end))

    def wall_now_ms(self) -> int:
        """Return the wall clock's time, which clients stamp their requests with."""
        return int(self._wall())

    def move_to(self, time_ms: int) -> None:
        """Set a stepped clock forward.

        Raises ClockNotStepped when the clock runs by itself.
        """
        if self.mode is not ClockMode.STEPPED:
            raise ClockNotStepped("clock_not_stepped", "the clock runs by itself; set its speed")
        self._origin = max(self._origin, float(time_ms))

    def set_speed(self, speed: float) -> None:
        """Run on from now at another speed.

        Raises ClockNotStepped when the clock is stepped and so has no speed.
        """
        if self.mode is ClockMode.STEPPED:
            raise ClockNotStepped("clock_stepped", "the clock is stepped by hand; step it")
        self._origin = float(self.now_ms())
        self._wall_origin = self._wall()
        self._speed = speed
        self.is_real = False
