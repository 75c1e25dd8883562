"""The database goes away in the middle of an order: nothing is stuck, nothing is sent twice."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest

from ct_exchange_bridge.adapters.mongo_orders import MongoOrders
from ct_exchange_bridge.domain import resolution
from ct_exchange_bridge.domain.order import Order
from ct_kit.domain import OrderStatus
from ct_kit.errors import CtError, Unavailable
from ct_kit.testing import eventually

Outage = Callable[[OrderStatus, bool], None]


@pytest.fixture
def outage(monkeypatch: pytest.MonkeyPatch) -> Outage:
    """Fail the one next write of an order that goes into a state, before or after it is stored."""
    insert, replace = MongoOrders.insert, MongoOrders.replace
    down = Unavailable("database_unavailable", "The database does not answer.")
    due: list[tuple[OrderStatus, bool]] = []

    def failing(write: Callable[..., Any]) -> Callable[..., Any]:
        async def attempt(store: MongoOrders, order: Order) -> Any:
            stored_first = next((stored for state, stored in due if state is order.state), None)
            if stored_first is None:
                return await write(store, order)
            due.clear()
            if stored_first:
                await write(store, order)
            raise down

        return attempt

    monkeypatch.setattr(MongoOrders, "insert", failing(insert))
    monkeypatch.setattr(MongoOrders, "replace", failing(replace))

    def plan(state: OrderStatus, stored: bool) -> None:
        due.append((state, stored))

    return plan


@pytest.fixture(scope="module")
def neighbours(
    start_neighbours: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """A venue of these tests' own: each opens a bridge, and one address has one weight budget."""
    with ExitStack() as stack:
        yield start_neighbours(stack, tmp_path_factory.mktemp("outages"), {})


@pytest.fixture(autouse=True)
def _short_proofs(monkeypatch: pytest.MonkeyPatch) -> None:
    # The real fence is 20 s; what is tested here is that it is reached.
    monkeypatch.setattr(resolution, "FENCE_MARGIN_MS", -4_500)
    monkeypatch.setattr(resolution, "MIN_SPACING_MS", 100)


async def only_order(bridge: Any, account: dict[str, Any], *states: str) -> Any:
    """Wait until the account's one order is in one of these states."""

    async def reached() -> Any:
        (order,) = (await bridge.get("/v1/orders", account_id=account["id"]))["items"]
        assert order["state"] in states, order
        return order

    return await eventually(reached, timeout_s=10)


async def test_an_intent_stored_but_not_confirmed_is_refused_as_stale(
    own_bridge: Any, outage: Outage
) -> None:
    account = await own_bridge.open_account()
    outage(OrderStatus.CLAIMED, True)
    with pytest.raises(CtError):
        await own_bridge.post("/v1/orders", own_bridge.order(account, quantity="0.01"), key="one")

    order = await only_order(own_bridge, account, "refused")

    assert "stale_intent" in order["reason"]
    assert await own_bridge.accepted(order["client_order_id"]) == 0


async def test_an_intent_that_was_never_stored_is_forgotten_and_its_key_free(
    own_bridge: Any, outage: Outage
) -> None:
    account = await own_bridge.open_account(USDT="1000")
    body = own_bridge.order(account, quote_quantity="900")
    outage(OrderStatus.CLAIMED, False)
    with pytest.raises(CtError):
        await own_bridge.post("/v1/orders", body, key="one")

    async def nothing_is_reserved() -> bool:
        preview = await own_bridge.post("/v1/orders/preview", body)
        return bool(preview["acceptable"])

    await eventually(nothing_is_reserved)
    again = await own_bridge.post("/v1/orders", body, key="one")
    assert again["state"] == "filled"
    assert await own_bridge.accepted(again["client_order_id"]) == 1


@pytest.mark.parametrize("stored", [True, False], ids=["stored", "not_stored"])
async def test_an_order_is_not_sent_while_sending_is_not_known_to_be_durable(
    own_bridge: Any, outage: Outage, stored: bool
) -> None:
    account = await own_bridge.open_account()
    outage(OrderStatus.SENDING, stored)
    with pytest.raises(CtError):
        await own_bridge.post("/v1/orders", own_bridge.order(account, quantity="0.01"), key="one")

    order = await only_order(own_bridge, account, "refused", "not_placed")

    assert await own_bridge.accepted(order["client_order_id"]) == 0


async def test_what_the_venue_did_is_booked_although_its_answer_could_not_be(
    own_bridge: Any, outage: Outage
) -> None:
    account = await own_bridge.open_account()
    outage(OrderStatus.FILLED, False)
    with pytest.raises(CtError):
        await own_bridge.post("/v1/orders", own_bridge.order(account, quantity="0.01"), key="one")

    order = await only_order(own_bridge, account, "filled")

    assert Decimal(order["executed_quantity"]) == Decimal("0.01")
    again = await own_bridge.post(
        "/v1/orders", own_bridge.order(account, quantity="0.01"), key="one"
    )
    assert again["id"] == order["id"]
    assert await own_bridge.accepted(order["client_order_id"]) == 1
