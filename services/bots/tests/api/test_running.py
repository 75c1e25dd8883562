"""A bot from creation to its trades, on a real database and a bridge of the tests' own."""

from decimal import Decimal
from typing import Any

from ct_kit.testing import eventually

RISE = ["100", "101", "102"]
WARM = ["100"] * 12


async def test_a_bot_decides_on_a_candle_trades_and_says_what_it_did(world: Any) -> None:
    world.exchange.closes = [Decimal(c) for c in WARM]
    bot_id = await world.make_bot()
    await world.runner()
    await world.verb(bot_id, "start")
    await world.until_event(bot_id, "warmed_up")

    await world.feed_closes(bot_id, ["101"])

    bot = await world.bot(bot_id)
    [decision] = await world.decisions(bot_id)
    [target] = decision["targets"]
    assert target["action"] == "market"
    assert target["side"] == "buy"
    assert target["reason"] == "fast_rose_above_slow"
    assert target["order_id"] == "ord_0"
    assert decision["trigger"] == "candle"
    assert decision["candle"] == bot["last_candle"]
    quantity = Decimal(target["quantity"])
    assert quantity == (Decimal(990) / 101).quantize(Decimal("0.00001"), rounding="ROUND_DOWN")
    assert Decimal(bot["position"]["base"]) == quantity * Decimal("0.999")
    assert bot["open_orders"] == 0
    assert bot["runner"] == "runner-1"
    assert await world.codes(bot_id) == [
        "created",
        "started",
        "lease_taken",
        "warmed_up",
        "decision_buy",
        "order_placed",
        "order_filled",
    ]


async def test_the_exit_realises_the_profit_net_of_fees(world: Any) -> None:
    world.exchange.closes = [Decimal(c) for c in WARM]
    bot_id = await world.make_bot()
    await world.runner()
    await world.verb(bot_id, "start")
    await world.until_event(bot_id, "warmed_up")

    await world.feed_closes(bot_id, ["101", "110", "90"])

    bot = await world.bot(bot_id)
    buy, sell = world.exchange.fills
    cash = Decimal(1000) - buy["quote_quantity"] + sell["quote_quantity"] - sell["commission"]
    position = bot["position"]
    cost = Decimal(1000) - cash + Decimal(position["realised"])
    assert Decimal(position["base"]) == buy["quantity"] * Decimal("0.999") - sell["quantity"]
    assert cost >= 0
    assert cost < Decimal("0.01")  # what the dust cost

    async def points() -> list[dict[str, Any]] | None:
        found = (await world.call("GET", f"/v1/bots/{bot_id}/equity")).json()["items"]
        return found if len(found) == 3 else None

    equity = await eventually(points)  # points are written together, a moment later
    assert Decimal(equity[-1]["equity"]) == cash + Decimal(position["base"]) * 90


async def test_orders_of_a_bot_come_from_the_bridge(world: Any) -> None:
    world.exchange.closes = [Decimal(c) for c in WARM]
    bot_id = await world.make_bot()
    await world.runner()
    await world.verb(bot_id, "start")
    await world.until_event(bot_id, "warmed_up")
    await world.feed_closes(bot_id, ["101"])

    page = (await world.call("GET", f"/v1/bots/{bot_id}/orders")).json()

    assert [order["id"] for order in page["items"]] == ["ord_0"]


async def test_a_paused_bot_buys_nothing_and_still_sells(world: Any) -> None:
    world.exchange.closes = [Decimal(c) for c in WARM]
    bot_id = await world.make_bot()
    await world.runner()
    await world.verb(bot_id, "start")
    await world.until_event(bot_id, "warmed_up")
    await world.feed_closes(bot_id, ["101"])

    await world.verb(bot_id, "pause")
    await world.feed_closes(bot_id, ["90", "80", "85", "90"])

    sides = [order["side"] for order in world.exchange.orders.values()]
    assert sides == ["buy", "sell"]
    assert (await world.codes(bot_id)).count("entry_suppressed") == 1


async def test_a_draining_bot_sells_by_its_strategy_and_then_stops(world: Any) -> None:
    world.exchange.closes = [Decimal(c) for c in WARM]
    bot_id = await world.make_bot()
    await world.runner()
    await world.verb(bot_id, "start")
    await world.until_event(bot_id, "warmed_up")
    await world.feed_closes(bot_id, ["101"])

    await world.verb(bot_id, "drain")
    await world.feed_closes(bot_id, ["102"])
    assert (await world.bot(bot_id))["state"] == "draining"
    world.exchange.close_candle("80")

    bot = await world.until_state(bot_id, "stopped")
    codes = await world.codes(bot_id)
    assert codes[-3:] == ["order_filled", "drained", "dust_left"]
    assert Decimal(bot["position"]["base"]) < Decimal("0.00001")


