"""A lease as its holder sees it: valid until a moment of the monotonic clock."""

import time

from ct_bots.errors import LeaseLostError

_MARGIN_S = 0.5
"""Stop a little before the others may start."""


class HeldLease:
    """One bot's lease. Time counts on while a process is frozen, so a zombie notices on waking."""

    def __init__(self, bot_id: str, epoch: int, until: float) -> None:
        self.bot_id = bot_id
        self.epoch = epoch
        self._until = until

    @property
    def valid(self) -> bool:
        """Say whether the lease certainly still holds."""
        return time.monotonic() < self._until - _MARGIN_S

    def prolong(self, until: float) -> None:
        """Take over a renewal's new end."""
        self._until = until

    def require(self) -> None:
        """Raise `LeaseLostError` unless the lease certainly still holds."""
        if not self.valid:
            raise LeaseLostError(self.bot_id)
