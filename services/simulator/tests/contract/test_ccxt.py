"""ccxt, which nobody here wrote, trades here with nothing but its hosts changed."""

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import ccxt
import pytest


@pytest.fixture
def exchange(running: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    sim = running()
    _, api_key, secret = sim.account()
    client = ccxt.binance(
        {
            "apiKey": api_key,
            "secret": secret,
            "options": {
                "fetchMarkets": {"types": ["spot"]},
            },
        }
    )
    client.urls["api"] = {
        name: url.replace("https://api.binance.com", sim.binance_url)
        for name, url in client.urls["api"].items()
        if isinstance(url, str)
    }
    yield client
    client.session.close()


def test_markets_prices_and_candles(exchange: Any) -> None:
    markets = exchange.load_markets()
    bitcoin = markets["BTC/USDT"]
    assert bitcoin["precision"] == {**bitcoin["precision"], "price": 0.01, "amount": 0.00001}
    assert bitcoin["limits"]["cost"]["min"] == 5.0
    candles = exchange.fetch_ohlcv("BTC/USDT", "5m", limit=100)
    assert len(candles) == 100
    book = exchange.fetch_order_book("ETH/USDT", 10)
    assert book["bids"][0][0] < book["asks"][0][0]
    ticker = exchange.fetch_ticker("BTC/USDT")
    assert ticker["bid"] < ticker["ask"]
    assert len(exchange.fetch_tickers(["BTC/USDT", "ADA/USDT"])) == 2
    assert exchange.fetch_trades("BTC/USDT", limit=5)
    assert abs(exchange.fetch_time() - time.time() * 1000) < 2000


def test_orders_fills_and_balances(exchange: Any) -> None:
    exchange.load_markets()
    bought = exchange.create_order("BTC/USDT", "market", "buy", 0.01)
    assert bought["status"] == "closed"
    assert bought["fee"]["currency"] == "BTC"
    price = exchange.fetch_ticker("BTC/USDT")["last"] * 0.9
    placed = exchange.create_order("BTC/USDT", "limit", "buy", 0.01, price)
    assert placed["status"] == "open"
    assert [order["id"] for order in exchange.fetch_open_orders("BTC/USDT")] == [placed["id"]]
    assert exchange.fetch_order(placed["id"], "BTC/USDT")["status"] == "open"
    assert exchange.cancel_order(placed["id"], "BTC/USDT")["status"] == "canceled"
    balance = exchange.fetch_balance()
    assert Decimal(str(balance["BTC"]["free"])) == Decimal("1.00999")
    (trade,) = exchange.fetch_my_trades("BTC/USDT")
    assert trade["order"] == bought["id"]
    with pytest.raises(ccxt.InsufficientFunds):
        exchange.create_order("BTC/USDT", "limit", "buy", 100, price)
    with pytest.raises(ccxt.OrderNotFound):
        exchange.cancel_order(placed["id"], "BTC/USDT")
