"""The runner's writes: each a compare-and-set under the lease's epoch.

A step is committed by ONE write to the bot's document: the strategy's state after the event, the
orders it led to, and the decision and log lines that belong to it (`pending`). The write matches
only where the epoch, the step number and the user's control version are those the runner read.
Decision and log lines are then inserted in collections of their own, under ids that `pending`
already carries; a new holder repeats that insertion, so a crash between loses neither.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pymongo import ASCENDING, ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from ct_bots.adapters.documents import bot_of, control_fields, decision_document, run_document
from ct_bots.adapters.records import event_documents
from ct_bots.domain.bot import Bot
from ct_bots.domain.journal import Note
from ct_bots.domain.lifecycle import ACTIVE
from ct_bots.domain.orders import BotOrder
from ct_bots.domain.seen import Step
from ct_kit.mongo import mongo_errors, new_id, to_bson

Document = dict[str, Any]

EQUITY_POINTS = 2_000
_DUPLICATE_KEY = 11_000


class MongoRuns:
    """The fenced half of the `bots` database."""

    def __init__(self, db: AsyncDatabase[Document]) -> None:
        self._db = db
        self._bots = db["bots"]

    async def unheld(self) -> list[str]:
        """Return bots in an active state whose lease is free, expired or not yet made."""
        with mongo_errors():
            found = self._bots.find({"state": {"$in": sorted(ACTIVE)}}, {"_id": 1})
            active = [item["_id"] async for item in found.sort("_id", ASCENDING)]
            if not active:
                return []
            held = self._db["leases"].find(
                {"_id": {"$in": active}, "$expr": {"$gt": ["$expires_at", "$$NOW"]}}, {"_id": 1}
            )
            taken = {item["_id"] async for item in held}
        return [bot_id for bot_id in active if bot_id not in taken]

    async def take_over(self, bot_id: str, epoch: int) -> Bot | None:
        """Raise the fence to our epoch; None where a later holder already did, or it is gone."""
        with mongo_errors():
            found = await self._bots.find_one_and_update(
                {"_id": bot_id, "epoch": {"$lt": epoch}},
                {"$set": {"epoch": epoch}},
                return_document=ReturnDocument.AFTER,
            )
        if found is None:
            return None
        await self._write_down(found.get("pending"))
        return bot_of(found)

    async def load(self, bot_id: str, epoch: int) -> Bot | None:
        """Return the bot as it is now, or None where the fence was raised above ours."""
        with mongo_errors():
            found = await self._bots.find_one({"_id": bot_id, "epoch": epoch})
        return bot_of(found) if found else None

    async def controls(self, bot_ids: Sequence[str]) -> dict[str, int]:
        """Return the control versions of these bots; a deleted one is absent."""
        with mongo_errors():
            found = self._bots.find({"_id": {"$in": list(bot_ids)}}, {"control_version": 1})
            return {item["_id"]: int(item["control_version"]) async for item in found}

    async def commit(self, before: Bot, step: Step, epoch: int) -> bool:
        """Write a step; False where epoch, step or control version are no longer as read."""
        bot = step.bot
        change: Document = {"run": run_document(bot.run), "updated_at": datetime.now(UTC)}
        if bot.control_version != before.control_version:
            change |= control_fields(bot)
        pending = None
        if step.decision is not None or step.notes:
            decision = step.decision
            pending = {
                "decision": decision and decision_document(bot, decision, new_id("dec")),
                "events": event_documents(bot, step.notes),
            }
            change["pending"] = pending
        with mongo_errors():
            result = await self._bots.update_one(
                {
                    "_id": bot.id,
                    "epoch": epoch,
                    "run.step": before.run.step,
                    "control_version": before.control_version,
                },
                {"$set": change},
            )
        if result.matched_count == 0:
            return False
        await self._write_down(pending)
        return True

    async def _write_down(self, pending: Document | None) -> None:
        if pending is None:
            return
        if pending["decision"] is not None:
            await _insert_once(self._db["decisions"], [pending["decision"]])
        if pending["events"]:
            await _insert_once(self._db["events"], pending["events"])

    async def note(self, bot: Bot, notes: Sequence[Note]) -> None:
        """Append lines that belong to no step."""
        if notes:
            await _insert_once(self._db["events"], event_documents(bot, notes))

    async def order_placed(self, bot: Bot, order: BotOrder) -> None:
        """Record on the decision which order a target became."""
        with mongo_errors():
            await self._db["decisions"].update_one(
                {"owner": bot.owner, "bot_id": bot.id, "key": order.decision},
                {"$set": {f"targets.{order.index}.order_id": order.order_id}},
            )

    async def was_ours(self, bot: Bot, order_id: str) -> bool:
        """Say whether a decision of the bot ever became this order."""
        where = {"owner": bot.owner, "bot_id": bot.id, "targets.order_id": order_id}
        with mongo_errors():
            return await self._db["decisions"].find_one(where, {"_id": 1}) is not None

    async def add_equity(self, bot: Bot, points: Sequence[tuple[datetime, Decimal]]) -> None:
        """Append equity points to the bot's one document of them, the newest kept."""
        each = [{"at": at, "equity": to_bson(equity)} for at, equity in points]
        with mongo_errors():
            await self._db["equity"].update_one(
                {"_id": bot.id},
                {
                    "$set": {"owner": bot.owner},
                    "$push": {"points": {"$each": each, "$slice": -EQUITY_POINTS}},
                },
                upsert=True,
            )


async def _insert_once(
    collection: AsyncCollection[Document], documents: Sequence[Document]
) -> None:
    """Insert what is not there yet: the same documents again change nothing."""
    try:
        with mongo_errors():
            await collection.insert_many(documents, ordered=False)
    except BulkWriteError as error:
        faults = (error.details or {}).get("writeErrors", [])
        if any(fault.get("code") != _DUPLICATE_KEY for fault in faults):
            raise
