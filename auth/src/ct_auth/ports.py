"""What auth needs from outside."""

from datetime import datetime
from typing import Protocol

from ct_auth.domain.accounts import Account, AuditRecord, Factor, Session
from ct_auth.domain.throttle import Recent


class Accounts(Protocol):
    """Accounts by id and e-mail."""

    def add(self, account: Account) -> bool:
        """Insert; False when the e-mail is taken."""
        ...

    def claim_first(self, account_id: str) -> bool:
        """Say whether this is the first account of the install; true for one id ever."""
        ...

    def get(self, account_id: str) -> Account | None:
        """Return an account."""
        ...

    def by_email(self, email: str) -> Account | None:
        """Return the account of a lower-case e-mail."""
        ...

    def set_password(self, account_id: str, old_hash: str, new_hash: str) -> bool:
        """Replace a password hash if it is still the old one."""
        ...


class Factors(Protocol):
    """Authenticators, at most one per account."""

    def get(self, owner: str) -> Factor | None:
        """Return the account's factor, confirmed or not."""
        ...

    def enrol(self, factor: Factor) -> bool:
        """Store an unconfirmed factor over any other unconfirmed one; False over a confirmed one."""
        ...

    def confirm(self, owner: str, secret: str, step: int, recovery: tuple[str, ...]) -> bool:
        """Confirm exactly this secret with its first code."""
        ...

    def use_step(self, owner: str, step: int) -> bool:
        """Spend a code; False when it, or a later one, was spent before."""
        ...

    def use_recovery(self, owner: str, code_hash: str) -> bool:
        """Spend a recovery code; False when there is no such one."""
        ...

    def remove(self, owner: str) -> None:
        """Forget the factor."""
        ...


class Sessions(Protocol):
    """Live sign-ins by the hash of their id."""

    def add(self, session: Session) -> None:
        """Store a session."""
        ...

    def get(self, id_hash: str) -> Session | None:
        """Return the session behind an id's hash."""
        ...

    def touch(self, id_hash: str, seen_at: datetime, idle_until: datetime) -> None:
        """Move the last use and the idle limit on."""
        ...

    def of_owner(self, owner: str, now: datetime) -> list[Session]:
        """Return the owner's live sessions, newest first."""
        ...

    def remove(self, owner: str, ref: str) -> bool:
        """End one session by its public name."""
        ...

    def remove_all(self, owner: str) -> int:
        """End every session of the owner."""
        ...


class Attempts(Protocol):
    """Sign-in attempts of the last hour, and addresses an account signed in from."""

    def begin(self, account: str, address: str, now: datetime) -> str:
        """Write an attempt down as failed before it is weighed; return its id."""
        ...

    def recent(self, attempt: str, account: str, address: str, now: datetime) -> Recent:
        """Count the other attempts that matter to this one."""
        ...

    def forget(self, attempt: str) -> None:
        """Let an attempt that was not weighed count for nothing."""
        ...

    def succeed(self, attempt: str, account: str, address: str, now: datetime) -> None:
        """Turn an attempt into a known address and clear the pair's failures."""
        ...


class Audit(Protocol):
    """What happened to an account."""

    def add(self, record: AuditRecord) -> None:
        """Append."""
        ...

    def of_owner(self, owner: str, limit: int) -> list[AuditRecord]:
        """Return the newest first."""
        ...


class Hasher(Protocol):
    """Slow password hashes."""

    def hash(self, password: str) -> str:
        """Hash a new password."""
        ...

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Check a password; takes as long, and says no, where there is no hash."""
        ...

    def is_outdated(self, password_hash: str) -> bool:
        """Say whether today's parameters are others than the hash's."""
        ...


class Codes(Protocol):
    """Codes of authenticator apps."""

    def new_secret(self) -> str:
        """Make a secret."""
        ...

    def uri(self, secret: str, email: str) -> str:
        """Return the otpauth URI an app scans."""
        ...

    def step_of(self, secret: str, code: str, now: datetime) -> int | None:
        """Return the time step a code belongs to, or None where it is wrong now."""
        ...


class Clock(Protocol):
    """The time, handed in."""

    def __call__(self) -> datetime:
        """Return now, aware, in UTC, in whole milliseconds."""
        ...
