"""Equity snapshots in MongoDB."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from ct_exchange_bridge.domain.portfolio import EquitySnapshot
from ct_kit.domain import Mode
from ct_kit.mongo import OwnedCollection, new_id, to_bson

Document = dict[str, Any]


class MongoEquity:
    """The `equity` collection."""

    def __init__(self, db: AsyncDatabase[Document]) -> None:
        self._owned = OwnedCollection(db["equity"])

    async def add(self, owner: str, mode: Mode, snapshot: EquitySnapshot) -> None:
        """Store a snapshot; one that was taken at the same instant already stands."""
        document = {
            "_id": new_id("eqs"),
            "mode": mode,
            "at": snapshot.at,
            "equity": snapshot.equity,
            "deposited": snapshot.deposited,
        }
        try:
            await self._owned.insert(owner, to_bson(document))
        except DuplicateKeyError:
            return

    async def since(self, owner: str, mode: Mode, start: datetime | None) -> list[EquitySnapshot]:
        """Return snapshots from a time on, ascending."""
        where: Document = {"mode": mode.value}
        if start is not None:
            where["at"] = {"$gte": start}
        found = await self._owned.find(owner, where, sort=[("at", 1)], limit=50_000)
        return [_snapshot(item) for item in found]

    async def peak(self, owner: str, mode: Mode) -> Decimal | None:
        """Return the highest equity ever seen."""
        found = await self._owned.find_one(owner, {"mode": mode.value}, sort=[("equity", -1)])
        return None if found is None else found["equity"]

    async def at_or_before(self, owner: str, mode: Mode, at: datetime) -> EquitySnapshot | None:
        """Return the newest snapshot not after `at`, else the oldest there is."""
        where: Document = {"mode": mode.value, "at": {"$lte": at}}
        found = await self._owned.find_one(owner, where, sort=[("at", -1)])
        if found is None:
            found = await self._owned.find_one(owner, {"mode": mode.value}, sort=[("at", 1)])
        return None if found is None else _snapshot(found)


def _snapshot(item: Document) -> EquitySnapshot:
    return EquitySnapshot(item["at"], item["equity"], item["deposited"])
