"""A recording replayed at a chosen speed, as `make run MARKET=replay REPLAY=path SPEED=120` does."""

import csv
import json
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from ct_kit.testing import eventually_sync
from ct_local.testing import Platform

pytestmark = pytest.mark.platform

SPEED = 120
MINUTE_MS = 60_000
HISTORY = 500  # candles before the start, by default
SYMBOL = "BTC-USDT"
COLUMNS = ("open", "high", "low", "close", "volume")
WATCHED_S = 5.0


@pytest.fixture(scope="module")
def replaying(start_platform: Callable[..., Platform], random_candles: Path) -> Iterator[Platform]:
    platform = start_platform(
        CT_MARKET="replay",
        CT_REPLAY=str(random_candles),
        CT_REPLAY_SPEED=str(SPEED),
        CT_GATEWAY_LIMIT_SCALE="100",
    )
    yield platform
    platform.stop()


@pytest.fixture(scope="module")
def user(replaying: Platform, new_user: Callable[[Platform], Any]) -> Any:
    return new_user(replaying)


@pytest.fixture(scope="module")
def simulator(replaying: Platform, simulator_of: Callable[[Platform], Any]) -> Any:
    return simulator_of(replaying)


@pytest.fixture(scope="module")
def recorded(random_candles: Path) -> dict[int, tuple[Decimal, ...]]:
    """The file's candles by open time."""
    with random_candles.open(newline="") as stream:
        return {
            int(row["open_time"]): tuple(Decimal(row[name]) for name in COLUMNS)
            for row in csv.DictReader(stream)
        }


def told(candle: dict[str, Any]) -> tuple[Decimal, ...]:
    return tuple(Decimal(candle[name]) for name in COLUMNS)


def markets_said(document: Any) -> set[str]:
    """Collect every `market` that a document says, however deep."""
    if isinstance(document, list):
        return set().union(*map(markets_said, document))
    if not isinstance(document, dict):
        return set()
    own = document.get("market")
    return markets_said(list(document.values())) | ({own} if isinstance(own, str) else set())


def test_what_was_before_the_start_is_served_as_recorded(
    user: Any, recorded: dict[int, tuple[Decimal, ...]]
) -> None:
    start = sorted(recorded)[HISTORY]
    page = user.get(
        f"/markets/{SYMBOL}/candles", start=start - HISTORY * MINUTE_MS, end=start, limit=HISTORY
    )
    assert [candle["open_time"] for candle in page["items"]] == sorted(recorded)[:HISTORY]
    for candle in page["items"]:
        assert told(candle) == recorded[candle["open_time"]]


def test_the_market_moves_at_the_chosen_speed_and_closes_the_recorded_candles(
    user: Any, simulator: Any, recorded: dict[int, tuple[Decimal, ...]]
) -> None:
    began, venue_began = time.monotonic(), simulator.now_ms()
    first = max(closed_candles(user))

    eventually_sync(lambda: time.monotonic() - began >= WATCHED_S, timeout_s=2 * WATCHED_S)
    venue_s = (simulator.now_ms() - venue_began) / 1_000
    speed = venue_s / (time.monotonic() - began)

    assert speed == pytest.approx(SPEED, rel=0.1)
    seen = eventually_sync(lambda: _since(closed_candles(user), first + 5 * MINUTE_MS))
    assert seen
    assert {open_time: recorded[open_time] for open_time in seen} == seen


def closed_candles(user: Any) -> dict[int, tuple[Decimal, ...]]:
    page = user.get(f"/markets/{SYMBOL}/candles", limit=100)
    return {candle["open_time"]: told(candle) for candle in page["items"] if candle["closed"]}


def _since(candles: dict[int, Any], open_time: int) -> dict[int, Any]:
    """Return the candles, once they reach so far."""
    return candles if max(candles) >= open_time else {}


def test_every_figure_says_that_the_market_is_a_replay(user: Any) -> None:
    account = user.open_account(USDT="1000")
    paths = (
        "/status",
        "/markets",
        f"/markets/{SYMBOL}",
        f"/markets/{SYMBOL}/candles",
        f"/markets/{SYMBOL}/book",
        f"/markets/{SYMBOL}/trades",
        f"/analysis/{SYMBOL}",
        "/accounts",
        f"/accounts/{account['id']}",
    )
    said = {path: markets_said(user.get(path)) for path in paths}
    assert said == {path: {"replay"} for path in paths}
    preview = user.post(
        "/orders/preview",
        {
            "account_id": account["id"],
            "symbol": SYMBOL,
            "side": "buy",
            "type": "market",
            "quantity": "0.001",
        },
    )
    assert markets_said(preview) == {"replay"}
    assert [m["instrument"]["symbol"] for m in user.get("/markets")["items"]] == [SYMBOL]


def test_the_live_stream_says_it_too(replaying: Platform, user: Any) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in user.http.cookies.items())
    channels = {f"ticker:{SYMBOL}", f"book:{SYMBOL}", f"candles:{SYMBOL}:1m"}
    address = f"ws{replaying.base_url.removeprefix('http')}/api/v1/stream"
    said: dict[str, set[str]] = {}
    with connect(
        address, origin=replaying.base_url, additional_headers={"Cookie": cookies}
    ) as stream:
        stream.send(json.dumps({"op": "subscribe", "channels": sorted(channels)}))
        while said.keys() != channels:
            message = json.loads(stream.recv(timeout=10))
            if message["type"] == "event":
                said[message["channel"]] = markets_said(message["data"])
    assert said == {channel: {"replay"} for channel in channels}
