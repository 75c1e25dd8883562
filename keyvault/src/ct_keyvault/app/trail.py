"""Appending to the audit chain: one durable write per entry, and no gap or fork."""

import asyncio

from ct_keyvault.app.barrier import Barrier
from ct_keyvault.domain.audit import GENESIS, Entry, Event, link
from ct_keyvault.domain.records import KeyRecord
from ct_keyvault.errors import RecordUnreadable
from ct_keyvault.ports import AuditStore, Clock
from ct_kit.errors import Unavailable

SEALING_EVENTS = ("key_created", "pair_made", "pair_activated", "key_deleted")
SIGNED = "signed"
_ATTEMPTS = 50  # each lost race means another replica appended; fifty in a row means a fault


class AuditTrail:
    """Knows the head of the chain; the store's unique sequence settles races of replicas."""

    def __init__(self, store: AuditStore, barrier: Barrier, clock: Clock) -> None:
        self._store = store
        self._barrier = barrier
        self._clock = clock
        self._head: tuple[int, str] | None = None
        self._appending = asyncio.Lock()
        self._versions: dict[str, int] = {}

    async def record(
        self, event: str, owner: str, key_id: str, *, caller: str, version: int, detail: str = ""
    ) -> None:
        """Append an entry, or raise: what it describes must then not happen."""
        happened = Event(self._clock(), event, owner, key_id, caller, detail, version)
        async with self._appending:
            await self._append(happened)
        if event == "key_deleted":
            self._versions.pop(key_id, None)
        elif event in SEALING_EVENTS:
            self._versions[key_id] = version

    async def require_current(self, record: KeyRecord) -> None:
        """Refuse a record older than the chain says: it was rolled back, or was deleted."""
        known = self._versions.get(record.id)
        if known is None or record.sealed.version > known:
            newest = await self._store.last(record.owner, record.id, SEALING_EVENTS)
            if newest is None or newest.event.event == "key_deleted":
                raise RecordUnreadable("the audit chain says it should not exist")
            known = self._versions[record.id] = newest.event.version
        # A newer record than the chain names is authentic (its version is under its seal): the
        # process ended between the write and the entry that tells of it.
        if record.sealed.version < known:
            raise RecordUnreadable("it is older than the audit chain says")

    async def of_key(self, owner: str, key_id: str, limit: int) -> list[Entry]:
        """Return what happened to a key, newest first."""
        return await self._store.of_key(owner, key_id, limit)

    async def last_use(self, owner: str, key_id: str) -> Entry | None:
        """Return the newest signature made with a key."""
        return await self._store.last(owner, key_id, (SIGNED,))

    async def _append(self, event: Event) -> None:
        key = self._barrier.audit_key()
        for _ in range(_ATTEMPTS):
            if self._head is None:
                newest = await self._store.head()
                self._head = (0, GENESIS) if newest is None else (newest.sequence, newest.hash)
            sequence, previous = self._head
            entry = link(key, sequence + 1, previous, event)
            # Until the store has said yes, nobody knows where the chain ends.
            self._head = None
            if await self._store.append(entry):
                self._head = (entry.sequence, entry.hash)
                return
        raise Unavailable("audit_contended", "The audit chain could not be extended.")
