"""Faults as a client on the network sees them."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import websockets


def order(sim: Any, api_key: str, secret: str, name: str) -> httpx.Response:
    stamp = int(time.time() * 1000)
    query = (
        "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000"
        f"&newClientOrderId={name}&timestamp={stamp}"
    )
    signature = hmac.new(secret.encode(), query.encode(), hashlib.sha256).hexdigest()
    url = f"{sim.binance_url}/api/v3/order?{query}&signature={signature}"
    return httpx.post(url, headers={"X-MBX-APIKEY": api_key}, timeout=5)


async def read_to_the_end(socket: Any) -> None:
    while True:
        await asyncio.wait_for(socket.recv(), 5)


@pytest.mark.parametrize("kind", ["drop_answer_after_accept", "truncated_body"])
def test_an_answer_is_lost_but_the_order_exists(running: Callable[..., Any], kind: str) -> None:
    sim = running()
    account_id, api_key, secret = sim.account()
    fault = {"kind": kind, "match": {"method": "POST", "path": "/api/v3/order"}}
    sim.admin("POST", "/admin/faults", json=fault)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        order(sim, api_key, secret, "lost")
    records = sim.admin("GET", "/admin/truth", params={"account_id": account_id})["items"]
    assert [record["kind"] for record in records] == ["account", "order"]
    assert order(sim, api_key, secret, "next").status_code == 200


def test_latency_delays_the_answer(running: Callable[..., Any]) -> None:
    sim = running()
    fault = {"kind": "latency", "match": {"path": "/api/v3/time"}, "value": 300}
    sim.admin("POST", "/admin/faults", json=fault)
    started = time.monotonic()
    httpx.get(f"{sim.binance_url}/api/v3/time")
    assert time.monotonic() - started > 0.3


async def test_a_stream_is_cut_without_a_goodbye(running: Callable[..., Any]) -> None:
    sim = running()
    async with websockets.connect(f"{sim.stream_url}/ws/btcusdt@bookTicker") as socket:
        await socket.recv()
        fault = {"kind": "stream_cut", "match": {"method": "WS"}}
        await asyncio.to_thread(sim.admin, "POST", "/admin/faults", json=fault)
        with pytest.raises(websockets.ConnectionClosedError):
            await read_to_the_end(socket)
    async with websockets.connect(f"{sim.stream_url}/ws/btcusdt@bookTicker") as socket:
        assert json.loads(await socket.recv())["s"] == "BTCUSDT"


async def test_events_come_twice(running: Callable[..., Any]) -> None:
    sim = running()
    fault = {"kind": "duplicate_events", "match": {"method": "WS", "path": "/ws*"}}
    await asyncio.to_thread(sim.admin, "POST", "/admin/faults", json=fault)
    async with websockets.connect(f"{sim.stream_url}/ws/btcusdt@miniTicker") as socket:
        assert await socket.recv() == await socket.recv()


async def test_subscriptions_are_made_listed_and_ended(running: Callable[..., Any]) -> None:
    sim = running()
    async with websockets.connect(f"{sim.stream_url}/stream?streams=btcusdt@ticker") as socket:
        first = json.loads(await socket.recv())
        assert (first["stream"], first["data"]["e"]) == ("btcusdt@ticker", "24hrTicker")

        async def ask(method: str, params: Any, number: int) -> Any:
            await socket.send(json.dumps({"method": method, "params": params, "id": number}))
            while True:
                message = json.loads(await asyncio.wait_for(socket.recv(), 5))
                if message.get("id") == number:
                    return message

        assert await ask("SUBSCRIBE", ["btcusdt@trade"], 1) == {"result": None, "id": 1}
        listed = await ask("LIST_SUBSCRIPTIONS", None, 2)
        assert listed["result"] == ["btcusdt@ticker", "btcusdt@trade"]
        await ask("UNSUBSCRIBE", ["btcusdt@ticker"], 3)
        assert (await ask("NONSENSE", [], 4))["code"] == 2


async def test_who_talks_too_much_is_sent_away(running: Callable[..., Any]) -> None:
    sim = running()
    async with websockets.connect(f"{sim.stream_url}/ws") as socket:
        for number in range(8):
            await socket.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": number}))
        with pytest.raises(websockets.ConnectionClosedError) as caught:
            await read_to_the_end(socket)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1008


async def test_a_local_book_kept_from_diffs_equals_the_snapshots(
    running: Callable[..., Any],
) -> None:
    sim = running()
    url = f"{sim.stream_url}/ws/btcusdt@depth@100ms"
    async with (
        httpx.AsyncClient(base_url=sim.binance_url) as http,
        websockets.connect(url) as socket,
    ):

        async def snapshot() -> dict[str, Any]:
            answer = await http.get("/api/v3/depth?symbol=BTCUSDT&limit=100")
            found: dict[str, Any] = answer.json()
            return found

        await socket.recv()
        begun = await snapshot()
        sides = {side: dict(begun[side]) for side in ("bids", "asks")}
        last = begun["lastUpdateId"]
        compared = 0

        async def apply_next() -> None:
            nonlocal last
            event = json.loads(await asyncio.wait_for(socket.recv(), 5))
            if event["u"] <= last:
                return
            assert event["U"] <= last + 1 <= event["u"], "a gap in the sequence"
            last = event["u"]
            for side, changes in (("bids", event["b"]), ("asks", event["a"])):
                for price, quantity in changes:
                    if float(quantity) == 0:
                        sides[side].pop(price, None)
                    else:
                        sides[side][price] = quantity

        async with asyncio.timeout(20):
            while compared < 3:
                now = await snapshot()
                while last < now["lastUpdateId"]:
                    await apply_next()
                if last == now["lastUpdateId"]:  # not when the stream had no event for it
                    assert {side: dict(now[side]) for side in sides} == sides
                    compared += 1
