"""When "the venue does not know it" becomes a fact: the rules of NOT_PLACED (safety.md 3.2)."""

from dataclasses import dataclass, field

FENCE_MARGIN_MS = 15_000
"""Ten seconds in which the venue's own engine may still time out, and five for lookup lag."""
MIN_ABSENCES = 3
MIN_SPACING_MS = 2_000
LOOKBACK_MS = 1_000
"""History and trades are read from this long before the signature."""


@dataclass(slots=True)
class Absences:
    """Well-formed not-found answers about one order, counted only when far enough apart.

    A transport error proves nothing and is never noted here. Times are our monotonic clock.
    """

    _noted_ms: list[int] = field(default_factory=list)

    def note(self, now_ms: int) -> None:
        """Count one not-found answer, unless it comes too soon after the last."""
        if not self._noted_ms or now_ms - self._noted_ms[-1] >= MIN_SPACING_MS:
            self._noted_ms.append(now_ms)

    def forget(self) -> None:
        """Start over: the order was seen, or the evidence was interrupted."""
        self._noted_ms.clear()

    @property
    def enough(self) -> bool:
        """Say whether the lookups alone would allow the conclusion."""
        return len(self._noted_ms) >= MIN_ABSENCES


def fence_passed(signed_at_ms: int, recv_window_ms: int, venue_now_ms: int) -> bool:
    """Say whether the venue itself can no longer accept the signed request."""
    return venue_now_ms >= signed_at_ms + recv_window_ms + FENCE_MARGIN_MS
