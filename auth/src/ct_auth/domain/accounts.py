"""An account, its second factor, its sessions and what happened to it."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from ct_kit.contracts.auth import Role

_SESSION_BYTES = 32  # 256 bits of the system's generator (safety.md T7)
LAST_SEEN_EVERY = timedelta(minutes=1)
"""A session's last use is written at most this often: reading must not become writing."""


@dataclass(frozen=True, slots=True)
class Account:
    """One person."""

    id: str
    email: str
    password_hash: str
    roles: tuple[Role, ...]
    created_at: datetime
    totp_enabled: bool = False

    def __repr__(self) -> str:
        return f"Account({self.id!r})"


@dataclass(frozen=True, slots=True)
class Factor:
    """An authenticator: unconfirmed until its first code; codes at or before `last_step` are used."""

    owner: str
    secret: str
    confirmed: bool
    last_step: int
    recovery_hashes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Factor(owner={self.owner!r}, confirmed={self.confirmed})"


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in. `id_hash` is all the store knows of the opaque id; `ref` is its public name."""

    id_hash: str
    ref: str
    owner: str
    created_at: datetime
    last_seen_at: datetime
    idle_until: datetime
    expires_at: datetime
    user_agent: str

    def is_live(self, now: datetime) -> bool:
        """Say whether neither limit has passed."""
        return now < self.idle_until and now < self.expires_at


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lives unused, and at most."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One security event of an account."""

    owner: str
    at: datetime
    event: str
    detail: str


def new_session_id() -> str:
    """Make an opaque session id."""
    return secrets.token_urlsafe(_SESSION_BYTES)


def digest(credential: str) -> str:
    """Return what is stored of a random credential. Only for ones of 100 bits and more."""
    return hashlib.sha256(credential.encode()).hexdigest()
