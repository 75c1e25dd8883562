"""Limits and halts in MongoDB. One read per order; when it fails, nothing is sent."""

from datetime import datetime
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from ct_exchange_bridge.domain.risk import Halt, Limits, Scope
from ct_kit.errors import CtError, Unavailable
from ct_kit.mongo import from_bson, mongo_errors, to_bson

Document = dict[str, Any]


class MongoRisk:
    """The `risk` collection: ids say what a document is about, so one `$in` reads all of it."""

    def __init__(self, db: AsyncDatabase[Document]) -> None:
        self._raw = db["risk"]

    async def read(
        self, owner: str, bot_id: str | None, venue: str
    ) -> tuple[Limits, tuple[Halt, ...]]:
        """Return the owner's limits and every halt that stops this owner, bot or venue.

        Raises `Unavailable` whenever it cannot be read: unreadable means stop.
        """
        ids = [_limits_id(owner), "halt:all:*", f"halt:venue:{venue}", f"halt:user:{owner}"]
        if bot_id is not None:
            ids.append(_bot_id(owner, bot_id))
        return await self._read({"_id": {"$in": ids}})

    async def of_owner(self, owner: str, venue: str) -> tuple[Limits, tuple[Halt, ...]]:
        """Return the owner's limits and all halts in force for the owner and any of its bots."""
        where = {"$or": [{"owner": owner}, {"_id": {"$in": ["halt:all:*", f"halt:venue:{venue}"]}}]}
        return await self._read(where)

    async def put_limits(self, owner: str, limits: Limits) -> None:
        """Replace the owner's limits."""
        document = {
            "owner": owner,
            "max_order_notional": limits.max_order_notional,
            "max_open_orders": limits.max_open_orders,
            "max_orders_per_minute": limits.max_orders_per_minute,
            "price_collar": limits.price_collar,
            "allowed_symbols": limits.allowed_symbols,
        }
        with mongo_errors():
            await self._raw.replace_one({"_id": _limits_id(owner)}, to_bson(document), upsert=True)

    async def halt(self, owner: str, scope: Scope, target: str, reason: str, at: datetime) -> None:
        """Put a halt of this owner in force; repeating it changes nothing."""
        document = {
            "owner": owner,
            "scope": scope,
            "target": target,
            "reason": reason,
            "at": at,
        }
        with mongo_errors():
            await self._raw.update_one(
                {"_id": _halt_id(owner, scope, target)},
                {"$setOnInsert": document},
                upsert=True,
            )

    async def resume(self, owner: str, scope: Scope, target: str) -> None:
        """Lift a halt of this owner; the operator's and the venue's are not the user's to lift."""
        with mongo_errors():
            await self._raw.delete_one({"_id": _halt_id(owner, scope, target), "owner": owner})

    async def _read(self, where: Document) -> tuple[Limits, tuple[Halt, ...]]:
        limits, halts = Limits(), []
        try:
            with mongo_errors():
                found = [from_bson(item) async for item in self._raw.find(where)]
        except CtError as error:
            raise Unavailable(
                "risk_unreadable", "Limits and halts cannot be read now, so nothing is sent."
            ) from error
        for item in found:
            if item["_id"].startswith("halt:"):
                halts.append(Halt(item["scope"], item["target"], item["reason"], item["at"]))
            else:
                limits = _limits(item)
        return limits, tuple(halts)


def _limits(item: Document) -> Limits:
    allowed = item["allowed_symbols"]
    return Limits(
        max_order_notional=item["max_order_notional"],
        max_open_orders=item["max_open_orders"],
        max_orders_per_minute=item["max_orders_per_minute"],
        price_collar=item["price_collar"],
        allowed_symbols=None if allowed is None else tuple(allowed),
    )


def _limits_id(owner: str) -> str:
    return f"limits:{owner}"


def _bot_id(owner: str, bot_id: str) -> str:
    return f"halt:bot:{owner}:{bot_id}"


def _halt_id(owner: str, scope: Scope, target: str) -> str:
    return _bot_id(owner, target) if scope == "bot" else f"halt:{scope}:{target}"
