"""Orders through the HTTP face, on the simulated venue."""

from decimal import Decimal
from typing import Any

import pytest

from ct_kit.errors import InvalidRequest


async def test_market_order_returns_filled_with_its_fills_in_the_ledger(bridge: Any) -> None:
    account = await bridge.open_account()

    order = await bridge.post("/v1/orders", bridge.order(account, quantity="0.01"))

    assert order["state"] == "filled"
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


async def test_off_step_quantity_is_refused_locally_with_a_remedy(bridge: Any) -> None:
    account = await bridge.open_account()
    with pytest.raises(InvalidRequest) as refused:
        await bridge.post("/v1/orders", bridge.order(account, quantity="0.010001"))
    assert refused.value.code == "quantity_step"
    assert refused.value.fields[0].field == "body.quantity"
    assert "0.01000" in refused.value.fields[0].remedy
    assert (await bridge.get("/v1/orders"))["items"] == []
