"""argon2id password hashes, a bounded number at a time."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from ct_kit.errors import TooManyRequests

_WAIT_S = 5.0


class Argon2Hasher:
    """argon2id with OWASP's first recommendation unless configured otherwise.

    46 MiB, one pass, one lane (OWASP Password Storage Cheat Sheet; ASVS 5.0, 11.4.2). Each hash
    takes that memory while it runs, so at most `at_once` run; who waits too long is told to come
    again, rather than let a burst of sign-ins take the machine.
    """

    def __init__(self, *, memory_kib: int, passes: int, at_once: int) -> None:
        self._argon2 = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._running = threading.BoundedSemaphore(at_once)
        self._nobodys_hash = self._argon2.hash("the password of nobody")

    def hash(self, password: str) -> str:
        """Hash a new password."""
        self._enter()
        try:
            return self._argon2.hash(password)
        finally:
            self._running.release()

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Check a password; takes as long, and says no, where there is no hash."""
        self._enter()
        try:
            right = self._argon2.verify(password_hash or self._nobodys_hash, password)
        except VerifyMismatchError:
            return False
        except (VerificationError, InvalidHashError) as damaged:
            raise ValueError("the stored password hash is damaged") from damaged
        finally:
            self._running.release()
        return right and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Say whether today's parameters are others than the hash's."""
        return self._argon2.check_needs_rehash(password_hash)

    def _enter(self) -> None:
        if not self._running.acquire(timeout=_WAIT_S):
            raise TooManyRequests(
                "busy", "Too many people sign in just now.", retry_after_s=_WAIT_S
            )
