"""A stepped replay: every closed candle reaches the feed once, in order, at once."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ct_kit.testing import Identities

ROWS = 700
WARMUP = 500
START_MS = 1_704_067_200_000  # 2024-01-01
STEPS = 100


def write_candles(path: Path) -> list[float]:
    closes = [40_000 + 10 * (row % 37) - 7 * (row % 11) for row in range(ROWS)]
    lines = ["open_time,open,high,low,close,volume"]
    for row, close in enumerate(closes):
        opened = closes[row - 1] if row else close
        high, low = max(opened, close) + 5, min(opened, close) - 5
        lines.append(f"{START_MS + row * 60_000},{opened},{high},{low},{close},{1 + row % 5}.5")
    path.write_text("\n".join(lines) + "\n")
    return [float(close) for close in closes]


@pytest.fixture
def replay(
    start_neighbours: Callable[..., Any], identities: Identities, tmp_path: Path
) -> Iterator[tuple[Any, list[float]]]:
    closes = write_candles(tmp_path / "BTCUSDT-1m.csv")
    with ExitStack() as stack:
        environment = {
            "CT_MARKET": "replay",
            "CT_SIMULATOR_REPLAY": str(tmp_path / "BTCUSDT-1m.csv"),
            "CT_SIMULATOR_REPLAY_SYMBOL": "BTC-USDT",
            "CT_SIMULATOR_REPLAY_WARMUP": str(WARMUP),
            "CT_SIMULATOR_CLOCK": "stepped",
        }
        yield start_neighbours(stack, tmp_path, environment), closes


async def test_every_step_is_one_closed_candle_on_the_feed(
    replay: tuple[Any, list[float]],
    settings_of_bridge: Callable[..., Any],
    run_bridge: Callable[..., Any],
) -> None:
    around, closes = replay
    settings = settings_of_bridge(around=around, stale_after_s=300, silence_s=600)
    async with run_bridge(settings, around) as bridge:
        feed = bridge.services.feed.subscribe(
            lambda message: (
                message.channel == "candles:BTC-USDT:1m" and message.data["candle"]["closed"]
            )
        )
        fives = bridge.services.feed.subscribe(
            lambda message: (
                message.channel == "candles:BTC-USDT:5m" and message.data["candle"]["closed"]
            )
        )
        waits = []
        seen = []
        for _ in range(STEPS):
            await bridge.simulator.request("POST", "/admin/clock/step", json={"candles": 1})
            stepped = time.perf_counter()
            async with asyncio.timeout(5):
                message = await feed.next()
            waits.append(time.perf_counter() - stepped)
            seen.append(message.data["candle"])
        times = [candle["open_time"] for candle in seen]
        assert times == [START_MS + (WARMUP + step) * 60_000 for step in range(STEPS)]
        assert [float(candle["close"]) for candle in seen] == closes[WARMUP : WARMUP + STEPS]
        assert seen[0]["closed"] is True
        # The candle is there as soon as the step is answered, give or take the machine's load.
        assert sorted(waits)[len(waits) // 2] < 0.05

        five = (await fives.next()).data["candle"]
        assert five["open_time"] % 300_000 == 0
        index = (five["open_time"] - START_MS) // 60_000
        assert float(five["close"]) == closes[index + 4]

        account = await bridge.open_account(USDT="100000")
        order = await bridge.post("/v1/orders", bridge.order(account, quantity="0.1"), key="one")
        assert order["state"] == "filled"
        expected = Decimal(str(closes[WARMUP + STEPS - 1])) * Decimal("1.0001")
        assert abs(Decimal(order["average_price"]) - expected) <= Decimal("0.01")
        listed = await bridge.get("/v1/markets/BTC-USDT/candles", limit=1000)
        assert [item["open_time"] for item in listed["items"] if item["closed"]] == [
            START_MS + row * 60_000 for row in range(WARMUP + STEPS)
        ]
        assert listed["market"] == "replay"
