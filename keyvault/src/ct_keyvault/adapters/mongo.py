"""The vault's three collections: `keyring`, `keys`, `audit`."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, DuplicateKeyError

from ct_keyvault.domain.audit import Entry, Event
from ct_keyvault.domain.records import KeyRecord, Permissions, Sealed
from ct_keyvault.ports import StoredKeyring
from ct_kit.mongo import IndexSpec, OwnedCollection, mongo_errors

Document = dict[str, Any]

INDEXES = (
    IndexSpec(
        "keys",
        (("owner", 1), ("idempotency_key", 1)),
        unique=True,
        where={"idempotency_key": {"$type": "string"}},
    ),
    IndexSpec("keys", (("owner", 1), ("_id", 1))),
    IndexSpec("audit", (("owner", 1), ("key_id", 1), ("event", 1), ("_id", -1))),
    IndexSpec("audit", (("owner", 1), ("key_id", 1), ("_id", -1))),
)
_KEYRING = "keyring"
_DUPLICATE_KEY = 11_000  # E11000 of the server


class MongoKeyrings:
    """One document: the keyring under the root key, and how often each term was used."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._collection = database["keyring"]

    async def load(self) -> StoredKeyring | None:
        """Return the keyring, or None on a fresh install."""
        with mongo_errors():
            found = await self._collection.find_one({"_id": _KEYRING})
        return None if found is None else StoredKeyring(found["revision"], bytes(found["sealed"]))

    async def save(self, keyring: StoredKeyring) -> bool:
        """Write revision n over revision n - 1, or create revision 1; False when another did."""
        written = {"revision": keyring.revision, "sealed": keyring.sealed}
        with mongo_errors():
            if keyring.revision == 1:
                try:
                    await self._collection.insert_one({"_id": _KEYRING, **written, "reserved": {}})
                except DuplicateKeyError:
                    return False
                return True
            result = await self._collection.update_one(
                {"_id": _KEYRING, "revision": keyring.revision - 1}, {"$set": written}
            )
        return result.matched_count == 1

    async def reserve(self, term: int, uses: int) -> int:
        """Count `uses` of a term ahead of using it; return the total reserved so far.

        A retried increment counts twice, which only wastes budget.
        """
        with mongo_errors():
            found = await self._collection.find_one_and_update(
                {"_id": _KEYRING},
                {"$inc": {f"reserved.{term}": uses}},
                return_document=ReturnDocument.AFTER,
            )
        return 0 if found is None else int(found["reserved"][str(term)])


class MongoKeys:
    """Key records, each query scoped to its owner."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._all = database["keys"]
        self._owned = OwnedCollection(self._all)

    async def any(self) -> bool:
        """Say whether the store holds any record of anyone."""
        with mongo_errors():
            return await self._all.find_one({}, {"_id": 1}) is not None

    async def add(self, record: KeyRecord) -> bool:
        """Insert; False when the owner already used the record's idempotency key."""
        try:
            await self._owned.insert(record.owner, _record_document(record))
        except DuplicateKeyError:
            return False
        return True

    async def get(self, owner: str, key_id: str) -> KeyRecord | None:
        """Return one record of this owner."""
        return _record(await self._owned.find_one(owner, {"_id": key_id}))

    async def by_idempotency_key(self, owner: str, key: str) -> KeyRecord | None:
        """Return the record an earlier request with this key made."""
        return _record(await self._owned.find_one(owner, {"idempotency_key": key}))

    async def exchange_keys(self, owner: str) -> list[KeyRecord]:
        """Return the owner's exchange keys, oldest first."""
        found = await self._owned.find(owner, {"purpose": "exchange"}, sort=[("_id", 1)])
        return [_known(document) for document in found]

    async def replace(self, record: KeyRecord, expected_revision: int) -> bool:
        """Write the record if its stored revision is the expected one; say whether it was."""
        document = _record_document(record)
        del document["_id"]
        found = await self._owned.update_one(
            record.owner, {"_id": record.id, "revision": expected_revision}, {"$set": document}
        )
        return found is not None

    async def remove(self, owner: str, key_id: str) -> bool:
        """Destroy a record and with it the only copy of its data key."""
        return await self._owned.delete_one(owner, {"_id": key_id})


class MongoAudit:
    """The audit chain; `_id` is the sequence number, so one number is written once."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._all = database["audit"]
        self._owned = OwnedCollection(self._all)

    async def head(self) -> Entry | None:
        """Return the newest entry."""
        with mongo_errors():
            found = await self._all.find_one({}, sort=[("_id", -1)])
        return None if found is None else _entry(found)

    async def append(self, entries: Sequence[Entry]) -> int:
        """Write entries durably and in order; return how many, up to the first number taken."""
        documents = [
            {
                "_id": entry.sequence,
                "previous": entry.previous,
                "hash": entry.hash,
                **asdict(entry.event),
            }
            for entry in entries
        ]
        try:
            with mongo_errors():
                await self._all.insert_many(documents, ordered=True)
        except BulkWriteError as stopped:
            faults = stopped.details["writeErrors"]
            taken = [fault["code"] for fault in faults] == [_DUPLICATE_KEY]
            if stopped.details.get("writeConcernErrors") or not taken:
                raise
            return int(stopped.details["nInserted"])
        return len(entries)

    async def of_key(self, owner: str, key_id: str, limit: int) -> list[Entry]:
        """Return what happened to a key, newest first."""
        found = await self._owned.find(owner, {"key_id": key_id}, sort=[("_id", -1)], limit=limit)
        return [_entry(document) for document in found]

    async def last(self, owner: str, key_id: str, events: tuple[str, ...]) -> Entry | None:
        """Return the newest of these events of a key."""
        where = {"key_id": key_id, "event": {"$in": list(events)}}
        found = await self._owned.find_one(owner, where, sort=[("_id", -1)])
        return None if found is None else _entry(found)

    async def walk(self) -> AsyncIterator[Entry]:
        """Yield the whole chain from its start, for verification."""
        with mongo_errors():
            async for document in self._all.find({}, sort=[("_id", 1)]):
                yield _entry(document)


def _record_document(record: KeyRecord) -> Document:
    document = asdict(record)
    document["_id"] = document.pop("id")
    del document["owner"]
    return document


def _record(document: Document | None) -> KeyRecord | None:
    return None if document is None else _known(document)


def _known(document: Document) -> KeyRecord:
    told = document["permissions"]
    fields = {
        **document,
        "id": document["_id"],
        "sealed": Sealed(**document["sealed"]),
        "permissions": Permissions(**told) if told else None,
    }
    del fields["_id"]
    return KeyRecord(**fields)


def _entry(document: Document) -> Entry:
    fields = {name: document[name] for name in Event.__dataclass_fields__}
    return Entry(document["_id"], Event(**fields), document["previous"], document["hash"])
