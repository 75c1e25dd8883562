"""A key as the vault keeps it: the sealed part is opaque to everything but the barrier."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ct_keyvault.domain.envelope import Place

Kind = Literal["hmac", "ed25519"]
Purpose = Literal["exchange", "paper"]
State = Literal["pending", "unverified", "verified", "refused"]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A secret under its own data key, and that data key under a term of the keyring."""

    version: int
    wrapped_key: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the venue said the key may do."""

    can_read: bool
    can_trade: bool
    can_withdraw: bool
    ip_restricted: bool


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One exchange key of one owner. `revision` is the compare-and-set counter."""

    id: str
    owner: str
    venue: str
    label: str
    kind: Kind
    purpose: Purpose
    api_key_hint: str
    state: State
    sealed: Sealed
    created_at: datetime
    revision: int = 1
    state_reason: str | None = None
    permissions: Permissions | None = None
    verified_at: datetime | None = None
    public_key_pem: str | None = None
    idempotency_key: str | None = None
    request_digest: str | None = None

    def place(self) -> Place:
        """Return where this record's envelope belongs."""
        return Place(self.owner, self.id, self.venue, self.sealed.version)


def hint(api_key: str) -> str:
    """Return the four characters of the public half that may be shown."""
    return api_key[-4:]
