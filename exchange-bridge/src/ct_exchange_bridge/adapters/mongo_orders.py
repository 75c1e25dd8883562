"""Order intents in MongoDB: single-document compare-and-set, majority and journaled."""

from collections.abc import Mapping
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from ct_exchange_bridge.domain.order import Order, OrderTerms, StateChange
from ct_kit.domain import Mode, OrderStatus, OrderType, Side, Symbol, TimeInForce
from ct_kit.errors import OutcomeUnknown
from ct_kit.mongo import OwnedCollection, from_bson, mongo_errors, to_bson

Document = dict[str, Any]


class MongoOrders:
    """The `orders` collection. `settled` is kept beside the state for one small index."""

    def __init__(self, db: AsyncDatabase[Document]) -> None:
        self._raw = db["orders"]
        self._owned = OwnedCollection(db["orders"])

    async def insert(self, order: Order) -> Order | None:
        """Store a new intent; returns the stored one when the intent key was used before.

        A lost answer of the database is settled by reading: ours is there, or it is not.
        """
        document = to_document(order)
        try:
            await self._owned.insert(order.owner, document)
        except DuplicateKeyError:
            stored = await self.by_intent(order.account_id, order.intent_key)
        except OutcomeUnknown:
            stored = await self.by_intent(order.account_id, order.intent_key)
            if stored is None:
                raise
        else:
            return None
        return None if stored is not None and stored.id == order.id else stored

    async def replace(self, order: Order) -> bool:
        """Store the next version where the stored one is `order.version - 1`; say whether."""
        where = {"_id": order.id, "owner": order.owner, "version": order.version - 1}
        try:
            with mongo_errors():
                result = await self._raw.update_one(where, {"$set": _changing(order)})
        except OutcomeUnknown:
            stored = await self.get(order.owner, order.id)
            return stored is not None and stored == order
        return result.matched_count == 1

    async def by_intent(self, account_id: str, intent_key: str) -> Order | None:
        """Find the order of an intent."""
        return await self._one({"account_id": account_id, "intent_key": intent_key})

    async def by_client_id(self, account_id: str, client_order_id: str) -> Order | None:
        """Find the order the venue knows under our id."""
        return await self._one({"account_id": account_id, "client_order_id": client_order_id})

    async def by_venue_id(
        self, account_id: str, symbol: Symbol, venue_order_id: str
    ) -> Order | None:
        """Find the order the venue numbered so; numbers are per symbol."""
        return await self._one(
            {
                "account_id": account_id,
                "venue_order_id": venue_order_id,
                "symbol": str(symbol),
            }
        )

    async def get(self, owner: str, order_id: str) -> Order | None:
        """Return one order of this owner."""
        found = await self._owned.find_one(owner, {"_id": order_id})
        return None if found is None else from_document(found)

    async def page(
        self,
        owner: str,
        where: Mapping[str, Any],
        *,
        before: str | None,
        limit: int,
    ) -> list[Order]:
        """Return the owner's newest matches older than `before`."""
        query = dict(where)
        if before is not None:
            query["_id"] = {"$lt": before}
        found = await self._owned.find(owner, query, sort=[("_id", -1)], limit=limit)
        return [from_document(item) for item in found]

    async def unsettled(self) -> list[Order]:
        """Return every order that may still live, of all owners: the bridge's own start-up read."""
        with mongo_errors():
            cursor = self._raw.find({"settled": False}).sort("_id", 1)
            return [from_document(from_bson(item)) async for item in cursor]

    async def _one(self, where: Document) -> Order | None:
        with mongo_errors():
            found = await self._raw.find_one(where)
        return None if found is None else from_document(from_bson(found))


def to_document(order: Order) -> Document:
    """Write an order as one flat document."""
    terms = order.terms
    document: Document = to_bson(
        {
            "_id": order.id,
            "owner": order.owner,
            "account_id": order.account_id,
            "mode": order.mode,
            "venue": order.venue,
            "bot_id": order.bot_id,
            "intent_key": order.intent_key,
            "body_hash": order.body_hash,
            "symbol": str(terms.symbol),
            "side": terms.side,
            "type": terms.type,
            "quantity": terms.quantity,
            "quote_quantity": terms.quote_quantity,
            "price": terms.price,
            "time_in_force": terms.time_in_force,
            "client_order_id": order.client_order_id,
            "attempt": order.attempt,
            "epoch": order.epoch,
            "created_at": order.created_at,
        }
    )
    return document | _changing(order)


def _changing(order: Order) -> Document:
    """Write what a new version may change; the rest of an order is fixed at its birth."""
    document: Document = to_bson(
        {
            "state": order.state,
            "settled": order.state.is_terminal,
            "history": [
                {"state": change.state, "at": change.at, "reason": change.reason}
                for change in order.history
            ],
            "updated_at": order.updated_at,
            "version": order.version,
            "reason": order.reason,
            "venue_order_id": order.venue_order_id,
            "signed_at_ms": order.signed_at_ms,
            "recv_window_ms": order.recv_window_ms,
            "executed_quantity": order.executed_quantity,
            "executed_quote": order.executed_quote,
        }
    )
    return document


def from_document(item: Document) -> Order:
    """Read what `to_document` wrote, decimals already plain."""
    tif = item["time_in_force"]
    return Order(
        id=item["_id"],
        owner=item["owner"],
        account_id=item["account_id"],
        mode=Mode(item["mode"]),
        venue=item["venue"],
        bot_id=item["bot_id"],
        intent_key=item["intent_key"],
        body_hash=item["body_hash"],
        terms=OrderTerms(
            symbol=Symbol.parse(item["symbol"]),
            side=Side(item["side"]),
            type=OrderType(item["type"]),
            quantity=item["quantity"],
            quote_quantity=item["quote_quantity"],
            price=item["price"],
            time_in_force=None if tif is None else TimeInForce(tif),
        ),
        client_order_id=item["client_order_id"],
        attempt=item["attempt"],
        epoch=item["epoch"],
        state=OrderStatus(item["state"]),
        history=tuple(
            StateChange(OrderStatus(change["state"]), change["at"], change["reason"])
            for change in item["history"]
        ),
        created_at=item["created_at"],
        updated_at=item["updated_at"],
        version=item["version"],
        reason=item["reason"],
        venue_order_id=item["venue_order_id"],
        signed_at_ms=item["signed_at_ms"],
        recv_window_ms=item["recv_window_ms"],
        executed_quantity=item["executed_quantity"],
        executed_quote=item["executed_quote"],
    )
