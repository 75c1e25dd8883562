"""A collection in which every query names the owner.

The owner is a required argument of each method and is put into filter and document here, so a
query without one cannot be written by accident, and a filter that names another owner is
refused. A document of somebody else is simply not found.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.collection import Collection

from ct_kit.mongo.decimals import from_bson, to_bson
from ct_kit.mongo.failures import mongo_errors

Document = dict[str, Any]
Sort = Iterable[tuple[str, int]]
OWNER = "owner"


class OwnedCollection:
    """Owner-scoped access for asyncio. Values pass `to_bson` in and `from_bson` out."""

    def __init__(self, collection: AsyncCollection[Document]) -> None:
        self._collection = collection

    async def insert(self, owner: str, document: Mapping[str, Any]) -> None:
        """Insert one document of this owner; raises the driver's `DuplicateKeyError`."""
        with mongo_errors():
            await self._collection.insert_one(_owned(owner, document))

    async def find_one(
        self, owner: str, where: Mapping[str, Any], *, sort: Sort | None = None
    ) -> Document | None:
        """Return the owner's first match, or None."""
        with mongo_errors(reading=True):
            found = await self._collection.find_one(
                _scoped(owner, where), sort=list(sort) if sort else None
            )
        return _decoded(found)

    async def find(
        self,
        owner: str,
        where: Mapping[str, Any] | None = None,
        *,
        sort: Sort = (),
        limit: int = 0,
    ) -> list[Document]:
        """Return the owner's matches; `limit` 0 is no limit."""
        with mongo_errors(reading=True):
            cursor = self._collection.find(_scoped(owner, where or {}), limit=limit)
            if order := list(sort):
                cursor = cursor.sort(order)
            return [from_bson(item) async for item in cursor]

    async def update_one(
        self, owner: str, where: Mapping[str, Any], update: Mapping[str, Any]
    ) -> Document | None:
        """Change the first match in one atomic step and return it as it is now, or None.

        For compare-and-set put the expected version or state into `where`.
        """
        with mongo_errors():
            found = await self._collection.find_one_and_update(
                _scoped(owner, where),
                _change(update),
                return_document=ReturnDocument.AFTER,
            )
        return _decoded(found)

    async def delete_one(self, owner: str, where: Mapping[str, Any]) -> bool:
        """Delete the first match; say whether there was one."""
        with mongo_errors():
            result = await self._collection.delete_one(_scoped(owner, where))
        return result.deleted_count == 1

    async def count(self, owner: str, where: Mapping[str, Any] | None = None) -> int:
        """Count the owner's matches."""
        with mongo_errors(reading=True):
            return await self._collection.count_documents(_scoped(owner, where or {}))


class SyncOwnedCollection:
    """Owner-scoped access for blocking code; the same methods as `OwnedCollection`."""

    def __init__(self, collection: Collection[Document]) -> None:
        self._collection = collection

    def insert(self, owner: str, document: Mapping[str, Any]) -> None:
        """Insert one document of this owner; raises the driver's `DuplicateKeyError`."""
        with mongo_errors():
            self._collection.insert_one(_owned(owner, document))

    def find_one(
        self, owner: str, where: Mapping[str, Any], *, sort: Sort | None = None
    ) -> Document | None:
        """Return the owner's first match, or None."""
        with mongo_errors(reading=True):
            found = self._collection.find_one(
                _scoped(owner, where), sort=list(sort) if sort else None
            )
        return _decoded(found)

    def find(
        self,
        owner: str,
        where: Mapping[str, Any] | None = None,
        *,
        sort: Sort = (),
        limit: int = 0,
    ) -> list[Document]:
        """Return the owner's matches; `limit` 0 is no limit."""
        with mongo_errors(reading=True):
            cursor = self._collection.find(_scoped(owner, where or {}), limit=limit)
            if order := list(sort):
                cursor = cursor.sort(order)
            return [from_bson(item) for item in cursor]

    def update_one(
        self, owner: str, where: Mapping[str, Any], update: Mapping[str, Any]
    ) -> Document | None:
        """Change the first match in one atomic step and return it as it is now, or None."""
        with mongo_errors():
            found = self._collection.find_one_and_update(
                _scoped(owner, where), _change(update), return_document=ReturnDocument.AFTER
            )
        return _decoded(found)

    def delete_one(self, owner: str, where: Mapping[str, Any]) -> bool:
        """Delete the first match; say whether there was one."""
        with mongo_errors():
            return self._collection.delete_one(_scoped(owner, where)).deleted_count == 1

    def count(self, owner: str, where: Mapping[str, Any] | None = None) -> int:
        """Count the owner's matches."""
        with mongo_errors(reading=True):
            return self._collection.count_documents(_scoped(owner, where or {}))


def _checked(owner: str) -> str:
    if not isinstance(owner, str) or not owner:
        raise ValueError(f"a query needs its owner's id, was {owner!r}")
    return owner


def _scoped(owner: str, where: Mapping[str, Any]) -> Document:
    if OWNER in where:
        raise ValueError("the owner is an argument of its own, not part of the filter")
    # $and keeps a top-level $or of the caller from standing beside the owner.
    return (
        {"$and": [{OWNER: _checked(owner)}, to_bson(where)]} if where else {OWNER: _checked(owner)}
    )


def _owned(owner: str, document: Mapping[str, Any]) -> Document:
    if document.get(OWNER, owner) != owner:
        raise ValueError("the document names another owner")
    stored: Document = to_bson(document)
    stored[OWNER] = _checked(owner)
    return stored


def _change(update: Mapping[str, Any]) -> Document:
    for operator, fields in update.items():
        if not operator.startswith("$"):
            raise ValueError("an update is made of operators such as $set")
        if OWNER in fields:
            raise ValueError("an owner never changes")
    changed: Document = to_bson(update)
    return changed


def _decoded(found: Document | None) -> Document | None:
    if found is None:
        return None
    decoded: Document = from_bson(found)
    return decoded
