"""A user's bots in MongoDB."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from ct_bots.adapters.documents import bot_document, bot_of, control_fields
from ct_bots.domain.bot import Bot
from ct_bots.errors import no_such_bot
from ct_bots.ports import Held, IdempotencyMark
from ct_kit.errors import InvalidRequest
from ct_kit.mongo import OwnedCollection, mongo_errors

Document = dict[str, Any]


class MongoBots:
    """The user's half of the `bots` database."""

    def __init__(self, db: AsyncDatabase[Document]) -> None:
        self._db = db
        self._bots = OwnedCollection(db["bots"])

    async def create(self, bot: Bot, mark: IdempotencyMark | None) -> Held:
        """Insert, or return the bot an equal call made before.

        Raises `InvalidRequest` (`idempotency_key_reused`) where the key came with another body.
        """
        document = bot_document(bot)
        if mark is not None:
            document |= {"idempotency_key": mark.key, "idempotency_hash": mark.body_hash}
        try:
            await self._bots.insert(bot.owner, document)
        except DuplicateKeyError:
            if mark is None:
                raise
            earlier = await self.made_under(bot.owner, mark)
            if earlier is None:
                raise
            return earlier
        return Held(bot, None)

    async def made_under(self, owner: str, mark: IdempotencyMark) -> Held | None:
        """Return the bot made under this key, or None; raises where the body was another."""
        found = await self._bots.find_one(owner, {"idempotency_key": mark.key})
        if found is None:
            return None
        if found["idempotency_hash"] != mark.body_hash:
            raise InvalidRequest(
                "idempotency_key_reused",
                "This Idempotency-Key came with another body before. Use a new key.",
            )
        return (await held_of(self._db, [found]))[0]

    async def get(self, owner: str, bot_id: str) -> Held:
        """Return one bot; raises `NotFound` for an unknown one and for somebody else's."""
        found = await self._bots.find_one(owner, {"_id": bot_id})
        if found is None:
            raise no_such_bot()
        return (await held_of(self._db, [found]))[0]

    async def all_of(self, owner: str) -> list[Held]:
        """Return all bots, newest first."""
        return await held_of(self._db, await self._bots.find(owner, sort=[("_id", -1)]))

    async def change(self, before: Bot, after: Bot) -> bool:
        """Write the user's half where neither user nor runner moved since `before` was read."""
        written = await self._bots.update_one(
            before.owner,
            _unmoved(before),
            {"$set": {**control_fields(after), "updated_at": after.updated_at}},
        )
        return written is not None

    async def delete(self, bot: Bot) -> bool:
        """Remove the bot, then what it wrote; False where it moved since it was read."""
        if not await self._bots.delete_one(bot.owner, _unmoved(bot)):
            return False
        with mongo_errors():
            for name in ("decisions", "events"):
                await self._db[name].delete_many({"owner": bot.owner, "bot_id": bot.id})
            await self._db["equity"].delete_one({"_id": bot.id, "owner": bot.owner})
            await self._db["leases"].delete_one({"_id": bot.id})
        return True


async def held_of(
    db: AsyncDatabase[Document], documents: Sequence[Mapping[str, Any]]
) -> list[Held]:
    """Return bots with their runners: a lease counts while the database's clock says so."""
    bots = [bot_of(document) for document in documents]
    live = {
        "_id": {"$in": [bot.id for bot in bots]},
        "$expr": {"$gt": ["$expires_at", "$$NOW"]},
    }
    with mongo_errors():
        holders = {lease["_id"]: lease["holder"] async for lease in db["leases"].find(live)}
    return [Held(bot, holders.get(bot.id)) for bot in bots]


def _unmoved(bot: Bot) -> Document:
    return {
        "_id": bot.id,
        "control_version": bot.control_version,
        "run.step": bot.run.step,
    }
