"""How long to wait before a dead child is started again."""

from dataclasses import dataclass

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
HEALTHY_AFTER_S = 60.0  # a child that served this long is well; its next death is a new story


@dataclass(slots=True)
class Backoff:
    """Double the delay from 0.5 s to 30 s; forget the past after a minute of health."""

    first_s: float = FIRST_DELAY_S
    longest_s: float = LONGEST_DELAY_S
    healthy_after_s: float = HEALTHY_AFTER_S
    _next_s: float = 0.0

    def delay_after(self, ready_for_s: float) -> float:
        """Return the delay in seconds before the next start of a child that was ready this long."""
        if ready_for_s >= self.healthy_after_s or not self._next_s:
            self._next_s = self.first_s
        delay = self._next_s
        self._next_s = min(self._next_s * 2, self.longest_s)
        return delay
