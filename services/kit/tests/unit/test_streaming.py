"""Feeds: everything in order, prices conflated, slow readers dropped, nobody waited for."""

import asyncio
import json
import threading
from typing import Any

import pytest

from ct_kit.contracts.problem import FieldProblem
from ct_kit.streaming import Broadcaster, Message, Subscription, ThreadedBroadcaster
from ct_kit.streaming.message import HEARTBEAT_LINE
from ct_kit.testing import eventually_sync


async def drained(subscription: Subscription) -> list[Any]:
    return [message.data async for message in subscription]


async def test_every_subscriber_hears_everything_in_order() -> None:
    feed = Broadcaster()
    first, second = feed.subscribe(), feed.subscribe()
    for number in range(3):
        feed.publish("fills", number, owner="usr_1")
    feed.close()
    assert await drained(first) == await drained(second) == [0, 1, 2]


async def test_a_newer_price_replaces_a_waiting_one_in_its_place() -> None:
    feed = Broadcaster()
    reader = feed.subscribe()
    feed.publish("ticker:BTC-USDT", 1, key="ticker")
    feed.publish("fills", "fill")
    feed.publish("ticker:BTC-USDT", 2, key="ticker")
    feed.publish("ticker:ETH-USDT", 9, key="ticker")
    feed.close()
    assert await drained(reader) == [2, "fill", 9]


async def test_owners_do_not_replace_each_other() -> None:
    feed = Broadcaster()
    reader = feed.subscribe()
    feed.publish("orders", "a", owner="usr_a", key="ord_1")
    feed.publish("orders", "b", owner="usr_b", key="ord_1")
    feed.close()
    assert await drained(reader) == ["a", "b"]


async def test_a_reader_that_falls_behind_is_cut_off_instead_of_missing_a_fill() -> None:
    feed = Broadcaster(capacity=2)
    slow, other = feed.subscribe(), feed.subscribe()
    for number in range(2):
        feed.publish("fills", number)
    assert [(await other.next()).data for _ in range(2)] == [0, 1]
    feed.publish("fills", 2)
    assert await drained(slow) == []
    assert slow.overflowed
    assert (await other.next()).data == 2


async def test_prices_never_overflow_a_reader() -> None:
    feed = Broadcaster(capacity=2)
    reader = feed.subscribe()
    for number in range(1_000):
        feed.publish("ticker:BTC-USDT", number, key="ticker")
    feed.close()
    assert await drained(reader) == [999]


async def test_a_subscriber_hears_only_what_it_accepts() -> None:
    feed = Broadcaster()
    mine = feed.subscribe(lambda message: message.owner in (None, "usr_1"))
    feed.publish("orders", "other", owner="usr_2")
    feed.publish("orders", "mine", owner="usr_1")
    feed.publish("status", "all")
    feed.close()
    assert await drained(mine) == ["mine", "all"]


async def test_a_silent_feed_beats_and_lines_are_json() -> None:
    feed = Broadcaster()
    lines = feed.subscribe().lines(heartbeat_s=0.01)
    assert await anext(lines) == HEARTBEAT_LINE
    assert await anext(lines) == HEARTBEAT_LINE
    feed.publish("orders", {"id": "ord_1"}, owner="usr_1")
    line = await anext(lines)
    while line == HEARTBEAT_LINE:
        line = await anext(lines)
    assert line.endswith(b"\n")
    assert json.loads(line) == {"channel": "orders", "owner": "usr_1", "data": {"id": "ord_1"}}
    await lines.aclose()
    assert feed.subscribers == 0


async def test_closing_wakes_a_waiting_reader_and_refuses_new_ones() -> None:
    feed = Broadcaster()
    waiting = asyncio.create_task(drained(feed.subscribe()))
    await asyncio.sleep(0)
    feed.close()
    assert await waiting == []
    assert await drained(feed.subscribe()) == []


def test_a_model_becomes_json() -> None:
    model = FieldProblem(field="a", message="b", remedy="c")
    line = json.loads(Message("status", model).line)
    assert line["data"] == {"field": "a", "message": "b", "remedy": "c"}


def test_threads_hear_everything_in_order() -> None:
    feed = ThreadedBroadcaster(capacity=10_000)
    heard = []
    with feed.subscribe() as subscription:
        reader = threading.Thread(target=lambda: heard.extend(m.data for m in subscription))
        reader.start()
        for number in range(1_000):
            feed.publish("fills", number)
        feed.close()
        reader.join(5)
    assert heard == list(range(1_000))


def test_a_thread_that_falls_behind_is_cut_off() -> None:
    feed = ThreadedBroadcaster(capacity=1)
    slow = feed.subscribe()
    feed.publish("fills", 1)
    feed.publish("fills", 2)
    assert list(slow) == []
    assert slow.overflowed


def test_threaded_prices_are_conflated_and_filtered() -> None:
    feed = ThreadedBroadcaster()
    reader = feed.subscribe(lambda message: message.channel == "jobs")
    feed.publish("jobs", 1, key="job_1")
    feed.publish("other", 0)
    feed.publish("jobs", 2, key="job_1")
    feed.close()
    assert [message.data for message in reader] == [2]


def test_a_threaded_feed_beats_until_it_is_closed() -> None:
    feed = ThreadedBroadcaster()
    lines = feed.subscribe().lines(heartbeat_s=0.01)
    assert [next(lines), next(lines)] == [HEARTBEAT_LINE, HEARTBEAT_LINE]
    threading.Timer(0.05, feed.close).start()
    assert set(lines) <= {HEARTBEAT_LINE}
    assert feed.subscribers == 0
    assert list(feed.subscribe()) == []


def test_leaving_a_threaded_stream_unsubscribes() -> None:
    feed = ThreadedBroadcaster()
    lines = feed.subscribe().lines()
    next(lines)
    lines.close()
    eventually_sync(lambda: feed.subscribers == 0)


def test_waiting_for_a_thread_has_an_end() -> None:
    with pytest.raises(TimeoutError):
        ThreadedBroadcaster().subscribe().next(timeout_s=0.01)