async def test_force_exit_takes_orders_back_sells_and_stops(world: Any) -> None:
    world.exchange.closes = [Decimal(100)]
    parameters = {"levels": 4, "range_below_percent": 4.0, "range_above_percent": 4.0}
    bot_id = await world.make_bot(strategy="grid", parameters=parameters)
    await world.runner()
    await world.verb(bot_id, "start")
    await world.until_event(bot_id, "warmed_up")
    await world.feed_closes(bot_id, ["100", "97.9"])
    assert Decimal((await world.bot(bot_id))["position"]["base"]) > 0

    await world.verb(bot_id, "force-exit")

    bot = await world.until_state(bot_id, "stopped")
    states = [order["state"] for order in world.exchange.orders.values()]
    assert set(states) == {"filled", "canceled"}
    assert Decimal(bot["position"]["base"]) < Decimal("0.00001")
    assert bot["open_orders"] == 0
    last = (await world.decisions(bot_id))[-1]
    assert last["trigger"] == "command"
    assert last["targets"][0]["reason"] == "force_exit"


async def test_stop_takes_orders_back_and_leaves_the_position(world: Any) -> None:
    world.exchange.closes = [Decimal(100)]
    parameters = {"levels": 4, "range_below_percent": 4.0, "range_above_percent": 4.0}
    bot_id = await world.make_bot(strategy="grid", parameters=parameters)
    await world.runner()
    await world.verb(bot_id, "start")
    await world.until_event(bot_id, "warmed_up")
    await world.feed_closes(bot_id, ["100", "97.9"])
    base = (await world.bot(bot_id))["position"]["base"]

    assert (await world.verb(bot_id, "stop"))["state"] == "exiting"

    bot = await world.until_state(bot_id, "stopped")
    assert bot["position"]["base"] == base
    assert bot["runner"] is None or await eventually(lambda: _no_runner(world, bot_id))
    assert not [o for o in world.exchange.orders.values() if o["state"] == "open"]


async def _no_runner(world: Any, bot_id: str) -> bool:
    return (await world.bot(bot_id))["runner"] is None


async def test_refusals_are_told_and_five_in_a_row_fail_the_bot(world: Any) -> None:
    world.exchange.closes = [Decimal(100)]
    parameters = {"levels": 2, "range_below_percent": 4.0, "range_above_percent": 4.0}
    bot_id = await world.make_bot(strategy="grid", parameters=parameters)
    await world.runner()
    await world.verb(bot_id, "start")
    await world.until_event(bot_id, "warmed_up")
    world.exchange.refuse_with = (409, "trading_halted")

    for _ in range(6):
        if (await world.bot(bot_id))["state"] == "running":
            world.exchange.close_candle("100")
            await eventually(lambda: _caught_up(world, bot_id))

    bot = await world.until_state(bot_id, "failed")
    assert "trading_halted" in bot["state_reason"]
    assert (await world.codes(bot_id)).count("order_refused") == 5


async def _caught_up(world: Any, bot_id: str) -> bool:
    bot = await world.bot(bot_id)
    newest = world.exchange.candle(len(world.exchange.closes) - 1)["open_time"]
    return bot["last_candle"] == newest or bot["state"] == "failed"


async def test_a_stale_market_is_learned_from_and_not_traded_on(world: Any) -> None:
    world.exchange.closes = [Decimal(c) for c in WARM]
    bot_id = await world.make_bot()
    await world.runner()
    await world.verb(bot_id, "start")
    await world.until_event(bot_id, "warmed_up")

    await world.until_candle(bot_id, world.exchange.close_candle("101", stale=True))

    assert world.exchange.orders == {}
    assert "market_stale" in await world.codes(bot_id)


async def test_missed_candles_are_learned_from_in_order_and_not_acted_on(world: Any) -> None:
    world.exchange.closes = [Decimal(c) for c in WARM]
    bot_id = await world.make_bot()
    await world.runner()
    await world.verb(bot_id, "start")
    await world.until_event(bot_id, "warmed_up")

    for close in RISE:
        world.exchange.close_candle(close, tell=False)
    await world.feed_closes(bot_id, ["103"])

    assert world.exchange.orders == {}  # the cross lay among the missed ones
    assert "candles_missed" in await world.codes(bot_id)
