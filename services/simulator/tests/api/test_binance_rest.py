"""Binance's REST interface: codes, texts, JSON types, headers."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

ORDER = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}


@pytest.fixture
def sim(in_process: Callable[..., Any]) -> Any:
    return in_process()


def refused(answer: Any, code: int, text: str, status: int = 400) -> None:
    assert (answer.status_code, answer.json()) == (status, {"code": code, "msg": text})


async def test_public_answers_have_the_types_of_the_real_wire(sim: Any) -> None:
    client = await sim.client()
    assert (await client.public("/api/v3/ping")).json() == {}
    now = (await client.public("/api/v3/time")).json()["serverTime"]
    assert now == int(sim.wall.now_ms)
    (row,) = (
        await client.public("/api/v3/klines", symbol="BTCUSDT", interval="5m", limit=1)
    ).json()
    assert [type(value) for value in row] == [int, *[str] * 5, int, str, int, str, str, str]
    assert row[6] == row[0] + 299_999 >= now
    ticker = (await client.public("/api/v3/ticker/24hr", symbol="ETHUSDT")).json()
    assert {name for name, value in ticker.items() if isinstance(value, int)} == {
        *("openTime", "closeTime", "firstId", "lastId", "count"),
    }
    depth = (await client.public("/api/v3/depth", symbol="BTCUSDT", limit=5)).json()
    assert [len(depth["bids"]), len(depth["asks"])] == [5, 5]
    assert Decimal(depth["bids"][0][0]) < Decimal(depth["asks"][0][0])
    best = (await client.public("/api/v3/ticker/bookTicker", symbol="BTCUSDT")).json()
    assert [best["askPrice"], best["askQty"]] == depth["asks"][0]


async def test_public_trades_are_the_same_by_id_by_time_and_newest(sim: Any) -> None:
    client = await sim.client()
    newest = (await client.public("/api/v3/aggTrades", symbol="BTCUSDT", limit=5)).json()
    by_id = await client.public(
        "/api/v3/aggTrades", symbol="BTCUSDT", fromId=newest[0]["a"], limit=5
    )
    by_time = await client.public(
        "/api/v3/aggTrades", symbol="BTCUSDT", startTime=newest[0]["T"], limit=5
    )
    plain = (await client.public("/api/v3/trades", symbol="BTCUSDT", limit=5)).json()
    assert by_id.json() == by_time.json() == newest
    assert [trade["id"] for trade in plain] == [trade["a"] for trade in newest]


async def test_lists_of_all_some_and_one(sim: Any) -> None:
    client = await sim.client()
    for path in ("ticker/24hr", "ticker/price", "ticker/bookTicker"):
        everything = await client.public(f"/api/v3/{path}")
        some = await client.public(f"/api/v3/{path}", symbols='["BTCUSDT","ADAUSDT"]')
        one = await client.public(f"/api/v3/{path}", symbol="BTCUSDT")
        assert [len(everything.json()), len(some.json())] == [6, 2]
        assert one.json()["symbol"] == some.json()[0]["symbol"] == "BTCUSDT"
    mini = await client.public("/api/v3/ticker/24hr", symbol="BTCUSDT", type="MINI")
    assert "askPrice" not in mini.json()
    info = (await client.public("/api/v3/exchangeInfo", symbol="XRPUSDT")).json()
    kinds = [rule["filterType"] for rule in info["symbols"][0]["filters"]]
    assert kinds == [
        *("PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE"),
        *("PERCENT_PRICE_BY_SIDE", "NOTIONAL", "MAX_NUM_ORDERS"),
    ]


@pytest.mark.parametrize(
    ("path", "params", "code", "text"),
    [
        ("depth", {"symbol": "NOPE"}, -1121, "Invalid symbol."),
        (
            "depth",
            {},
            -1102,
            "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.",
        ),
        (
            "depth",
            {"symbol": "btc"},
            -1100,
            "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'.",
        ),
        ("depth", {"symbol": ""}, -1105, "Parameter 'symbol' was empty."),
        ("klines", {"symbol": "BTCUSDT", "interval": "7m"}, -1120, "Invalid interval."),
        (
            "klines",
            {"symbol": "BTCUSDT", "interval": "1m", "limit": "-1"},
            -1100,
            "Illegal characters found in parameter 'limit'; legal range is '^[0-9]{1,20}$'.",
        ),
        (
            "ping",
            {"x": "1"},
            -1104,
            "Not all sent parameters were read; read '0' parameter(s) but was sent '1'.",
        ),
        (
            "ticker/price",
            {"symbol": "BTCUSDT", "symbols": '["BTCUSDT"]'},
            -1128,
            "Combination of optional parameters invalid.",
        ),
        ("ticker/24hr", {"type": "HUGE"}, -1139, "Invalid ticker type."),
    ],
)
async def test_wrong_public_requests(
    sim: Any, path: str, params: dict[str, str], code: int, text: str
) -> None:
    client = await sim.client()
    refused(await client.public(f"/api/v3/{path}", **params), code, text)


async def test_a_parameter_sent_twice_is_refused(sim: Any) -> None:
    answer = await sim.binance.get("/api/v3/depth?symbol=BTCUSDT&symbol=ETHUSDT")
    refused(answer, -1101, "Duplicate values for a parameter detected.")


async def test_who_does_not_sign_properly_is_refused(sim: Any) -> None:
    client = await sim.client()
    path, headers = "/api/v3/account", {"X-MBX-APIKEY": client.api_key}
    text = "API-key format invalid."
    refused(await sim.binance.get(path), -2014, text, 401)
    refused(await sim.binance.get(path, headers={"X-MBX-APIKEY": "a-b"}), -2014, text, 401)
    text = "Invalid API-key, IP, or permissions for action."
    refused(await sim.binance.get(path, headers={"X-MBX-APIKEY": "a" * 64}), -2015, text, 401)
    text = "Mandatory parameter '{}' was not sent, was empty/null, or malformed."
    refused(await sim.binance.get(path, headers=headers), -1102, text.format("signature"))
    signed = client.sign({})
    text = "Signature for this request is not valid."
    refused(await sim.binance.get(f"{path}?{signed}0", headers=headers), -1022, text)
    refused(await sim.binance.get(f"{path}?recvWindow=9&{signed}", headers=headers), -1022, text)
    sim.wall.now_ms += 5_001
    text = "Timestamp for this request is outside of the recvWindow."
    refused(await sim.binance.get(f"{path}?{signed}", headers=headers), -1021, text)
    signed = client.sign({"timestamp": int(sim.wall.now_ms) + 1000})
    text = "Timestamp for this request was 1000ms ahead of the server's time."
    refused(await sim.binance.get(f"{path}?{signed}", headers=headers), -1021, text)


async def test_parameters_may_come_in_the_body(sim: Any) -> None:
    client = await sim.client()
    body = client.sign({"symbol": "BTCUSDT", **ORDER, "price": "80000"})
    headers = {
        "X-MBX-APIKEY": client.api_key,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    answer = await sim.binance.post("/api/v3/order", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "NEW"


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"side": "HOLD"}, -1117, "Invalid side."),
        ({"type": "MAGIC"}, -1116, "Invalid orderType."),
        ({"timeInForce": "GTD"}, -1115, "Invalid timeInForce."),
        (
            {"type": "STOP_LOSS_LIMIT"},
            -2010,
            "Stop loss limit orders are not supported for this symbol.",
        ),
        (
            {"quantity": "1e-05"},
            -1100,
            (
                "Illegal characters found in parameter 'quantity'; "
                r"legal range is '^([0-9]{1,20})(\.[0-9]{1,20})?$'."
            ),
        ),
        ({"quantity": "0.000000001"}, -1111, "Parameter 'quantity' has too much precision."),
        ({"quantity": "0"}, -1013, "Invalid quantity."),
        ({"price": "0"}, -1013, "Invalid price."),
        ({"quantity": "0.000001"}, -1013, "Filter failure: LOT_SIZE"),
        ({"price": "80000.001"}, -1013, "Filter failure: PRICE_FILTER"),
        ({"price": "1000"}, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
        ({"quantity": "0.00001"}, -1013, "Filter failure: NOTIONAL"),
        (
            {"quantity": "5", "price": "80000"},
            -2010,
            "Account has insufficient balance for requested action.",
        ),
        (
            {"newClientOrderId": "a b"},
            -1100,
            (
                "Illegal characters found in parameter 'newClientOrderId'; "
                "legal range is '^[a-zA-Z0-9-_]{1,36}$'."
            ),
        ),
        ({"stopPrice": "1"}, -1106, "Parameter 'stopPrice' sent when not required."),
        (
            {"type": "MARKET", "price": "80000"},
            -1106,
            "Parameter 'price' sent when not required.",
        ),
    ],
)
async def test_wrong_orders_are_refused_and_leave_no_trace(
    sim: Any, change: dict[str, str], code: int, text: str
) -> None:
    client = await sim.client()
    answer = await client.order(**{**ORDER, "price": "80000", **change})
    refused(answer, code, text)
    assert (await client.signed("GET", "/api/v3/allOrders", symbol="BTCUSDT")).json() == []


@pytest.mark.parametrize("absent", ["side", "type", "timeInForce", "quantity", "price"])
async def test_missing_parameters_are_named(sim: Any, absent: str) -> None:
    client = await sim.client()
    params = {name: v for name, v in {**ORDER, "price": "80000"}.items() if name != absent}
    text = f"Mandatory parameter '{absent}' was not sent, was empty/null, or malformed."
    refused(await client.order(**params), -1102, text)


async def test_answers_tell_as_much_as_was_asked_for(sim: Any) -> None:
    client = await sim.client()
    base = {"side": "SELL", "type": "MARKET", "quantity": "0.01"}
    ack = (await client.order(**base, newOrderRespType="ACK")).json()
    assert set(ack) == {"symbol", "orderId", "orderListId", "clientOrderId", "transactTime"}
    result = (await client.order(**base, newOrderRespType="RESULT")).json()
    assert "fills" not in result
    assert result["status"] == "FILLED"
    full = await client.order(**base)
    (fill,) = full.json()["fills"]
    assert fill["commissionAsset"] == "USDT"
    assert Decimal(full.json()["cummulativeQuoteQty"]) == Decimal(fill["price"]) * Decimal("0.01")
    assert isinstance(full.json()["orderId"], int)


async def test_the_life_of_an_order(sim: Any) -> None:
    client = await sim.client()
    placed = (await client.order(**ORDER, price="80000", newClientOrderId="mine")).json()
    again = await client.order(**ORDER, price="80000", newClientOrderId="mine")
    refused(again, -2010, "Duplicate order sent.")
    by_name = await client.signed(
        "GET", "/api/v3/order", symbol="BTCUSDT", origClientOrderId="mine"
    )
    by_id = await client.signed("GET", "/api/v3/order", symbol="BTCUSDT", orderId=placed["orderId"])
    assert by_name.json() == by_id.json()
    assert (await client.signed("GET", "/api/v3/openOrders")).json() == [by_id.json()]
    account = (await client.signed("GET", "/api/v3/account", omitZeroBalances="true")).json()
    assert account["balances"][1] == {
        "asset": "USDT",
        "free": "99200.00000000",
        "locked": "800.00000000",
    }
    canceled = await client.signed(
        "DELETE", "/api/v3/order", symbol="BTCUSDT", origClientOrderId="mine"
    )
    assert canceled.json()["origClientOrderId"] == "mine" != canceled.json()["clientOrderId"]
    assert canceled.json()["status"] == "CANCELED"
    twice = await client.signed(
        "DELETE", "/api/v3/order", symbol="BTCUSDT", origClientOrderId="mine"
    )
    refused(twice, -2011, "Unknown order sent.")
    fresh = await client.order(**ORDER, price="80000", newClientOrderId="mine")
    assert fresh.json()["orderId"] != placed["orderId"]
    everything = await client.signed("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")
    assert [row["status"] for row in everything.json()] == ["CANCELED"]


async def test_unknown_orders(sim: Any) -> None:
    client, stranger = await sim.client(), await sim.client()
    placed = (await client.order(**ORDER, price="80000")).json()
    for params in ({"orderId": "999"}, {"origClientOrderId": "x"}):
        lookup = await client.signed("GET", "/api/v3/order", symbol="BTCUSDT", **params)
        refused(lookup, -2013, "Order does not exist.")
    foreign = await stranger.signed(
        "GET", "/api/v3/order", symbol="BTCUSDT", orderId=placed["orderId"]
    )
    refused(foreign, -2013, "Order does not exist.")
    neither = await client.signed("GET", "/api/v3/order", symbol="BTCUSDT")
    assert neither.json()["code"] == -1102


async def test_trades_and_orders_by_time_and_id(sim: Any) -> None:
    client = await sim.client()
    for _ in range(3):
        await client.order(side="BUY", type="MARKET", quoteOrderQty="100")
        sim.wall.now_ms += 60_000
    trades = (await client.signed("GET", "/api/v3/myTrades", symbol="BTCUSDT")).json()
    assert [trade["id"] for trade in trades] == [1, 2, 3]
    later = await client.signed(
        "GET", "/api/v3/myTrades", symbol="BTCUSDT", startTime=trades[1]["time"], limit=1
    )
    assert later.json() == [trades[1]]
    one = await client.signed("GET", "/api/v3/myTrades", symbol="BTCUSDT", orderId=3)
    assert one.json() == [trades[2]]
    onward = await client.signed("GET", "/api/v3/allOrders", symbol="BTCUSDT", orderId=2)
    assert [order["orderId"] for order in onward.json()] == [2, 3]
    far = await client.signed(
        "GET", "/api/v3/myTrades", symbol="BTCUSDT", startTime=1, endTime=86_400_002
    )
    refused(far, -1127, "More than 24 hours between startTime and endTime.")


async def test_unfilled_cancels_are_archived_after_ninety_days(sim: Any) -> None:
    client = await sim.client()
    placed = (await client.order(**ORDER, price="80000")).json()
    await client.signed("DELETE", "/api/v3/order", symbol="BTCUSDT", orderId=placed["orderId"])
    sim.wall.now_ms += 91 * 86_400_000
    lookup = await client.signed(
        "GET", "/api/v3/order", symbol="BTCUSDT", orderId=placed["orderId"]
    )
    assert lookup.json()["code"] == -2026


async def test_trying_an_order_changes_nothing(sim: Any) -> None:
    client = await sim.client()
    path = "/api/v3/order/test"
    fine = await client.signed("POST", path, symbol="BTCUSDT", **ORDER, price="80000")
    assert fine.json() == {}
    wrong = await client.signed("POST", path, symbol="BTCUSDT", **ORDER, price="80000.001")
    refused(wrong, -1013, "Filter failure: PRICE_FILTER")
    rates = await client.signed(
        "POST", path, symbol="BTCUSDT", **ORDER, price="80000", computeCommissionRates="true"
    )
    assert rates.json()["standardCommissionForOrder"]["taker"] == "0.00100000"
    assert (await client.signed("GET", "/api/v3/openOrders")).json() == []


async def test_headers_count_weight_and_orders(in_process: Callable[..., Any]) -> None:
    sim = in_process(weight_limit_1m=100, order_limit_10s=2)
    client = await sim.client()
    assert (await client.public("/api/v3/ping")).headers["X-MBX-USED-WEIGHT-1M"] == "1"
    first = await client.order(**ORDER, price="80000")
    assert first.headers["X-MBX-ORDER-COUNT-10S"] == "1"
    await client.order(**ORDER, price="80001")
    third = await client.order(**ORDER, price="80002")
    assert (third.status_code, third.json()["code"]) == (429, -1015)
    counts = (await client.signed("GET", "/api/v3/rateLimit/order")).json()
    assert [count["count"] for count in counts] == [2, 2]
    await client.public("/api/v3/trades", symbol="BTCUSDT")
    await client.public("/api/v3/trades", symbol="BTCUSDT")
    over = await client.public("/api/v3/exchangeInfo")
    assert (over.status_code, over.json()["code"]) == (429, -1003)
    assert 1 <= int(over.headers["Retry-After"]) <= 60


async def test_listen_keys_and_unknown_addresses_are_gone(sim: Any) -> None:
    retired = await sim.binance.post("/api/v3/userDataStream")
    refused(retired, -1016, "This service is no longer available.", 410)
    assert (await sim.binance.get("/api/v3/nothing")).status_code == 404


@pytest.mark.parametrize(("status", "code"), [(429, -1003), (418, -1003), (451, 0), (503, -1001)])
async def test_injected_statuses_look_like_the_venues(sim: Any, status: int, code: int) -> None:
    client = await sim.client()
    sim_faults = {"kind": "status", "value": status}
    await sim.admin.post("/admin/faults", json=sim_faults, headers=sim.operator)
    answer = await client.order(**ORDER, price="80000")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert ("Retry-After" in answer.headers) is (status in {418, 429})
    assert (await client.signed("GET", "/api/v3/openOrders")).json() == []


async def test_a_5xx_after_accept_hides_an_order_that_exists(sim: Any) -> None:
    client = await sim.client()
    fault = {"kind": "status", "value": 500, "after_accept": True}
    await sim.admin.post("/admin/faults", json=fault, headers=sim.operator)
    answer = await client.order(**ORDER, price="80000", newClientOrderId="mine")
    assert answer.status_code == 500
    (found,) = (await client.signed("GET", "/api/v3/openOrders")).json()
    assert found["clientOrderId"] == "mine"


async def test_a_lagging_lookup_finds_the_order_later(sim: Any) -> None:
    client = await sim.client()
    fault = {"kind": "lookup_lag", "value": 5000, "times": None}
    await sim.admin.post("/admin/faults", json=fault, headers=sim.operator)
    placed = (await client.order(**ORDER, price="80000")).json()
    query = {"symbol": "BTCUSDT", "orderId": placed["orderId"]}
    refused(await client.signed("GET", "/api/v3/order", **query), -2013, "Order does not exist.")
    sim.wall.now_ms += 5000
    assert (await client.signed("GET", "/api/v3/order", **query)).status_code == 200


async def test_a_broken_disk_leaves_the_outcome_unknown(
    sim: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await sim.client()

    def broken(file: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.fdatasync", broken)
    answer = await client.order(side="BUY", type="MARKET", quoteOrderQty="50")
    assert (answer.status_code, answer.json()["code"]) == (500, -1006)
    ready = await sim.admin.get("/readyz")
    assert ready.status_code == 503
