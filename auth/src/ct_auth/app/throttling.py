"""Weighing whether an attempt is weighed: written down first, counted, then decided."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ct_auth.domain.throttle import Recent, sign_in_wait_s
from ct_auth.errors import TooManyFailedLogins
from ct_auth.ports import Attempts, Clock


class Attempt:
    """One attempt under way. It counts as failed unless it is said to have succeeded."""

    def __init__(self) -> None:
        self.succeeded = False
        self.counts = True


class Throttle:
    """The budget of guesses. Attempts made at once see each other, so a burst gains nothing."""

    def __init__(self, attempts: Attempts, clock: Clock) -> None:
        self._attempts = attempts
        self._clock = clock

    @contextmanager
    def attempt(
        self, account: str, address: str, rule: Callable[[Recent], float] = sign_in_wait_s
    ) -> Iterator[Attempt]:
        """Admit an attempt, or raise `TooManyFailedLogins`; a refused one counts for nothing."""
        now = self._clock()
        written = self._attempts.begin(account, address, now)
        wait = rule(self._attempts.recent(written, account, address, now))
        if wait > 0:
            self._attempts.forget(written)
            raise TooManyFailedLogins(wait)
        attempt = Attempt()
        try:
            yield attempt
        finally:
            if attempt.succeeded:
                self._attempts.succeed(written, account, address, self._clock())
            elif not attempt.counts:
                self._attempts.forget(written)
