"""The official client trades here with nothing but its host changed."""

import base64
import json
import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from binance.error import ClientError
from binance.lib.authentication import hmac_hashing
from binance.spot import Spot
from binance.websocket.spot.websocket_stream import SpotWebsocketStreamClient
from binance.websocket.websocket_client import BinanceWebsocketClient
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

CSV = "open_time,open,high,low,close,volume"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


def spot(sim: Any, api_key: str | None = None, secret: str | None = None, **keys: Any) -> Spot:
    return Spot(api_key, secret, base_url=sim.binance_url, timeout=(2, 12), **keys)


class Inbox:
    """Collects messages of a stream and waits for the one that is wanted."""

    def __init__(self) -> None:
        self.messages: queue.Queue[dict[str, Any]] = queue.Queue()

    def put(self, _: Any, text: str) -> None:
        self.messages.put(json.loads(text))

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + 10
        while True:
            message = self.messages.get(timeout=max(deadline - time.monotonic(), 0.001))
            if wanted(message):
                return message


@contextmanager
def streaming(sim: Any) -> Iterator[tuple[SpotWebsocketStreamClient, Inbox]]:
    inbox = Inbox()
    client = SpotWebsocketStreamClient(stream_url=sim.stream_url, on_message=inbox.put)
    try:
        yield client, inbox
    finally:
        stop(client)


def stop(client: Any) -> None:
    client.stop()
    client.socket_manager.join(10)
    client.socket_manager.ws.shutdown()  # the client leaves its socket to the garbage collector


@contextmanager
def user_events(sim: Any, api_key: str, sign: Callable[[str], str]) -> Iterator[Inbox]:
    inbox = Inbox()
    client = BinanceWebsocketClient(sim.stream_url + "/ws-api/v3", on_message=inbox.put)
    try:
        stamp = int(time.time() * 1000)
        client.send(
            {
                "id": "sub",
                "method": "userDataStream.subscribe.signature",
                "params": {
                    "apiKey": api_key,
                    "timestamp": stamp,
                    "signature": sign(f"apiKey={api_key}&timestamp={stamp}"),
                },
            }
        )
        answer = inbox.wait_for(lambda message: message.get("id") == "sub")
        assert (answer["status"], answer["result"]) == (200, {"subscriptionId": 0})
        yield inbox
    finally:
        stop(client)


def hmac_signer(secret: str) -> Callable[[str], str]:
    return lambda payload: hmac_hashing(secret, payload)


def test_the_client_reads_the_market(running: Callable[..., Any]) -> None:
    client = spot(running())
    assert client.ping() == {}
    assert abs(client.time()["serverTime"] - time.time() * 1000) < 2000
    assert len(client.exchange_info()["symbols"]) == 6
    assert len(client.klines("BTCUSDT", "1m", limit=1000)) == 1000
    assert len(client.ui_klines("BTCUSDT", "1d")) > 80
    assert len(client.depth("ETHUSDT", limit=20)["asks"]) == 20
    assert client.trades("BTCUSDT", limit=3)
    assert client.agg_trades("BTCUSDT", limit=3)
    assert client.avg_price("BTCUSDT")["mins"] == 5
    assert client.ticker_24hr("BTCUSDT")["count"] > 0
    assert client.ticker_price("BTCUSDT")
    assert client.book_ticker("BTCUSDT")


