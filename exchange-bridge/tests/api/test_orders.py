"""Orders through the HTTP face, on the simulated venue."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from ct_kit.errors import Conflict, CtError, InvalidRequest, NotFound, UpstreamFailed
from ct_kit.testing import eventually


async def test_market_order_returns_filled_with_its_fills_in_the_ledger(bridge: Any) -> None:
    account = await bridge.open_account()

    order = await bridge.post("/v1/orders", bridge.order(account, quantity="0.01"))

    assert order["state"] == "filled"
    assert order["mode"] == "paper"
    assert Decimal(order["executed_quantity"]) == Decimal("0.01")
    assert Decimal(order["average_price"]) > 0
    assert [change["state"] for change in order["history"]] == [
        "intent",
        "claimed",
        "sending",
        "filled",
    ]
    fills = (await bridge.get("/v1/fills", account_id=account["id"]))["items"]
    assert sum(Decimal(fill["quantity"]) for fill in fills) == Decimal("0.01")
    assert {fill["order_id"] for fill in fills} == {order["id"]}


async def test_a_second_order_sees_the_first_ones_fill_in_its_balance(bridge: Any) -> None:
    account = await bridge.open_account(USDT="1000")
    bought = await bridge.post("/v1/orders", bridge.order(account, quote_quantity="900"))
    with pytest.raises(InvalidRequest) as refused:
        await bridge.post("/v1/orders", bridge.order(account, quote_quantity="900"))
    assert refused.value.code == "insufficient_balance"
    assert bought["state"] == "filled"


async def test_off_step_quantity_is_refused_locally_with_a_remedy(bridge: Any) -> None:
    account = await bridge.open_account()
    with pytest.raises(InvalidRequest) as refused:
        await bridge.post("/v1/orders", bridge.order(account, quantity="0.010001"))
    assert refused.value.code == "quantity_step"
    assert refused.value.fields[0].field == "body.quantity"
    assert "0.01000" in refused.value.fields[0].remedy
    assert (await bridge.get("/v1/orders"))["items"] == []


async def test_limit_order_rests_and_is_canceled(bridge: Any) -> None:
    account = await bridge.open_account()
    ticker = (await bridge.get("/v1/markets/BTC-USDT"))["ticker"]
    price = (Decimal(ticker["last"]) * Decimal("0.95")).quantize(Decimal("0.01"))
    body = bridge.order(account, type="limit", quantity="0.01", price=str(price))

    resting = await bridge.post("/v1/orders", body)
    assert resting["state"] == "open"
    working = (await bridge.get("/v1/orders", working="true"))["items"]
    assert [item["id"] for item in working] == [resting["id"]]

    path = f"/v1/orders/{resting['id']}"
    canceled = await bridge.gateway.request("DELETE", path, subject=bridge.user)
    assert canceled["state"] == "canceled"
    with pytest.raises(Conflict) as closed:
        await bridge.gateway.request("DELETE", path, subject=bridge.user)
    assert closed.value.code == "order_closed"


async def test_the_same_key_a_hundred_times_at_once_is_one_order(bridge: Any) -> None:
    account = await bridge.open_account()
    body = bridge.order(account, quantity="0.01")

    answers = await asyncio.gather(
        *(bridge.post("/v1/orders", body, key="same-key") for _ in range(100))
    )

    assert all(answer == answers[0] for answer in answers)
    assert await bridge.post("/v1/orders", body, key="same-key") == answers[0]
    assert await bridge.accepted(answers[0]["client_order_id"]) == 1


async def test_the_same_key_with_another_body_is_refused(bridge: Any) -> None:
    account = await bridge.open_account()
    await bridge.post("/v1/orders", bridge.order(account, quantity="0.01"), key="reused-key")
    with pytest.raises(InvalidRequest) as refused:
        await bridge.post("/v1/orders", bridge.order(account, quantity="0.02"), key="reused-key")
    assert refused.value.code == "idempotency_key_reused"


async def test_a_bot_must_name_its_intent(bridge: Any) -> None:
    account = await bridge.open_account()
    with pytest.raises(InvalidRequest) as refused:
        await bridge.bots.request(
            "POST",
            "/v1/orders",
            subject=bridge.user,
            json=bridge.order(account, quantity="0.01", bot_id="bot_a"),
        )
    assert refused.value.code == "idempotency_key_missing"


async def test_nobody_but_a_bot_places_the_order_of_a_bot(bridge: Any) -> None:
    account = await bridge.open_account()
    with pytest.raises(InvalidRequest) as refused:
        await bridge.post("/v1/orders", bridge.order(account, quantity="0.01", bot_id="bot_a"))
    assert [fault.field for fault in refused.value.fields] == ["body.bot_id"]
    assert (await bridge.get("/v1/orders"))["items"] == []


async def test_the_ai_engine_places_no_order(bridge: Any) -> None:
    account = await bridge.open_account()
    order = bridge.order(account, quantity="0.01")
    for method, path, body in (("POST", "/v1/orders", order), ("GET", "/v1/accounts", None)):
        with pytest.raises(UpstreamFailed, match="403 caller_forbidden"):
            await bridge.engine.request(method, path, subject=bridge.user, json=body)


async def test_somebody_elses_order_looks_like_none(bridge: Any) -> None:
    account = await bridge.open_account()
    order = await bridge.post("/v1/orders", bridge.order(account, quantity="0.01"))
    told = []
    for path in (f"/v1/orders/{order['id']}", "/v1/orders/ord_00000000000000000000000000"):
        for method in ("GET", "DELETE"):
            with pytest.raises(NotFound) as missing:
                await bridge.gateway.request(method, path, subject="usr_other")
            told.append((missing.value.code, missing.value.detail))
    assert len(set(told)) == 1
    for path in ("/v1/orders", "/v1/fills"):
        assert (await bridge.gateway.request("GET", path, subject="usr_other"))["items"] == []
    with pytest.raises(NotFound) as missing:
        await bridge.gateway.request(
            "POST",
            "/v1/orders",
            subject="usr_other",
            json=bridge.order(account, quantity="0.01"),
        )
    assert missing.value.code == "unknown_account"


async def test_pages_go_on_where_the_last_one_ended(bridge: Any) -> None:
    account = await bridge.open_account()
    placed = [
        (await bridge.post("/v1/orders", bridge.order(account, quantity="0.001")))["id"]
        for _ in range(5)
    ]
    first = await bridge.get("/v1/orders", limit=3)
    second = await bridge.get("/v1/orders", limit=3, cursor=first["next_cursor"])
    listed = [item["id"] for item in (*first["items"], *second["items"])]
    assert listed == placed[::-1]
    assert second["next_cursor"] is None
    with pytest.raises(InvalidRequest) as refused:
        await bridge.get("/v1/orders", cursor="nonsense")
    assert refused.value.code == "cursor_invalid"


async def test_preview_says_fee_worst_case_and_every_check(bridge: Any) -> None:
    account = await bridge.open_account(USDT="100")
    preview = await bridge.post("/v1/orders/preview", bridge.order(account, quantity="0.01"))
    failed = [check["code"] for check in preview["checks"] if not check["passed"]]
    assert failed == ["insufficient_balance"]
    assert preview["acceptable"] is False
    assert preview["fee_asset"] == "BTC"
    assert Decimal(preview["worst_case_quote"]) >= Decimal(preview["notional"])
    assert Decimal(preview["price_impact"]) > 0
    assert preview["market"] == "simulated"


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": 1},
        {"quantity": "1e-3"},
        {"quantity": "-1"},
        {"quantity": None},
        {"side": "hold"},
        {"symbol": "BTCUSDT"},
        {"type": "limit"},
        {"price": "100"},
        {"surprise": True},
        {"account_id": {"$ne": None}},
    ],
)
async def test_malformed_orders_are_refused_with_the_field(
    bridge: Any, change: dict[str, Any]
) -> None:
    body = {
        "account_id": "acc_x",
        "symbol": "BTC-USDT",
        "side": "buy",
        "type": "market",
        "quantity": "0.01",
        **change,
    }
    with pytest.raises(InvalidRequest) as refused:
        await bridge.post("/v1/orders", body)
    assert refused.value.fields


async def test_a_halt_cancels_what_is_open_and_refuses_what_is_new(bridge: Any) -> None:
    account = await bridge.open_account()
    ticker = (await bridge.get("/v1/markets/BTC-USDT"))["ticker"]
    price = (Decimal(ticker["last"]) * Decimal("0.95")).quantize(Decimal("0.01"))
    body = bridge.order(account, type="limit", quantity="0.01", price=str(price))
    placed = [await bridge.post("/v1/orders", body) for _ in range(5)]

    state = await bridge.post("/v1/risk/halt", {"reason": "drill"})

    assert (state["halted"], state["canceled_orders"]) == (True, 5)
    for order in placed:
        assert (await bridge.get(f"/v1/orders/{order['id']}"))["state"] == "canceled"
    with pytest.raises(InvalidRequest) as refused:
        await bridge.post("/v1/orders", bridge.order(account, quantity="0.01"))
    assert refused.value.code == "halted"
    resumed = await bridge.post("/v1/risk/resume", {})
    assert resumed["halted"] is False
    again = await bridge.post("/v1/orders", bridge.order(account, quantity="0.01"))
    assert again["state"] == "filled"


async def test_limits_hold_at_the_last_hop(bridge: Any) -> None:
    account = await bridge.open_account()
    limits = {"max_order_notional": "100", "allowed_symbols": ["ETH-USDT"]}
    stored = await bridge.gateway.request(
        "PUT", "/v1/risk/limits", subject=bridge.user, json=limits
    )
    assert await bridge.get("/v1/risk/limits") == stored
    with pytest.raises(CtError) as refused:
        await bridge.post("/v1/orders", bridge.order(account, quantity="0.01"))
    assert refused.value.code == "symbol_not_allowed"
    assert len(refused.value.fields) == 2


async def test_an_order_placed_elsewhere_is_in_the_ledger_without_an_order(bridge: Any) -> None:
    """The user trades the same venue account with another client."""
    account = await bridge.open_account()
    venue_account = (await bridge.simulator.request("GET", "/admin/accounts"))["items"][-1]
    key = await bridge.simulator.request(
        "POST", f"/admin/accounts/{venue_account['account_id']}/keys", json={"kind": "hmac"}
    )
    from binance.spot import Spot  # noqa: PLC0415

    elsewhere = Spot(
        key["api_key"], key["api_secret"], base_url=bridge.neighbours.binance_url, timeout=5
    )
    await asyncio.to_thread(
        elsewhere.new_order, symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.002"
    )

    async def booked() -> Any:
        return (await bridge.get("/v1/fills", account_id=account["id"]))["items"]

    fills = await eventually(booked)
    assert [fill["order_id"] for fill in fills] == [None]
    elsewhere.session.close()
