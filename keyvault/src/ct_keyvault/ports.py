"""What the vault needs from outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ct_keyvault.domain.audit import Entry
from ct_keyvault.domain.records import KeyRecord


class RootKeySource(Protocol):
    """Where the root key comes from; never the database."""

    def read(self) -> bytearray:
        """Return 32 bytes the caller clears; raise `VaultSealed` saying what to mend."""
        ...


@dataclass(frozen=True, slots=True)
class StoredKeyring:
    """The keyring as it rests: sealed under the root key."""

    revision: int
    sealed: bytes


class KeyringStore(Protocol):
    """The one keyring document and the counters of its terms."""

    async def load(self) -> StoredKeyring | None:
        """Return the keyring, or None on a fresh install."""
        ...

    async def save(self, keyring: StoredKeyring) -> bool:
        """Write revision n over revision n - 1, or create revision 1; False when another did."""
        ...

    async def reserve(self, term: int, uses: int) -> int:
        """Count `uses` of a term ahead of using it; return the total reserved so far."""
        ...


class KeyStore(Protocol):
    """Key records. Every call names the owner."""

    async def any(self) -> bool:
        """Say whether the store holds any record of anyone."""
        ...

    async def add(self, record: KeyRecord) -> bool:
        """Insert; False when the owner already used the record's idempotency key."""
        ...

    async def get(self, owner: str, key_id: str) -> KeyRecord | None:
        """Return one record of this owner."""
        ...

    async def by_idempotency_key(self, owner: str, key: str) -> KeyRecord | None:
        """Return the record an earlier request with this key made."""
        ...

    async def exchange_keys(self, owner: str) -> list[KeyRecord]:
        """Return the owner's exchange keys, oldest first."""
        ...

    async def replace(self, record: KeyRecord, expected_revision: int) -> bool:
        """Write the record if its stored revision is the expected one; say whether it was."""
        ...

    async def remove(self, owner: str, key_id: str) -> bool:
        """Destroy a record and with it the only copy of its data key."""
        ...


class AuditStore(Protocol):
    """An append-only list of entries, one per sequence number."""

    async def head(self) -> Entry | None:
        """Return the newest entry."""
        ...

    async def append(self, entries: Sequence[Entry]) -> int:
        """Write entries durably and in order; return how many, up to the first number taken."""
        ...

    async def of_key(self, owner: str, key_id: str, limit: int) -> list[Entry]:
        """Return what happened to a key, newest first."""
        ...

    async def last(self, owner: str, key_id: str, events: tuple[str, ...]) -> Entry | None:
        """Return the newest of these events of a key."""
        ...


class Clock(Protocol):
    """The time, handed in."""

    def __call__(self) -> datetime:
        """Return now, aware, in UTC, in whole milliseconds."""
        ...
