"""Indexes that are created at start and then proven to be there.

An order path without its unique index trades twice, so a service whose indexes cannot be
verified must not start (safety.md D5).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pymongo import IndexModel
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from pymongo.errors import OperationFailure

from ct_kit.errors import StartRefused
from ct_kit.mongo.failures import mongo_errors, translate

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """One index. `keys` are (field, 1 or -1); `where` makes it partial.

    `expire_after_s` makes it a TTL index on the one date field it names.
    """

    collection: str
    keys: tuple[tuple[str, int], ...]
    unique: bool = False
    where: Mapping[str, Any] | None = field(default=None, hash=False)
    expire_after_s: int | None = None

    @property
    def name(self) -> str:
        """Return the index's name, derived from its fields."""
        stem = "_".join(f"{key}_{direction}" for key, direction in self.keys)
        return f"{stem}_unique" if self.unique else stem

    def model(self) -> IndexModel:
        """Return the driver's description of this index."""
        options: dict[str, Any] = {"name": self.name}
        if self.unique:
            options["unique"] = True
        if self.where is not None:
            options["partialFilterExpression"] = dict(self.where)
        if self.expire_after_s is not None:
            options["expireAfterSeconds"] = self.expire_after_s
        return IndexModel(list(self.keys), **options)


async def ensure_indexes(db: AsyncDatabase[Document], specs: Iterable[IndexSpec]) -> None:
    """Create the indexes, read them back, and raise `StartRefused` where one is not as said."""
    for collection, wanted in _by_collection(specs).items():
        with mongo_errors():
            try:
                await db[collection].create_indexes([spec.model() for spec in wanted])
            except OperationFailure as error:
                _pass_outage(error)
                raise _refused(db.name, collection, _reason(error)) from error
            found = await db[collection].index_information()
        _verify(db.name, collection, wanted, found)


def ensure_indexes_sync(db: Database[Document], specs: Iterable[IndexSpec]) -> None:
    """Do as `ensure_indexes` with a blocking database."""
    for collection, wanted in _by_collection(specs).items():
        with mongo_errors():
            try:
                db[collection].create_indexes([spec.model() for spec in wanted])
            except OperationFailure as error:
                _pass_outage(error)
                raise _refused(db.name, collection, _reason(error)) from error
            found = db[collection].index_information()
        _verify(db.name, collection, wanted, found)


def _by_collection(specs: Iterable[IndexSpec]) -> dict[str, list[IndexSpec]]:
    grouped: dict[str, list[IndexSpec]] = {}
    for spec in specs:
        grouped.setdefault(spec.collection, []).append(spec)
    return grouped


def _verify(
    db: str, collection: str, wanted: list[IndexSpec], found: Mapping[str, Mapping[str, Any]]
) -> None:
    for spec in wanted:
        index = found.get(spec.name)
        if index is None:
            raise _refused(db, collection, f"index {spec.name} is missing")
        if [tuple(key) for key in index["key"]] != list(spec.keys):
            raise _refused(db, collection, f"index {spec.name} is on other fields: {index['key']}")
        if bool(index.get("unique")) != spec.unique:
            raise _refused(db, collection, f"index {spec.name} is not unique={spec.unique}")
        if index.get("expireAfterSeconds") != spec.expire_after_s:
            raise _refused(db, collection, f"index {spec.name} expires at another age")
        partial = index.get("partialFilterExpression")
        if partial != (None if spec.where is None else dict(spec.where)):
            raise _refused(db, collection, f"index {spec.name} covers other documents: {partial}")


def _pass_outage(error: OperationFailure) -> None:
    if translate(error) is not None:
        raise error


def _reason(error: OperationFailure) -> str:
    # Only the name: the message of a violated unique index holds the users' values.
    name = (error.details or {}).get("codeName", type(error).__name__)
    return f"an index cannot be created ({name})"


def _refused(db: str, collection: str, reason: str) -> StartRefused:
    return StartRefused(
        "index_not_verified",
        f"{db}.{collection}: {reason}. Mend or drop the index, then start again.",
    )
