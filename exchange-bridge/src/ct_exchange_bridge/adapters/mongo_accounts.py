"""Trading accounts in MongoDB; never changed after they are made."""

from typing import Any

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError

from ct_exchange_bridge.domain.account import Account
from ct_exchange_bridge.domain.portfolio import Deposit
from ct_kit.domain import Market, Mode
from ct_kit.mongo import OwnedCollection, from_bson, mongo_errors, to_bson

Document = dict[str, Any]


class MongoAccounts:
    """The `accounts` collection."""

    def __init__(self, db: AsyncDatabase[Document]) -> None:
        self._raw = db["accounts"]
        self._owned = OwnedCollection(db["accounts"])

    async def insert(self, account: Account) -> bool:
        """Store a new account; False where its idempotency key was used before."""
        try:
            await self._owned.insert(account.owner, _document(account))
        except DuplicateKeyError:
            return False
        return True

    async def get(self, owner: str, account_id: str) -> Account | None:
        """Return one account of this owner."""
        found = await self._owned.find_one(owner, {"_id": account_id})
        return None if found is None else _account(found)

    async def by_idempotency_key(self, owner: str, key: str) -> Account | None:
        """Find what this owner made with a key before."""
        found = await self._owned.find_one(owner, {"idempotency_key": key})
        return None if found is None else _account(found)

    async def of_owner(self, owner: str) -> list[Account]:
        """Return the owner's accounts, oldest first."""
        return [_account(item) for item in await self._owned.find(owner, sort=[("_id", 1)])]

    async def everybody(self) -> list[Account]:
        """Return all accounts: the bridge's own start-up read, for streams and snapshots."""
        with mongo_errors():
            return [_account(from_bson(item)) async for item in self._raw.find().sort("_id", 1)]


def _document(account: Account) -> Document:
    document: Document = to_bson(
        {
            "_id": account.id,
            "owner": account.owner,
            "label": account.label,
            "mode": account.mode,
            "venue": account.venue,
            "market": account.market,
            "key_id": account.key_id,
            "venue_account_id": account.venue_account_id,
            "deposits": [
                {
                    "asset": deposit.asset,
                    "quantity": deposit.quantity,
                    "price": deposit.price,
                    "btc_price": deposit.btc_price,
                    "at": deposit.at,
                }
                for deposit in account.deposits
            ],
            "created_at": account.created_at,
            "idempotency_key": account.idempotency_key,
            "body_hash": account.body_hash,
        }
    )
    return document


def _account(item: Document) -> Account:
    return Account(
        id=item["_id"],
        owner=item["owner"],
        label=item["label"],
        mode=Mode(item["mode"]),
        venue=item["venue"],
        market=Market(item["market"]),
        key_id=item["key_id"],
        venue_account_id=item["venue_account_id"],
        deposits=tuple(Deposit(**deposit) for deposit in item["deposits"]),
        created_at=item["created_at"],
        idempotency_key=item["idempotency_key"],
        body_hash=item["body_hash"],
    )
