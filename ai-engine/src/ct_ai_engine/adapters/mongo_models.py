"""Models and recommendations in MongoDB: written once, never changed."""

from collections.abc import Mapping
from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from ct_kit.mongo import SyncOwnedCollection

Document = dict[str, Any]
_NEWEST = (("created_at", -1), ("_id", -1))


class MongoModels:
    """The engine's models and what they advised."""

    def __init__(self, db: Database[Document]) -> None:
        self._models = SyncOwnedCollection(db["models"])
        self._advice = SyncOwnedCollection(db["recommendations"])

    def put_model(self, owner: str, model: Mapping[str, Any]) -> None:
        """Store a model; one of the same id stays as it is."""
        _insert_once(self._models, owner, model)

    def models(self, owner: str, symbol: str | None, limit: int) -> list[Document]:
        """Return the owner's models, newest first."""
        where = {} if symbol is None else {"symbol": symbol}
        return [
            _public(item) for item in self._models.find(owner, where, sort=_NEWEST, limit=limit)
        ]

    def put_recommendation(self, owner: str, recommendation: Mapping[str, Any]) -> None:
        """Store advice; one of the same id stays as it is."""
        _insert_once(self._advice, owner, recommendation)

    def latest_recommendation(self, owner: str, model_id: str) -> Document | None:
        """Return the newest advice of a model or None."""
        found = self._advice.find_one(owner, {"model_id": model_id}, sort=_NEWEST)
        return None if found is None else _public(found)


def _insert_once(collection: SyncOwnedCollection, owner: str, item: Mapping[str, Any]) -> None:
    document = {key: value for key, value in item.items() if key != "id"} | {"_id": item["id"]}
    try:
        collection.insert(owner, document)
    except DuplicateKeyError:
        # A worker that died after storing and before finishing its job computes the same again.
        if collection.find_one(owner, {"_id": item["id"]}) is None:
            raise


def _public(document: Document) -> Document:
    return {key: value for key, value in document.items() if key != "_id"} | {"id": document["_id"]}
