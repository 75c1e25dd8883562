"""The fills ledger in MongoDB: append-only, unique on the venue's trade id."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError

from ct_exchange_bridge.domain.order import Fill
from ct_kit.domain import Mode, Side, Symbol
from ct_kit.mongo import OwnedCollection, from_bson, mongo_errors, to_bson

Document = dict[str, Any]
_DUPLICATE_KEY = 11_000


class MongoFills:
    """The `fills` collection."""

    def __init__(self, db: AsyncDatabase[Document]) -> None:
        self._raw = db["fills"]
        self._owned = OwnedCollection(db["fills"])

    async def append(self, fills: list[Fill]) -> list[Fill]:
        """Add what is new and return it; what is there already is the same fact, told twice."""
        if not fills:
            return []
        known: set[int] = set()
        with mongo_errors():
            try:
                await self._raw.insert_many([_document(fill) for fill in fills], ordered=False)
            except BulkWriteError as error:
                failures = (error.details or {}).get("writeErrors", [])
                if not failures or any(item["code"] != _DUPLICATE_KEY for item in failures):
                    raise
                known = {item["index"] for item in failures}
        return [fill for index, fill in enumerate(fills) if index not in known]

    async def of_order(self, order_id: str) -> list[Fill]:
        """Return the fills of one order."""
        with mongo_errors():
            return [_fill(from_bson(item)) async for item in self._raw.find({"order_id": order_id})]

    async def of_account(self, account_id: str) -> list[Fill]:
        """Return all fills of one account in the order of their time."""
        with mongo_errors():
            cursor = self._raw.find({"account_id": account_id}).sort(
                [("at", 1), ("venue_trade_id", 1)]
            )
            return [_fill(from_bson(item)) async for item in cursor]

    async def newest_at(self, account_id: str, symbol: Symbol) -> datetime | None:
        """Return the venue time of the newest fill of a symbol: the cursor of a resync."""
        with mongo_errors():
            found = await self._raw.find_one(
                {"account_id": account_id, "symbol": str(symbol)}, sort=[("at", -1)]
            )
        return None if found is None else found["at"]

    async def page(
        self, owner: str, where: Mapping[str, Any], *, before: str | None, limit: int
    ) -> list[Fill]:
        """Return the owner's newest matches older than `before`."""
        query = dict(where)
        if before is not None:
            query["_id"] = {"$lt": before}
        found = await self._owned.find(owner, query, sort=[("_id", -1)], limit=limit)
        return [_fill(item) for item in found]


def _document(fill: Fill) -> Document:
    document: Document = to_bson(
        {
            "_id": fill.id,
            "owner": fill.owner,
            "account_id": fill.account_id,
            "mode": fill.mode,
            "venue": fill.venue,
            "venue_trade_id": fill.venue_trade_id,
            "venue_order_id": fill.venue_order_id,
            "order_id": fill.order_id,
            "bot_id": fill.bot_id,
            "symbol": str(fill.symbol),
            "side": fill.side,
            "price": fill.price,
            "quantity": fill.quantity,
            "quote_quantity": fill.quote_quantity,
            "commission": fill.commission,
            "commission_asset": fill.commission_asset,
            "commission_value": fill.commission_value,
            "maker": fill.maker,
            "at": fill.at,
        }
    )
    return document


def _fill(item: Document) -> Fill:
    return Fill(
        id=item["_id"],
        owner=item["owner"],
        account_id=item["account_id"],
        mode=Mode(item["mode"]),
        venue=item["venue"],
        venue_trade_id=item["venue_trade_id"],
        venue_order_id=item["venue_order_id"],
        order_id=item["order_id"],
        bot_id=item["bot_id"],
        symbol=Symbol.parse(item["symbol"]),
        side=Side(item["side"]),
        price=item["price"],
        quantity=item["quantity"],
        quote_quantity=item["quote_quantity"],
        commission=item["commission"],
        commission_asset=item["commission_asset"],
        commission_value=item["commission_value"],
        maker=item["maker"],
        at=item["at"],
    )
