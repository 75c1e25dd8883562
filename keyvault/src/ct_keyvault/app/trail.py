"""Appending to the audit chain: durable before it is believed, and without gap or fork.

Entries that arrive while a write is under way share the next one, so the time a signature waits
for its entry does not grow with how many are asked for at once.
"""

import asyncio
from collections.abc import Sequence

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
        self._waiting: list[tuple[Event, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._versions: dict[str, int] = {}

    async def record(
        self, event: str, owner: str, key_id: str, *, caller: str, version: int, detail: str = ""
    ) -> None:
        """Append an entry, or raise: what it describes must then not happen."""
        happened = Event(self._clock(), event, owner, key_id, caller, detail, version)
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((happened, written))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_waiting())
        await written
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

    async def _write_waiting(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                try:
                    await self._append([event for event, _ in batch])
                except Exception as failed:  # noqa: BLE001 - handed to every caller that waits
                    _settle(batch, failed)
                else:
                    _settle(batch, None)
        finally:
            self._writer = None

    async def _append(self, events: Sequence[Event]) -> None:
        key = self._barrier.audit_key()
        left = list(events)
        for _ in range(_ATTEMPTS):
            if self._head is None:
                newest = await self._store.head()
                self._head = (0, GENESIS) if newest is None else (newest.sequence, newest.hash)
            entries: list[Entry] = []
            sequence, previous = self._head
            for event in left:
                sequence += 1
                entries.append(link(key, sequence, previous, event))
                previous = entries[-1].hash
            # Until the store has said how far it got, nobody knows where the chain ends.
            self._head = None
            written = await self._store.append(entries)
            if written == len(entries):
                self._head = (sequence, previous)
                return
            left = left[written:]
        raise Unavailable("audit_contended", "The audit chain could not be extended.")


def _settle(batch: Sequence[tuple[Event, asyncio.Future[None]]], failed: Exception | None) -> None:
    for _, written in batch:
        if written.done():
            continue  # whoever waited has hung up
        if failed is None:
            written.set_result(None)
        else:
            written.set_exception(failed)
