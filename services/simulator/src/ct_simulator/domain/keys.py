"""API keys of the simulated venue."""

from dataclasses import dataclass, field, replace
from enum import StrEnum


class KeyKind(StrEnum):
    """How a key signs."""

    HMAC = "hmac"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a key may do; trading and reading by default, never withdrawing."""

    reading: bool = True
    spot_trading: bool = True
    withdrawals: bool = False
    internal_transfer: bool = False
    margin: bool = False
    futures: bool = False
    ip_restricted: bool = False


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key of one account; `material` is the HMAC secret or the Ed25519 public PEM."""

    api_key: str
    account_id: str
    kind: KeyKind
    material: str = field(repr=False)
    created_ms: int
    permissions: Permissions = Permissions()

    def with_permissions(self, permissions: Permissions) -> "ApiKey":
        """Return the key with other permissions."""
        return replace(self, permissions=permissions)
