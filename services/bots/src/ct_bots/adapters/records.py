"""Events, decisions and equity as the bot's page reads them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from ct_bots.domain.bot import Bot
from ct_bots.domain.journal import Note
from ct_kit.contracts.bots import BotEquityPoint, BotEvent, Decision, Target
from ct_kit.mongo import OwnedCollection, from_bson, mongo_errors, new_id

Document = dict[str, Any]


class MongoRecords:
    """Reads for a user, who is named in every query."""

    def __init__(self, db: AsyncDatabase[Document]) -> None:
        self._inserted = db["events"]
        self._events = OwnedCollection(db["events"])
        self._decisions = OwnedCollection(db["decisions"])
        self._equity = OwnedCollection(db["equity"])

    async def note(self, bot: Bot, notes: Sequence[Note]) -> None:
        """Append lines to the bot's log."""
        if notes:
            with mongo_errors():
                await self._inserted.insert_many(event_documents(bot, notes))

    async def events(
        self, owner: str, bot_id: str, cursor: str | None, limit: int
    ) -> list[BotEvent]:
        """Return events older than the cursor, newest first."""
        where = _older(bot_id, cursor)
        found = await self._events.find(owner, where, sort=[("_id", -1)], limit=limit)
        return [event_of(item) for item in found]

    async def decisions(
        self, owner: str, bot_id: str, cursor: str | None, limit: int
    ) -> list[Decision]:
        """Return decisions older than the cursor, newest first."""
        where = _older(bot_id, cursor)
        found = await self._decisions.find(owner, where, sort=[("_id", -1)], limit=limit)
        return [_decision_of(item) for item in found]

    async def equity(self, owner: str, bot_id: str) -> list[BotEquityPoint]:
        """Return the equity points, ascending."""
        found = await self._equity.find_one(owner, {"_id": bot_id})
        return [BotEquityPoint.model_validate(point) for point in (found or {}).get("points", [])]


def event_documents(bot: Bot, notes: Sequence[Note]) -> list[Document]:
    """Return log lines as documents, with ids that keep their order."""
    now = datetime.now(UTC)
    ids = sorted(new_id("evt") for _ in notes)
    return [
        {
            "_id": event_id,
            "owner": bot.owner,
            "bot_id": bot.id,
            "at": now,
            "code": note.code,
            "level": note.level,
            "message": note.message,
            "order_id": note.order_id,
            "candle": note.candle,
        }
        for event_id, note in zip(ids, notes, strict=True)
    ]


def event_of(document: Document) -> BotEvent:
    """Read a log line."""
    return BotEvent(
        id=document["_id"], **{k: document[k] for k in BotEvent.model_fields if k != "id"}
    )


def _decision_of(document: Document) -> Decision:
    plain = from_bson(document)
    targets = [
        Target.model_validate({k: target[k] for k in Target.model_fields})
        for target in plain["targets"]
    ]
    return Decision(
        id=plain["_id"],
        bot_id=plain["bot_id"],
        at=plain["at"],
        trigger=plain["trigger"],
        candle=plain["candle"],
        targets=targets,
        parameters_version=plain["parameters_version"],
    )


def _older(bot_id: str, cursor: str | None) -> Document:
    where: Document = {"bot_id": bot_id}
    if cursor is not None:
        where["_id"] = {"$lt": cursor}
    return where
