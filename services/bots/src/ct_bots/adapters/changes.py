"""MongoDB's change stream over bots and their events."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pymongo.asynchronous.change_stream import AsyncChangeStream
from pymongo.asynchronous.database import AsyncDatabase

from ct_bots.adapters.bots import held_of
from ct_bots.adapters.records import event_of
from ct_bots.app.feed import Change
from ct_bots.ports import Held
from ct_kit.mongo import mongo_errors

Document = dict[str, Any]

_PIPELINE: list[dict[str, Any]] = [
    {
        "$match": {
            "$or": [
                {"ns.coll": "events", "operationType": "insert"},
                {"ns.coll": "bots", "operationType": {"$in": ["insert", "update"]}},
            ]
        }
    },
    # Ids are enough for bots, which are read again at leisure; events come whole.
    {"$project": {"ns": 1, "documentKey": 1, "fullDocument": 1}},
]


class MongoChanges:
    """Hears every commit, of whichever process. Needs a replica set, as we always run."""

    def __init__(self, db: AsyncDatabase[Document]) -> None:
        self._db = db

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[AsyncIterator[Change]]:
        """Listen from now on."""
        with mongo_errors():
            async with await self._db.watch(_PIPELINE) as stream:
                yield _changes(stream)

    async def read(self, bot_ids: list[str]) -> list[Held]:
        """Return these bots; for the feed alone, which tags each with its owner."""
        with mongo_errors():
            found = [item async for item in self._db["bots"].find({"_id": {"$in": bot_ids}})]
            return await held_of(self._db, found)


async def _changes(stream: AsyncChangeStream[Document]) -> AsyncIterator[Change]:
    async for change in stream:
        if change["ns"]["coll"] == "events":
            document = change["fullDocument"]
            yield document["owner"], event_of(document)
        else:
            yield change["documentKey"]["_id"], None