def test_the_client_trades(running: Callable[..., Any]) -> None:
    sim = running()
    _, api_key, secret = sim.account()
    client = spot(sim, api_key, secret)
    bought = client.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quoteOrderQty="500")
    assert bought["status"] == "FILLED"
    price = format(Decimal(client.ticker_price("BTCUSDT")["price"]) * Decimal("0.9"), ".2f")
    rest = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    placed = client.new_order(**rest, quantity="0.01", price=price, newClientOrderId="mine")
    assert placed["status"] == "NEW"
    assert client.get_order("BTCUSDT", origClientOrderId="mine")["orderId"] == placed["orderId"]
    assert [order["orderId"] for order in client.get_open_orders()] == [placed["orderId"]]
    assert client.cancel_order("BTCUSDT", orderId=placed["orderId"])["status"] == "CANCELED"
    balances = {row["asset"]: row for row in client.account()["balances"]}
    spent = Decimal(bought["cummulativeQuoteQty"])
    assert Decimal(balances["USDT"]["free"]) == 100_000 - spent
    assert [trade["orderId"] for trade in client.my_trades("BTCUSDT")] == [bought["orderId"]]
    assert len(client.get_orders("BTCUSDT")) == 2
    assert client.query_commission_rates("BTCUSDT")["standardCommission"]["maker"] == "0.00100000"
    assert client.get_order_rate_limit()[0]["limit"] == 100
    assert client.api_key_permissions()["enableWithdrawals"] is False
    with pytest.raises(ClientError) as caught:
        client.cancel_order("BTCUSDT", orderId=placed["orderId"])
    assert caught.value.error_code == -2011


def test_the_client_signs_with_ed25519(running: Callable[..., Any]) -> None:
    sim = running()
    private = Ed25519PrivateKey.generate()
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    body = {"label": "pair", "balances": {"USDT": "100"}, "public_key_pem": pem.decode()}
    api_key = sim.admin("POST", "/admin/accounts", json=body)["api_key"]
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    client = spot(sim, api_key, private_key=secret)
    order = client.new_order(symbol="XRPUSDT", side="BUY", type="MARKET", quoteOrderQty="50")
    assert order["status"] == "FILLED"

    def sign(payload: str) -> str:
        return base64.b64encode(private.sign(payload.encode())).decode()

    with user_events(sim, api_key, sign) as inbox:
        client.new_order(symbol="XRPUSDT", side="BUY", type="MARKET", quoteOrderQty="20")
        assert inbox.wait_for(lambda m: m.get("event", {}).get("x") == "TRADE")


def test_market_streams_speak(running: Callable[..., Any]) -> None:
    sim = running()
    with streaming(sim) as (client, inbox):
        client.kline("btcusdt", "1m")
        client.ticker("ethusdt")
        client.partial_book_depth("btcusdt", 20, 100)
        client.diff_book_depth("btcusdt", speed=100)
        client.trade("solusdt")
        kline = inbox.wait_for(lambda m: m.get("e") == "kline")
        assert (kline["s"], kline["k"]["x"]) == ("BTCUSDT", False)
        assert inbox.wait_for(lambda m: m.get("e") == "24hrTicker")["s"] == "ETHUSDT"
        assert len(inbox.wait_for(lambda m: "lastUpdateId" in m)["bids"]) == 20
        first = inbox.wait_for(lambda m: m.get("e") == "depthUpdate")
        second = inbox.wait_for(lambda m: m.get("e") == "depthUpdate")
        assert second["U"] == first["u"] + 1
        assert inbox.wait_for(lambda m: m.get("e") == "trade")["s"] == "SOLUSDT"


def test_user_streams_tell_of_every_step_of_an_order(running: Callable[..., Any]) -> None:
    sim = running()
    _, api_key, secret = sim.account()
    client = spot(sim, api_key, secret)
    with user_events(sim, api_key, hmac_signer(secret)) as inbox:
        order = client.new_order(
            symbol="BTCUSDT",
            side="BUY",
            type="LIMIT",
            timeInForce="GTC",
            quantity="0.01",
            price="60000",
            newClientOrderId="mine",
        )
        new = inbox.wait_for(lambda m: m.get("event", {}).get("e") == "executionReport")
        assert new["subscriptionId"] == 0
        event = new["event"]
        assert (event["x"], event["X"], event["c"], event["i"]) == (
            *("NEW", "NEW", "mine"),
            order["orderId"],
        )
        position = inbox.wait_for(
            lambda m: m.get("event", {}).get("e") == "outboundAccountPosition"
        )
        held = {row["a"]: row for row in position["event"]["B"]}
        assert held["USDT"]["l"] == "600.00000000"
        client.cancel_order("BTCUSDT", origClientOrderId="mine")
        canceled = inbox.wait_for(lambda m: m.get("event", {}).get("x") == "CANCELED")
        assert canceled["event"]["C"] == "mine" != canceled["event"]["c"]
        sold = client.new_order(symbol="BTCUSDT", side="SELL", type="MARKET", quantity="0.01")
        traded = inbox.wait_for(lambda m: m.get("event", {}).get("x") == "TRADE")["event"]
        (fill,) = sold["fills"]
        assert (traded["t"], traded["L"], traded["n"], traded["N"], traded["z"]) == (
            *(fill["tradeId"], fill["price"], fill["commission"], "USDT"),
            "0.01000000",
        )


