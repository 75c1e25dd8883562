"""A runner dies, an answer is lost, a line comes twice: one decision, one order, no lost fill."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from ct_bots.runner.tempo import Tempo
from ct_kit.errors import OutcomeUnknown
from ct_kit.testing import eventually

WARM = ["100"] * 12


@pytest.fixture
async def started(world: Any) -> Any:
    """Return a bot that has warmed up on a first runner."""
    world.exchange.closes = [Decimal(c) for c in WARM]
    bot_id = await world.make_bot()
    runner = await world.runner("runner-1")
    await world.verb(bot_id, "start")
    await world.until_event(bot_id, "warmed_up")
    return bot_id, runner


async def _never() -> None:
    await asyncio.Event().wait()


async def test_killed_between_decision_and_submission_it_is_submitted_once(
    world: Any, started: Any
) -> None:
    bot_id, runner = started
    reached = asyncio.Event()

    async def killed_before(*_: Any) -> None:
        reached.set()
        await _never()

    runner.process.runner._bridge.submit = killed_before
    open_time = world.exchange.close_candle("101")
    await reached.wait()
    [decision] = await world.decisions(bot_id)
    assert decision["targets"][0]["order_id"] is None
    assert (await world.bot(bot_id))["last_candle"] != open_time  # not done with it yet
    await runner.kill()

    await world.runner("runner-2")
    await world.until_event(bot_id, "order_filled")

    assert world.exchange.submissions == [f"{bot_id}:candle-{open_time}:0"]
    [decision] = await world.decisions(bot_id)
    assert decision["targets"][0]["order_id"] == "ord_0"
    assert (await world.bot(bot_id))["runner"] == "runner-2"


async def test_killed_between_submission_and_its_record_the_same_order_is_found_again(
    world: Any, started: Any
) -> None:
    bot_id, runner = started
    reached = asyncio.Event()
    bridge = runner.process.runner._bridge
    submit = bridge.submit

    async def killed_after(bot: Any, order: Any) -> None:
        await submit(bot, order)
        reached.set()
        await _never()

    bridge.submit = killed_after
    world.exchange.close_candle("101")
    await reached.wait()
    await runner.kill()

    await world.runner("runner-2")
    await world.until_event(bot_id, "order_filled")

    assert len(world.exchange.orders) == 1
    [fill] = world.exchange.fills
    held = Decimal((await world.bot(bot_id))["position"]["base"])
    assert held == fill["quantity"] - fill["commission"]
    assert (await world.codes(bot_id)).count("order_filled") == 1


async def test_a_lost_answer_is_asked_again_under_the_same_key(world: Any, started: Any) -> None:
    bot_id, runner = started
    bridge = runner.process.runner._bridge
    submit = bridge.submit
    lost = []

    async def losing(bot: Any, order: Any) -> Any:
        taken = await submit(bot, order)
        if not lost:
            lost.append(order.key)
            raise OutcomeUnknown("service_outcome_unknown", "The answer was lost.")
        return taken

    bridge.submit = losing
    await world.feed_closes(bot_id, ["101"])

    assert len(world.exchange.orders) == 1
    assert set(world.exchange.submissions) == set(lost)
    assert (await world.codes(bot_id)).count("order_filled") == 1


async def test_an_unsent_order_that_grew_stale_is_given_up_and_told(
    world: Any, started: Any
) -> None:
    bot_id, runner = started
    reached = asyncio.Event()

    async def killed_before(*_: Any) -> None:
        reached.set()
        await _never()

    runner.process.runner._bridge.submit = killed_before
    world.exchange.close_candle("101")
    await reached.wait()
    await runner.kill()

    world.tempo = Tempo(fresh_least_s=0, fresh_most_s=0, retry_s=0.05, equity_flush_s=0.02)
    await world.runner("runner-2")
    await world.until_event(bot_id, "order_expired")

    assert world.exchange.submissions == []
    assert (await world.bot(bot_id))["open_orders"] == 0


async def test_a_stale_order_the_bridge_has_after_all_is_taken_over_not_forgotten(
    world: Any, started: Any
) -> None:
    bot_id, runner = started
    reached = asyncio.Event()
    bridge = runner.process.runner._bridge
    submit = bridge.submit

    async def killed_after(bot: Any, order: Any) -> None:
        await submit(bot, order)
        reached.set()
        await _never()

    bridge.submit = killed_after
    world.exchange.close_candle("101")
    await reached.wait()
    await runner.kill()

    world.tempo = Tempo(fresh_least_s=0, fresh_most_s=0, retry_s=0.05, equity_flush_s=0.02)
    await world.runner("runner-2")
    await world.until_event(bot_id, "order_filled")

    assert len(world.exchange.submissions) == 1
    assert "order_expired" not in await world.codes(bot_id)


async def test_the_same_candle_twice_is_decided_on_once(world: Any, started: Any) -> None:
    bot_id, _ = started
    await world.feed_closes(bot_id, ["101"])
    newest = len(world.exchange.closes) - 1

    world.exchange.tell_candle(newest)
    world.exchange.tell_candle(newest - 1)
    await world.feed_closes(bot_id, ["102"])

    assert len(await world.decisions(bot_id)) == 1
    assert len(world.exchange.submissions) == 1


async def test_of_two_runners_one_acts_and_the_other_takes_over_when_it_stops(
    world: Any, started: Any
) -> None:
    bot_id, first = started
    second = await world.runner("runner-2")
    await world.feed_closes(bot_id, ["101"])
    assert second.process.runner.holds == frozenset()
    assert len(world.exchange.submissions) == 1

    world.exchange.late_ms = 1_000  # what closes during the change is still acted on
    await first.stop()
    await eventually(lambda: second.process.runner.holds == {bot_id})
    await world.feed_closes(bot_id, ["90"])

    assert [o["side"] for o in world.exchange.orders.values()] == ["buy", "sell"]
    assert (await world.bot(bot_id))["runner"] == "runner-2"


async def test_a_fill_heard_twice_and_read_by_rest_counts_once(world: Any, started: Any) -> None:
    bot_id, _ = started
    await world.feed_closes(bot_id, ["101"])
    held = (await world.bot(bot_id))["position"]["base"]

    world.exchange.tell_fill(world.exchange.fills[0])
    world.exchange.tell_order("ord_0")
    [listener] = world.exchange.listeners
    listener.on_feed(up=False)
    listener.on_feed(up=True)
    await world.feed_closes(bot_id, ["102"])

    assert (await world.bot(bot_id))["position"]["base"] == held


async def test_fills_the_feed_never_tells_are_read_by_rest(world: Any, started: Any) -> None:
    bot_id, _ = started
    world.exchange.fill_markets = False
    world.exchange.close_candle("101")
    await eventually(lambda: world.exchange.orders)

    world.exchange.fill("ord_0", Decimal(1), tell=False)
    world.exchange.fill("ord_0", tell=False)
    await world.until_event(bot_id, "order_filled")

    fills = world.exchange.fills
    expected = sum(f["quantity"] - f["commission"] for f in fills)
    assert len(fills) == 2
    assert Decimal((await world.bot(bot_id))["position"]["base"]) == expected


async def test_a_fill_of_an_order_it_never_placed_fails_the_bot(world: Any, started: Any) -> None:
    bot_id, _ = started
    body = {
        "account_id": "acc_1",
        "bot_id": bot_id,
        "symbol": "BTC-USDT",
        "side": "buy",
        "type": "market",
        "quantity": "1",
    }
    world.exchange.place(body, "somebody-else")

    bot = await world.until_state(bot_id, "failed")

    assert "never placed" in bot["state_reason"]
    assert bot["position"]["base"] == "0"


async def test_a_runner_without_its_lease_sends_nothing(world: Any, started: Any) -> None:
    bot_id, runner = started
    held = runner.process.runner._held[bot_id]
    held.lease.prolong(0.0)

    async def nothing(*_: Any) -> dict[str, int]:
        return {}

    runner.process.runner._leases.renew = nothing
    world.exchange.close_candle("101")
    await eventually(held.task.done)

    assert world.exchange.submissions == []


async def test_a_bot_stopped_while_no_runner_lives_stays_stopped(world: Any, started: Any) -> None:
    bot_id, runner = started
    await runner.kill()

    assert (await world.verb(bot_id, "stop"))["state"] == "stopped"
    await world.runner("runner-2")
    world.exchange.close_candle("101")
    other = await world.make_bot(label="Other")
    await world.verb(other, "start")
    await world.until_event(other, "warmed_up")

    assert world.exchange.submissions == []


async def test_a_decision_names_its_order_although_the_runner_died_before_it_said_so(
    world: Any, started: Any
) -> None:
    bot_id, runner = started
    reached = asyncio.Event()

    async def killed_before(*_: Any) -> None:
        reached.set()
        await _never()

    runner.process.runner._runs.order_placed = killed_before
    world.exchange.close_candle("101")
    await reached.wait()
    await runner.kill()

    await world.runner("runner-2")

    async def named() -> bool:
        [decision] = await world.decisions(bot_id)
        return decision["targets"][0]["order_id"] == "ord_0"

    await eventually(named)
