"""Market data through the HTTP face."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import httpx
import pyarrow as pa
import pytest

from ct_exchange_bridge.bootstrap import bootstrap
from ct_kit.errors import InvalidRequest, NotFound
from ct_kit.http import ServiceClient
from ct_kit.testing import Identities, eventually

MINUTE = 60_000


async def test_markets_carry_filters_and_a_fresh_ticker(bridge: Any) -> None:
    markets = (await bridge.get("/v1/markets"))["items"]
    assert "BTC-USDT" in {item["instrument"]["symbol"] for item in markets}
    for item in markets:
        assert Decimal(item["instrument"]["tick_size"]) > 0
        assert (item["ticker"]["venue"], item["ticker"]["market"]) == ("binance", "simulated")
        assert item["ticker"]["stale"] is False


async def test_an_unlisted_symbol_is_not_found(bridge: Any) -> None:
    for path in ("", "/candles", "/book", "/trades"):
        with pytest.raises(NotFound) as missing:
            await bridge.get(f"/v1/markets/DOGE-USDT{path}")
        assert missing.value.code == "unknown_symbol"


@pytest.mark.parametrize("interval", ["1m", "5m", "1h", "1d"])
async def test_candles_ascend_without_holes_and_only_the_last_is_open(
    bridge: Any, interval: str
) -> None:
    found = await bridge.get("/v1/markets/BTC-USDT/candles", interval=interval, limit=50)
    times = [item["open_time"] for item in found["items"]]
    step = {"1m": 1, "5m": 5, "1h": 60, "1d": 1_440}[interval] * MINUTE
    assert len(times) == 50
    assert all(later - earlier == step for earlier, later in pairwise(times))
    assert all(item["closed"] for item in found["items"][:-1])


async def test_a_higher_interval_is_the_sum_of_its_minutes(bridge: Any) -> None:
    hour = (await bridge.get("/v1/markets/ETH-USDT/candles", interval="1h", limit=3))["items"][0]
    start = hour["open_time"]
    minutes = (
        await bridge.get(
            "/v1/markets/ETH-USDT/candles", interval="1m", start=start, end=start + 60 * MINUTE
        )
    )["items"]
    assert len(minutes) == 60
    assert float(hour["high"]) == max(float(item["high"]) for item in minutes)
    assert float(hour["close"]) == float(minutes[-1]["close"])


async def test_the_arrow_history_is_the_json_history(bridge: Any) -> None:
    newest = (await bridge.get("/v1/markets/BTC-USDT/candles", limit=1))["items"][0]["open_time"]
    start = newest - 5_000 * MINUTE
    params = {"symbol": "BTC-USDT", "interval": "1m", "start": start, "end": newest}
    answer = await bridge.engine.fetch("GET", "/v1/candles.arrow", params=params)
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.num_rows == 5_000
    assert table.column_names == ["open_time", "open", "high", "low", "close", "volume"]
    assert answer.headers["X-CT-Market"] == "simulated"
    listed = await bridge.get(
        "/v1/markets/BTC-USDT/candles", start=start, end=start + 100 * MINUTE, limit=100
    )
    closes = [float(item["close"]) for item in listed["items"]]
    assert closes == table.column("close").to_pylist()[:100]


async def test_an_impossible_span_is_refused(bridge: Any) -> None:
    params = {"symbol": "BTC-USDT", "interval": "1m", "start": 0, "end": 10**12}
    with pytest.raises(InvalidRequest) as refused:
        await bridge.engine.request("GET", "/v1/candles.arrow", params=params)
    assert refused.value.fields[0].field == "query.end"


async def test_book_and_trades(bridge: Any) -> None:
    book = await bridge.get("/v1/markets/BTC-USDT/book", depth=5)
    bids = [Decimal(price) for price, _ in book["bids"]]
    asks = [Decimal(price) for price, _ in book["asks"]]
    assert len(bids) == len(asks) == 5
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert bids[0] < asks[0]
    trades = (await bridge.get("/v1/markets/BTC-USDT/trades", limit=20))["items"]
    assert len(trades) == 20
    assert trades[0]["at"] >= trades[-1]["at"]


async def test_after_a_cut_market_stream_prices_go_on(bridge: Any) -> None:
    async def as_of() -> str:
        found: str = (await bridge.get("/v1/markets/BTC-USDT"))["ticker"]["as_of"]
        return found

    await bridge.fault("stream_cut", match={"method": "WS"}, times=10)
    before = await as_of()

    async def moved_on() -> bool:
        waiting = await bridge.simulator.request("GET", "/admin/faults")
        return not waiting["items"] and await as_of() > before

    await eventually(moved_on, timeout_s=15)


async def test_the_status_names_route_and_age(bridge: Any) -> None:
    venue = (await bridge.get("/v1/status"))["venues"][0]
    # Faults that other tests injected are remembered for a while.
    assert venue["state"] in ("healthy", "degraded")
    assert (venue["route"], venue["market"]) == ("direct", "simulated")
    assert venue["data_age_ms"] < 15_000


async def test_nobody_gets_in_without_a_token_or_from_off_the_list(
    shared_bridge: str, identities: Identities, settings_of_bridge: Callable[..., Any]
) -> None:
    paths = bootstrap(settings_of_bridge()).openapi()["paths"]
    assert len(paths) > 20
    async with httpx.AsyncClient(base_url=shared_bridge) as bare:
        for path, methods in paths.items():
            for method in methods:
                answer = await bare.request(method, path.replace("{", "").replace("}", ""))
                assert answer.status_code == 401, path
                headers = identities.headers("auth", "exchange-bridge", "usr_a")
                answer = await bare.request(method, "/v1/markets", headers=headers)
                assert answer.status_code == 403, path


async def test_only_gateway_and_bots_follow_the_feed(bridge: Any) -> None:
    client: ServiceClient = bridge.engine
    answer = await client.send("GET", "/v1/stream")
    assert answer.status_code == 403


async def test_the_feed_carries_prices_and_the_owners_orders_and_fills(bridge: Any) -> None:
    account = await bridge.open_account()
    seen: dict[str, Any] = {}
    async for line in bridge.gateway.stream_ndjson("/v1/stream"):
        if line["channel"] == "heartbeat":
            task = asyncio.create_task(
                bridge.post("/v1/orders", bridge.order(account, quantity="0.01"))
            )
        if line.get("owner") in (None, bridge.user):
            seen[line["channel"]] = line
        wanted = {"ticker:BTC-USDT", "book:BTC-USDT", "orders", "fills"}
        if wanted <= seen.keys() and seen["orders"]["data"]["state"] == "filled":
            break
    order = await task
    assert seen["orders"]["data"] == order
    assert seen["fills"]["data"]["order_id"] == order["id"]
    assert seen["ticker:BTC-USDT"]["owner"] is None
