"""Durability, exactness, indexes and outages on a real mongod."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from bson.decimal128 import Decimal128
from hypothesis import given
from hypothesis import strategies as st
from pymongo import errors as driver
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from ct_kit import mongo
from ct_kit.domain import Money, Price, Quantity, Side
from ct_kit.errors import OutcomeUnknown, StartRefused, Unavailable
from ct_kit.mongo import IndexSpec, clients, from_bson, mongo_errors, to_bson
from ct_kit.mongo.failures import translate
from ct_kit.testing import free_port

UNIQUE = IndexSpec("orders", (("owner", 1), ("key", 1)), unique=True)


@pytest.fixture
async def db(mongo_uri: str, mongo_prefix: str) -> Any:
    client = mongo.async_client(mongo_uri)
    yield mongo.database(client, "kit", mongo_prefix)
    await client.close()


@pytest.fixture
def sync_db(mongo_uri: str, mongo_prefix: str) -> Any:
    with mongo.sync_client(mongo_uri) as client:
        yield mongo.database(client, "kit", mongo_prefix)


def test_durability_is_said_even_where_the_address_says_otherwise(mongo_uri: str) -> None:
    with mongo.sync_client(f"{mongo_uri}&w=1&journal=false") as client:
        db = mongo.database(client, "kit", "any_")
        assert db.name == "any_kit"
        assert db.write_concern.document == {"w": "majority", "j": True, "wtimeout": 5_000}
        assert db.read_concern.document == {"level": "majority"}


async def test_times_come_back_aware_and_in_utc(db: AsyncDatabase[Any]) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    await db["times"].insert_one({"_id": 1, "at": now})
    assert (await db["times"].find_one({"_id": 1}))["at"] == now


def test_amounts_come_back_exactly(sync_db: Database[Any]) -> None:
    document = {"_id": 1, "d": Decimal("0.10"), "deep": [{"d": Decimal("1E-18")}], "t": (1, "x")}
    sync_db["amounts"].insert_one(to_bson(document))
    raw = sync_db["amounts"].find_one({"_id": 1})
    assert isinstance(raw["d"], Decimal128)
    back = from_bson(raw)
    assert back == {**document, "t": [1, "x"]}
    assert str(back["d"]) == "0.10"


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=18
    )
)
def test_every_amount_of_ours_survives_the_border(amount: Any) -> None:
    assert from_bson(to_bson({"a": [amount]})) == {"a": [amount]}


def test_our_types_and_enums_are_stored_as_their_values() -> None:
    stored = to_bson({"p": Price("1.5"), "q": Quantity(2), "m": Money("-3"), "s": Side.BUY})
    assert stored == {
        "p": Decimal128("1.5"),
        "q": Decimal128("2"),
        "m": Decimal128("-3"),
        "s": "buy",
    }
    assert type(stored["s"]) is str


def test_an_amount_mongodb_would_round_is_refused() -> None:
    with pytest.raises(Exception, match=r"34|Inexact|Rounded"):
        to_bson(Decimal("1." + "1" * 40))


async def test_indexes_are_created_verified_and_kept_on_the_next_start(
    db: AsyncDatabase[Any],
) -> None:
    partial = IndexSpec("orders", (("venue_id", 1),), unique=True, where={"venue_id": {"$gt": ""}})
    expiring = IndexSpec("sessions", (("expires_at", 1),), expire_after_s=0)
    for _ in range(2):
        await mongo.ensure_indexes(db, [UNIQUE, partial, expiring])
    await db["orders"].insert_one({"owner": "a", "key": "k"})
    with pytest.raises(DuplicateKeyError):
        await db["orders"].insert_one({"owner": "a", "key": "k"})


@pytest.mark.parametrize(
    "other",
    [
        {"name": UNIQUE.name, "keys": [("owner", 1), ("key", 1)]},
        {"name": UNIQUE.name, "keys": [("owner", 1)], "unique": True},
        {"name": "by_hand", "keys": [("owner", 1), ("key", 1)], "unique": True},
    ],
)
def test_an_index_that_is_not_as_said_refuses_the_start(sync_db: Database[Any], other: Any) -> None:
    keys = other.pop("keys")
    sync_db["orders"].create_index(keys, **other)
    with pytest.raises(StartRefused, match="orders"):
        mongo.ensure_indexes_sync(sync_db, [UNIQUE])


def test_data_that_breaks_a_unique_index_refuses_the_start_without_being_told(
    sync_db: Database[Any],
) -> None:
    sync_db["orders"].insert_many([{"owner": "hunter2", "key": "k"}] * 1)
    sync_db["orders"].insert_one({"owner": "hunter2", "key": "k"})
    with pytest.raises(StartRefused) as caught:
        mongo.ensure_indexes_sync(sync_db, [UNIQUE])
    assert "hunter2" not in str(caught.value)


def test_a_database_that_is_not_there_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(clients._OPTIONS, "serverSelectionTimeoutMS", 50)
    uri = f"mongodb://127.0.0.1:{free_port()}/?replicaSet=rs0"
    with mongo.sync_client(uri) as client:
        db = mongo.database(client, "kit")
        with pytest.raises(Unavailable) as caught:
            mongo.SyncOwnedCollection(db["orders"]).find("usr_a")
        assert type(caught.value) is Unavailable
        with pytest.raises(Unavailable):
            mongo.ensure_indexes_sync(db, [UNIQUE])


@pytest.mark.parametrize(
    ("theirs", "writing", "reading"),
    [
        (driver.ServerSelectionTimeoutError("x"), Unavailable, Unavailable),
        (driver.WaitQueueTimeoutError("x"), Unavailable, Unavailable),
        (driver.NotPrimaryError("x"), Unavailable, Unavailable),
        (driver.AutoReconnect("x"), OutcomeUnknown, Unavailable),
        (driver.NetworkTimeout("x"), OutcomeUnknown, Unavailable),
        (driver.WTimeoutError("x"), OutcomeUnknown, Unavailable),
        (driver.WriteConcernError("x"), OutcomeUnknown, Unavailable),
        (driver.ExecutionTimeout("x"), OutcomeUnknown, Unavailable),
        (driver.DuplicateKeyError("x"), type(None), type(None)),
        (driver.OperationFailure("x"), type(None), type(None)),
        (driver.ConfigurationError("x"), type(None), type(None)),
    ],
)
def test_outages_are_told_from_faults_and_lost_writes_from_lost_reads(
    theirs: Any, writing: Any, reading: Any
) -> None:
    assert type(translate(theirs)) is writing
    assert type(translate(theirs, reading=True)) is reading


def test_what_is_no_outage_passes_unchanged() -> None:
    with pytest.raises(DuplicateKeyError), mongo_errors():
        raise DuplicateKeyError("x")
