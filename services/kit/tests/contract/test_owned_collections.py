"""Tenancy on a real mongod: whoever asks names an owner, and sees nothing of the others."""

import inspect
from decimal import Decimal
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from ct_kit import mongo
from ct_kit.mongo import OwnedCollection, SyncOwnedCollection


class _Awaitable:
    """The blocking collection behind the same awaitable methods, for one suite over both."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection

    def __getattr__(self, name: Any) -> Any:
        method = getattr(self._collection, name)

        async def call(*arguments: Any, **options: Any) -> Any:
            return method(*arguments, **options)

        return call


@pytest.fixture(params=["async", "sync"])
async def orders(request: pytest.FixtureRequest, mongo_uri: str, mongo_prefix: str) -> Any:
    if request.param == "async":
        client = mongo.async_client(mongo_uri)
        yield OwnedCollection(mongo.database(client, "kit", mongo_prefix)["orders"])
        await client.close()
    else:
        with mongo.sync_client(mongo_uri) as sync:
            yield _Awaitable(
                SyncOwnedCollection(mongo.database(sync, "kit", mongo_prefix)["orders"])
            )


async def test_what_one_owner_stores_no_other_owner_finds(orders: Any) -> None:
    stored = {"_id": "ord_1", "price": Decimal("1.10")}
    await orders.insert("usr_a", stored)

    assert await orders.find_one("usr_a", {"_id": "ord_1"}) == {**stored, "owner": "usr_a"}
    assert await orders.find_one("usr_b", {"_id": "ord_1"}) is None
    assert await orders.find("usr_b") == []
    assert await orders.count("usr_b") == 0
    assert await orders.update_one("usr_b", {"_id": "ord_1"}, {"$set": {"price": 0}}) is None
    assert await orders.delete_one("usr_b", {"_id": "ord_1"}) is False
    assert await orders.count("usr_a") == 1


async def test_an_or_in_the_filter_does_not_reach_around_the_owner(orders: Any) -> None:
    await orders.insert("usr_a", {"_id": "ord_1"})
    assert await orders.find("usr_b", {"$or": [{"_id": "ord_1"}, {}]}) == []


@pytest.mark.parametrize("owner", ["", None, {"$ne": ""}, 7])
async def test_a_query_without_an_owner_cannot_be_made(orders: Any, owner: Any) -> None:
    with pytest.raises(ValueError, match="owner"):
        await orders.find(owner)
    with pytest.raises(ValueError, match="owner"):
        await orders.insert(owner, {"_id": "ord_1"})


async def test_an_owner_is_neither_searched_for_nor_changed(orders: Any) -> None:
    await orders.insert("usr_a", {"_id": "ord_1"})
    with pytest.raises(ValueError, match="owner"):
        await orders.find("usr_b", {"owner": "usr_a"})
    with pytest.raises(ValueError, match="owner"):
        await orders.update_one("usr_a", {}, {"$set": {"owner": "usr_b"}})
    with pytest.raises(ValueError, match="owner"):
        await orders.insert("usr_b", {"_id": "ord_2", "owner": "usr_a"})


async def test_an_update_is_compare_and_set(orders: Any) -> None:
    await orders.insert("usr_a", {"_id": "ord_1", "version": 1})
    change = {"$set": {"price": Decimal("2.5")}, "$inc": {"version": 1}}
    changed = await orders.update_one("usr_a", {"_id": "ord_1", "version": 1}, change)
    assert (changed["price"], changed["version"]) == (Decimal("2.5"), 2)
    assert await orders.update_one("usr_a", {"_id": "ord_1", "version": 1}, change) is None


async def test_a_replacement_is_no_update(orders: Any) -> None:
    with pytest.raises(ValueError, match="operators"):
        await orders.update_one("usr_a", {}, {"price": 1})


async def test_lists_are_sorted_and_limited(orders: Any) -> None:
    for number in (2, 3, 1):
        await orders.insert("usr_a", {"_id": f"ord_{number}", "n": number})
    newest = await orders.find("usr_a", sort=[("n", -1)], limit=2)
    assert [item["n"] for item in newest] == [3, 2]
    assert (await orders.find_one("usr_a", {}, sort=[("n", 1)]))["n"] == 1
    assert await orders.delete_one("usr_a", {"n": 1})
    assert await orders.count("usr_a", {"n": {"$gt": 2}}) == 1


async def test_a_second_document_with_the_same_key_is_the_repositorys_business(orders: Any) -> None:
    await orders.insert("usr_a", {"_id": "ord_1"})
    with pytest.raises(DuplicateKeyError):
        await orders.insert("usr_a", {"_id": "ord_1"})


@pytest.mark.parametrize("kind", [OwnedCollection, SyncOwnedCollection])
def test_every_method_takes_the_owner_first(kind: Any) -> None:
    methods = [m for name, m in inspect.getmembers(kind, inspect.isfunction) if name[0] != "_"]
    assert len(methods) == 6
    for method in methods:
        owner = list(inspect.signature(method).parameters.values())[1]
        assert (owner.name, owner.default) == ("owner", inspect.Parameter.empty)
