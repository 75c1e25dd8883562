"""A live bot decides and fills as the backtest of the same candles does."""

import random
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from ct_strategies.backtest import columns
from ct_strategies.backtest.run import Backtest, Costs
from ct_strategies.registry import get_strategy

CASES = [
    ("ema_cross", {"fast": 2, "slow": 3}, 9),
    ("grid", {"levels": 6, "range_below_percent": 6.0, "range_above_percent": 6.0}, 0),
    (
        "dca",
        {
            "safety_orders": 3,
            "deviation_percent": 1.0,
            "take_profit_percent": 0.8,
            "stop_loss_percent": 4.0,
        },
        0,
    ),
]


def walk(seed: int, count: int) -> list[Decimal]:
    source = random.Random(seed)
    price, closes = 100.0, []
    for _ in range(count):
        price *= 1 + source.gauss(0, 0.012)
        closes.append(Decimal(f"{price:.2f}"))
    return closes


@pytest.mark.parametrize(("strategy_id", "parameters", "warmup"), CASES)
async def test_a_live_bot_trades_as_its_backtest(
    world: Any, instrument: Any, strategy_id: str, parameters: dict[str, Any], warmup: int
) -> None:
    first = max(warmup, 1)  # a strategy without warm-up still reads the one candle before
    closes = walk(7, first + 70)
    world.exchange.closes = closes[:first]
    bot_id = await world.make_bot(strategy=strategy_id, parameters=parameters)
    await world.runner()
    await world.verb(bot_id, "start")
    await world.until_event(bot_id, "warmed_up")

    await world.feed_closes(bot_id, [str(close) for close in closes[first:]])

    # The exchange of these tests fills a market order at the last close, which is the next open.
    strategy = get_strategy(strategy_id)
    costs = Costs(taker_fee=0.001, maker_fee=0.001, half_spread_bps=0.0)
    params = strategy.parse(parameters)
    test = Backtest(strategy, params, instrument, Decimal(1000), costs=costs)
    rows = [world.exchange.candle(index) for index in range(len(closes))]
    names = ("open_time", "open", "high", "low", "close", "volume")
    candles = np.array([[float(row[name]) for name in names] for row in rows])
    test.feed(candles[first - warmup :])
    trades = test.outcome().trades

    expected = [
        (
            "buy" if row[columns.T_SIDE] > 0 else "sell",
            round(float(row[columns.T_QUANTITY]), 8),
            round(float(row[columns.T_PRICE]), 8),
        )
        for row in trades
    ]
    live = [
        (fill["side"], round(float(fill["quantity"]), 8), round(float(fill["price"]), 8))
        for fill in world.exchange.fills
    ]
    pending = len(live) - len(expected)
    assert len(live) > 5
    assert pending in {0, 1}  # a market order of the last candle waits for the next open there
    assert live[: len(expected)] == expected
    held = Decimal((await world.bot(bot_id))["position"]["base"])
    if pending == 0:
        assert float(held) == pytest.approx(test.outcome().base, abs=1e-12)
