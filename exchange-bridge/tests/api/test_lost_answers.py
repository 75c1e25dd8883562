"""What the venue did and what it said are two things: nothing is resent, everything is settled."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from ct_exchange_bridge.domain import resolution
from ct_kit.testing import eventually

POST = {"match": {"method": "POST", "path": "/api/v3/order"}}


async def settled(bridge: Any, order_id: str, state: str, timeout_s: float = 10) -> Any:
    async def is_settled() -> Any:
        order = await bridge.get(f"/v1/orders/{order_id}")
        assert order["state"] == state, order
        return order

    return await eventually(is_settled, timeout_s=timeout_s)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "drop_answer_after_accept", **POST},
        {"kind": "truncated_body", **POST},
        {"kind": "status", "value": 503, "after_accept": True, **POST},
        {"kind": "status", "value": 504, "after_accept": True, **POST},
    ],
    ids=["cut", "truncated", "503", "504"],
)
async def test_a_lost_answer_is_unknown_and_then_found_filled(
    bridge: Any, fault: dict[str, Any]
) -> None:
    account = await bridge.open_account()
    await bridge.fault(**fault)

    order = await bridge.post("/v1/orders", bridge.order(account, quantity="0.01"), key="lost")

    assert order["state"] in ("unknown", "filled")
    assert "unknown" in [change["state"] for change in order["history"]]
    found = await settled(bridge, order["id"], "filled")
    assert Decimal(found["executed_quantity"]) == Decimal("0.01")
    assert await bridge.accepted(order["client_order_id"]) == 1


async def test_a_503_that_placed_nothing_is_only_proven_after_the_fence(
    own_bridge: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The real fence is 20 s; a second less of waiting in a test is not what is tested here.
    monkeypatch.setattr(resolution, "FENCE_MARGIN_MS", -4_500)
    monkeypatch.setattr(resolution, "MIN_SPACING_MS", 200)
    account = await own_bridge.open_account(USDT="1000")
    await own_bridge.fault("status", value=503, **POST)

    order = await own_bridge.post(
        "/v1/orders", own_bridge.order(account, quote_quantity="900"), key="gone"
    )

    assert order["state"] == "unknown"
    # Its whole amount stays reserved while nobody knows.
    preview = await own_bridge.post(
        "/v1/orders/preview", own_bridge.order(account, quote_quantity="900")
    )
    assert not preview["acceptable"]
    await settled(own_bridge, order["id"], "not_placed")
    assert await own_bridge.accepted(order["client_order_id"]) == 0
    again = await own_bridge.post("/v1/orders", own_bridge.order(account, quote_quantity="900"))
    assert again["state"] == "filled"


async def test_an_order_the_lookup_does_not_show_yet_is_not_given_up(
    own_bridge: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolution, "FENCE_MARGIN_MS", -5_000)
    monkeypatch.setattr(resolution, "MIN_SPACING_MS", 100)
    account = await own_bridge.open_account()
    await own_bridge.fault("lookup_lag", value=60_000, times=20)
    await own_bridge.fault("drop_answer_after_accept", **POST)

    order = await own_bridge.post(
        "/v1/orders", own_bridge.order(account, quantity="0.01"), key="lagging"
    )

    await settled(own_bridge, order["id"], "filled")


async def test_a_venue_refusal_is_a_refused_order_and_429_stops_all_calls(
    own_bridge: Any,
) -> None:
    account = await own_bridge.open_account()
    await own_bridge.fault("status", value=429, **POST)
    order = await own_bridge.post("/v1/orders", own_bridge.order(account, quantity="0.01"))
    assert order["state"] == "refused"
    assert order["reason"]
    # The venue said stop: the next order does not even leave.
    kept = await own_bridge.post("/v1/orders", own_bridge.order(account, quantity="0.01"))
    assert kept["state"] == "refused"
    assert await own_bridge.accepted(kept["client_order_id"]) == 0


async def test_duplicated_events_book_every_fill_once(bridge: Any) -> None:
    account = await bridge.open_account()
    await bridge.fault("duplicate_events", match={"method": "WS"}, times=50)
    for _ in range(3):
        await bridge.post("/v1/orders", bridge.order(account, quantity="0.01"))
    fills = (await bridge.get("/v1/fills", account_id=account["id"]))["items"]
    assert sum(Decimal(fill["quantity"]) for fill in fills) == Decimal("0.03")


async def test_after_a_cut_stream_the_missed_fill_is_read_again(
    bridge: Any,
) -> None:
    account = await bridge.open_account()
    await bridge.fault("stream_cut", match={"method": "WS"}, times=10)
    order = await bridge.post("/v1/orders", bridge.order(account, quantity="0.01"))
    assert order["state"] == "filled"

    async def live_again() -> bool:
        shown = await bridge.get(f"/v1/accounts/{account['id']}")
        held = {item["asset"]: Decimal(item["total"]) for item in shown["balances"]}
        return not shown["stale"] and held.get("BTC", 0) > 0

    await eventually(live_again, timeout_s=10)
    fills = (await bridge.get("/v1/fills", account_id=account["id"]))["items"]
    assert sum(Decimal(fill["quantity"]) for fill in fills) == Decimal("0.01")


async def test_a_restart_settles_what_was_being_sent_and_refuses_what_was_not(
    neighbours: Any,
    settings_of_bridge: Callable[..., Any],
    run_bridge: Callable[..., Any],
    mongo_uri: str,
    mongo_prefix: str,
) -> None:
    from pymongo import MongoClient  # noqa: PLC0415

    async with run_bridge(settings_of_bridge(), neighbours) as first:
        account = await first.open_account()
        sent = await first.post("/v1/orders", first.order(account, quantity="0.01"), key="sent")
        unsent = await first.post("/v1/orders", first.order(account, quantity="0.01"), key="not")
    # What a kill -9 leaves: one order on the wire without an answer, one never signed.
    with MongoClient(mongo_uri) as client:
        orders = client[f"{mongo_prefix}exchange"]["orders"]
        client[f"{mongo_prefix}exchange"]["fills"].delete_many({"order_id": sent["id"]})
        for order, state in ((sent, "sending"), (unsent, "claimed")):
            orders.update_one(
                {"_id": order["id"]},
                {"$set": {"state": state, "settled": False, "venue_order_id": None}},
            )
    async with run_bridge(settings_of_bridge(), neighbours) as second:
        second.user = first.user
        found = await settled(second, sent["id"], "filled")
        assert "unknown" in [change["state"] for change in found["history"]]
        refused = await second.get(f"/v1/orders/{unsent['id']}")
        assert "stale_intent" in str(refused["history"])