def test_wrong_subscriptions_are_refused(running: Callable[..., Any]) -> None:
    sim = running()
    inbox = Inbox()
    client = BinanceWebsocketClient(sim.stream_url + "/ws-api/v3", on_message=inbox.put)
    try:
        params = {"apiKey": "a" * 64, "timestamp": 1, "signature": "x"}
        method = "userDataStream.subscribe.signature"
        client.send({"id": 1, "method": method, "params": params})
        assert inbox.wait_for(lambda m: m["id"] == 1)["error"]["code"] == -2015
        client.send({"id": 2, "method": "userDataStream.start"})
        assert inbox.wait_for(lambda m: m["id"] == 2)["status"] == 410
        client.send({"id": 3, "method": "userDataStream.subscribe"})
        assert inbox.wait_for(lambda m: m["id"] == 3)["status"] == 401
        _, api_key, secret = sim.account()
        stamp = int(time.time() * 1000)
        signature = hmac_hashing(secret, f"apiKey={api_key}&timestamp={stamp}")
        params = {"apiKey": api_key, "timestamp": stamp, "signature": signature}
        client.send({"id": 4, "method": "session.logon", "params": params})
        assert inbox.wait_for(lambda m: m["id"] == 4)["error"]["code"] == -1020
    finally:
        stop(client)


def test_a_step_publishes_the_closed_candle_and_opens_the_next(
    running: Callable[..., Any], tmp_path: Any
) -> None:
    rows = [
        f"{1_700_000_040_000 + 60_000 * n},{100 + n},{103 + n},{98 + n},{101 + n}.5,7"
        for n in range(6)
    ]
    path = tmp_path / "SOLUSDT-1m.csv"
    path.write_text("\n".join([CSV, *rows]))
    sim = running(market="replay", replay=path, replay_warmup=2, clock="stepped")
    _, api_key, secret = sim.account()
    client = spot(sim, api_key, secret)
    assert [row[0] for row in client.klines("SOLUSDT", "1m")] == [
        1_700_000_040_000 + 60_000 * n for n in range(3)
    ]
    with streaming(sim) as (stream, inbox):
        stream.kline("solusdt", "1m")
        inbox.wait_for(lambda m: m.get("e") == "kline")
        clock = sim.admin("POST", "/admin/clock/step", json={"candles": 1})
        assert clock["now_ms"] == 1_700_000_040_000 + 3 * 60_000
        order = client.new_order(symbol="SOLUSDT", side="BUY", type="MARKET", quantity="1")
        assert order["fills"][0]["price"] == "103.02000000"  # 103 and half a spread of 2 bps, up
        closed = inbox.wait_for(lambda m: m.get("e") == "kline" and m["k"]["x"])["k"]
        assert (closed["t"], closed["c"], closed["v"]) == (
            1_700_000_040_000 + 2 * 60_000,
            "103.50000000",
            "7.00000000",
        )
        last = sim.admin("POST", "/admin/clock/step", json={"candles": 3})
        assert last["ended"]
        final = inbox.wait_for(
            lambda m: m.get("e") == "kline" and m["k"]["x"] and m["k"]["c"] == "106.50000000"
        )
        assert final["k"]["t"] == 1_700_000_040_000 + 5 * 60_000
