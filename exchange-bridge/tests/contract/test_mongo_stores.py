"""What the use cases rely on in MongoDB, against a real one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ct_exchange_bridge.adapters.mongo_candles import MongoCandles
from ct_exchange_bridge.adapters.mongo_fills import MongoFills
from ct_exchange_bridge.adapters.mongo_indexes import INDEXES
from ct_exchange_bridge.adapters.mongo_orders import MongoOrders
from ct_exchange_bridge.adapters.mongo_risk import MongoRisk
from ct_exchange_bridge.domain.candles import Columns
from ct_exchange_bridge.domain.market import Candle
from ct_exchange_bridge.domain.order import Fill, Order, OrderTerms, StateChange
from ct_exchange_bridge.domain.order_state import Event
from ct_exchange_bridge.domain.risk import Limits
from ct_kit.domain import Interval, Market, Mode, OrderStatus, OrderType, Side, Symbol
from ct_kit.errors import StartRefused
from ct_kit.mongo import async_client, database, ensure_indexes

AT = datetime(2026, 1, 1, 12, 0, 0, 123_000, tzinfo=UTC)
BTC = Symbol("BTC", "USDT")
MINUTE = 60_000


@pytest.fixture
async def db(mongo_uri: str, mongo_prefix: str) -> AsyncIterator[Any]:
    async with async_client(mongo_uri) as client:
        found = database(client, "exchange", mongo_prefix)
        await ensure_indexes(found, INDEXES)
        yield found


@pytest.fixture
def order() -> Callable[..., Order]:
    def make(number: int = 1, **changes: Any) -> Order:
        values: dict[str, Any] = {
            "id": f"ord_{number:025d}",
            "owner": "usr_a",
            "account_id": "acc_a",
            "mode": Mode.PAPER,
            "venue": "binance",
            "bot_id": None,
            "intent_key": f"key-{number}",
            "body_hash": "h",
            "terms": OrderTerms(
                symbol=BTC,
                side=Side.BUY,
                type=OrderType.MARKET,
                quantity=Decimal("0.010"),
            ),
            "client_order_id": f"ct{number}",
            "attempt": 1,
            "epoch": "run_a",
            "state": OrderStatus.CLAIMED,
            "history": (StateChange(OrderStatus.CLAIMED, AT),),
            "created_at": AT,
            "updated_at": AT,
        }
        return Order(**(values | changes))

    return make


@pytest.fixture
def fill() -> Callable[[str], Fill]:
    def make(trade_id: str) -> Fill:
        return Fill(
            id=f"fil_{trade_id}_{id(object())}",
            owner="usr_a",
            account_id="acc_a",
            mode=Mode.PAPER,
            venue="binance",
            venue_trade_id=trade_id,
            venue_order_id="1",
            order_id="ord_a",
            bot_id=None,
            symbol=BTC,
            side=Side.BUY,
            price=Decimal("100.00"),
            quantity=Decimal("0.5"),
            quote_quantity=Decimal("50.000"),
            commission=Decimal("0.0005"),
            commission_asset="BTC",
            commission_value=Decimal("0.05"),
            maker=False,
            at=AT,
        )

    return make


async def test_what_is_stored_is_what_was_given(db: Any, order: Callable[..., Order]) -> None:
    store, given = MongoOrders(db), order()
    assert await store.insert(given) is None
    assert await store.get("usr_a", given.id) == given
    assert await store.get("usr_b", given.id) is None


async def test_an_intent_is_stored_once_however_many_try(
    db: Any, order: Callable[..., Order]
) -> None:
    store = MongoOrders(db)
    attempts = [
        replace(order(), id=f"ord_{number:025d}", client_order_id=f"ct{number}")
        for number in range(20)
    ]
    answers = await asyncio.gather(*(store.insert(attempt) for attempt in attempts))
    winners = [attempt for attempt, known in zip(attempts, answers, strict=True) if known is None]
    assert len(winners) == 1
    assert all(known == winners[0] for known in answers if known is not None)


async def test_of_two_changes_of_one_version_one_is_stored(
    db: Any, order: Callable[..., Order]
) -> None:
    store, given = MongoOrders(db), order()
    await store.insert(given)
    one = given.after(Event.SEND, AT)
    other = given.after(Event.ABANDON, AT, "late")
    assert sorted(await asyncio.gather(store.replace(one), store.replace(other))) == [False, True]


async def test_only_what_may_live_is_unsettled(db: Any, order: Callable[..., Order]) -> None:
    store = MongoOrders(db)
    alive, dead = order(1), order(2)
    for item in (alive, dead):
        await store.insert(item)
    await store.replace(dead.after(Event.ABANDON, AT, "stale"))
    assert await store.unsettled() == [alive]


async def test_a_fill_told_twice_is_one_fill(db: Any, fill: Callable[[str], Fill]) -> None:
    store = MongoFills(db)
    first, again, other = fill("1"), fill("1"), fill("2")
    assert await store.append([first]) == [first]
    assert await store.append([again, other]) == [other]
    assert {item.venue_trade_id for item in await store.of_order("ord_a")} == {"1", "2"}
    assert await store.newest_at("acc_a", BTC) == AT


async def test_halts_stop_only_whom_they_name(db: Any) -> None:
    store = MongoRisk(db)
    await store.put_limits("usr_a", Limits(max_order_notional=Decimal(10)))
    await store.halt("usr_a", "user", "usr_a", "mine", AT)
    await store.halt("usr_a", "bot", "bot_x", "bot", AT)
    limits, halts = await store.read("usr_a", "bot_x", "binance")
    assert limits.max_order_notional == Decimal(10)
    assert {halt.scope for halt in halts} == {"user", "bot"}
    assert (await store.read("usr_b", "bot_x", "binance"))[1] == ()
    await store.resume("usr_b", "user", "usr_a")
    assert len((await store.of_owner("usr_a", "binance"))[1]) == 2
    await store.resume("usr_a", "user", "usr_a")
    assert [halt.scope for halt in (await store.of_owner("usr_a", "binance"))[1]] == ["bot"]


async def test_candles_join_over_months_and_flushes(db: Any) -> None:
    store = MongoCandles(db, Market.SIMULATED)
    new_year = 1_767_225_600_000
    first = new_year - 10 * MINUTE

    def row(index: int, close: float) -> Candle:
        return Candle(first + index * MINUTE, close, close, close, close, 1.0)

    await store.add(BTC, Interval.M1, Columns.of(row(index, 1.0) for index in range(15)))
    await store.add(BTC, Interval.M1, Columns.of(row(index, 2.0) for index in range(12, 20)))
    found = await store.read(BTC, Interval.M1, first, first + 100 * MINUTE)
    assert [candle.close for candle in found.rows()] == [1.0] * 12 + [2.0] * 8
    assert (await store.newest(BTC, Interval.M1)).open_time[0] == new_year
    other = MongoCandles(db, Market.REPLAY)
    assert len(await other.read(BTC, Interval.M1, first, first + 100 * MINUTE)) == 0
    await store.forget(BTC)
    assert len(await store.read(BTC, Interval.M1, first, first + 100 * MINUTE)) == 0


async def test_without_its_unique_index_nothing_starts(db: Any) -> None:
    await db["fills"].drop_indexes()
    await db["fills"].insert_many(
        [
            {"venue": "b", "account_id": "a", "symbol": "s", "venue_trade_id": "1"},
            {"venue": "b", "account_id": "a", "symbol": "s", "venue_trade_id": "1"},
        ]
    )
    with pytest.raises(StartRefused):
        await ensure_indexes(db, INDEXES)
