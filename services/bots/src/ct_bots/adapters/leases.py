"""Leases of bots: one holder at a time, by the database's clock, with a rising epoch.

A claim is one compare-and-set on the lease document. The epoch then becomes the fence on the
bot's own document (see `runs.MongoRuns.take_over`): a holder that was frozen and comes back
finds that none of its writes match any more.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from ct_kit.mongo import mongo_errors

Document = dict[str, Any]

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_EXPIRED = {"$lte": ["$expires_at", "$$NOW"]}


class MongoLeases:
    """Leases of one runner, named `holder`; each lasts `ttl_s` from the server's now."""

    def __init__(self, db: AsyncDatabase[Document], holder: str, ttl_s: float) -> None:
        self._leases = db["leases"]
        self._holder = holder
        self._until = {
            "$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": int(ttl_s * 1000)}
        }

    async def claim(self, bot_id: str) -> int | None:
        """Take the lease if it is free, expired or already ours; return the new epoch."""
        taken = await self._take(bot_id)
        if taken is None and await self._make(bot_id):
            taken = await self._take(bot_id)
        return None if taken is None else int(taken["epoch"])

    async def _take(self, bot_id: str) -> Document | None:
        ours = {"$eq": ["$holder", self._holder]}
        with mongo_errors():
            return await self._leases.find_one_and_update(
                {"_id": bot_id, "$expr": {"$or": [_EXPIRED, ours]}},
                [
                    {
                        "$set": {
                            "holder": self._holder,
                            "epoch": {"$add": ["$epoch", 1]},
                            "expires_at": self._until,
                        }
                    }
                ],
                return_document=ReturnDocument.AFTER,
            )

    async def _make(self, bot_id: str) -> bool:
        free = {"_id": bot_id, "holder": None, "epoch": 0, "expires_at": _LONG_AGO}
        try:
            with mongo_errors():
                await self._leases.insert_one(free)
        except DuplicateKeyError:
            return False  # somebody holds it, or made it a moment ago: next round
        return True

    async def renew(self, bot_ids: Sequence[str]) -> dict[str, int]:
        """Prolong what we hold and has not expired; return those bots with their epochs."""
        held = {"_id": {"$in": list(bot_ids)}, "holder": self._holder}
        alive = {**held, "$expr": {"$not": [_EXPIRED]}}
        with mongo_errors():
            await self._leases.update_many(alive, [{"$set": {"expires_at": self._until}}])
            found = self._leases.find(alive, {"epoch": 1})
            return {lease["_id"]: int(lease["epoch"]) async for lease in found}

    async def release(self, bot_id: str, epoch: int) -> None:
        """Let others have the lease at once, if it is still ours."""
        with mongo_errors():
            await self._leases.update_one(
                {"_id": bot_id, "holder": self._holder, "epoch": epoch},
                {"$set": {"holder": None, "expires_at": _LONG_AGO}},
            )
