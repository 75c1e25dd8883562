"""Orders at their edges, through the gateway as a user's program sends them."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from ct_kit.domain import client_order_id
from ct_local.testing import Platform

pytestmark = pytest.mark.platform

TWENTY = 20


@pytest.fixture(scope="module")
def simulator(platform: Platform, simulator_of: Callable[[Platform], Any]) -> Iterator[Any]:
    venue = simulator_of(platform)
    yield venue
    venue.clear_faults()


@pytest.fixture(scope="module")
def user(platform: Platform, new_user: Callable[[Platform], Any]) -> Any:
    return new_user(platform)


@pytest.fixture(scope="module")
def account(user: Any) -> dict[str, Any]:
    """An account that tests share: each one opened costs the bridge weight at the venue."""
    opened: dict[str, Any] = user.open_account(USDT="10000", BTC="0.1")
    return opened


@pytest.fixture
def fresh(user: Any) -> dict[str, Any]:
    """An account without orders, for what counts them."""
    opened: dict[str, Any] = user.open_account(USDT="10000", BTC="0.1")
    return opened


def buy(account: dict[str, Any], quantity: str = "0.001", **fields: Any) -> dict[str, Any]:
    return {
        "account_id": account["id"],
        "symbol": "BTC-USDT",
        "side": "buy",
        "type": "market",
        "quantity": quantity,
        **fields,
    }


def resting(user: Any, account: dict[str, Any], quantity: str = "0.001") -> dict[str, Any]:
    """Return a limit buy a tenth below the market, where it rests."""
    price = (user.price() * Decimal("0.9")).quantize(Decimal("0.01"))
    return buy(account, quantity, type="limit", price=str(price), time_in_force="GTC")


def new_key() -> str:
    return secrets.token_hex(8)


# --- one intent, one order -------------------------------------------------------------------


def test_the_same_key_twenty_times_at_once_is_one_order(
    user: Any, simulator: Any, fresh: dict[str, Any], books: Callable[..., Any]
) -> None:
    key, body = new_key(), buy(fresh)

    def place(_: int) -> Any:
        return user.post("/orders", body, key=key)

    with ThreadPoolExecutor(TWENTY) as pool:
        answers = list(pool.map(place, range(TWENTY)))

    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["state"] == "filled"
    agreed = books(user, simulator, fresh)
    assert [order["id"] for order in agreed.orders] == [answers[0]["id"]]


def test_the_same_key_later_gives_the_order_as_it_stands_by_then(
    user: Any, simulator: Any, fresh: dict[str, Any], books: Callable[..., Any]
) -> None:
    key, body = new_key(), resting(user, fresh)
    first = user.post("/orders", body, key=key)
    user.delete(f"/orders/{first['id']}")

    again = user.post("/orders", body, key=key)

    assert (again["id"], again["state"]) == (first["id"], "canceled")
    assert len(books(user, simulator, fresh).orders) == 1


def test_the_same_key_with_another_body_is_refused(user: Any, account: dict[str, Any]) -> None:
    key = new_key()
    user.post("/orders", buy(account), key=key)
    before = len(user.all_of("/orders", account_id=account["id"]))

    problem = user.refusal("POST", "/orders", buy(account, "0.002"), key=key, status=422)

    assert problem["code"] == "idempotency_key_reused"
    assert len(user.all_of("/orders", account_id=account["id"])) == before


def test_the_same_amount_written_otherwise_is_the_same_body(
    user: Any, account: dict[str, Any]
) -> None:
    key = new_key()
    first = user.post("/orders", buy(account, "0.001"), key=key)
    assert user.post("/orders", buy(account, "0.00100"), key=key)["id"] == first["id"]


def test_two_users_may_use_the_same_key(
    platform: Platform, user: Any, account: dict[str, Any], new_user: Callable[[Platform], Any]
) -> None:
    other = new_user(platform)
    key = new_key()
    mine = user.post("/orders", buy(account), key=key)
    theirs = other.post("/orders", buy(other.open_account(USDT="1000")), key=key)
    assert mine["id"] != theirs["id"]


# --- answers that never come -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("drop_answer_after_accept", {}),
        ("truncated_body", {}),
        ("status", {"value": 503, "after_accept": True}),
    ],
)
def test_an_order_whose_answer_is_lost_is_found_not_sent_again(
    user: Any,
    simulator: Any,
    fresh: dict[str, Any],
    books: Callable[..., Any],
    kind: str,
    more: dict[str, Any],
) -> None:
    simulator.fault(kind, "POST", "/api/v3/order", **more)

    taken = user.post("/orders", buy(fresh), key=new_key())
    found = user.in_state(taken["id"], "filled")

    assert "unknown" in [change["state"] for change in found["history"]]
    agreed = books(user, simulator, fresh)
    assert len(agreed.orders) == 1
    assert agreed.balances["USDT"] < Decimal(10_000)


def test_while_an_answer_is_lost_the_same_key_waits_and_sends_nothing(
    user: Any, simulator: Any, fresh: dict[str, Any], books: Callable[..., Any]
) -> None:
    key, body = new_key(), resting(user, fresh)
    simulator.fault("drop_answer_after_accept", "POST", "/api/v3/order")

    first = user.post("/orders", body, key=key)
    again = user.post("/orders", body, key=key)

    assert first["id"] == again["id"]
    user.in_state(first["id"], "open")
    assert len(books(user, simulator, fresh).orders) == 1


def test_an_order_the_venue_never_took_is_proved_absent_in_the_end(
    user: Any, simulator: Any, fresh: dict[str, Any], books: Callable[..., Any]
) -> None:
    simulator.fault("status", "POST", "/api/v3/order", value=503)

    taken = user.post("/orders", buy(fresh), key=new_key())
    assert taken["state"] == "unknown"
    gone = user.in_state(taken["id"], "not_placed", timeout_s=60)

    assert gone["reason"]
    agreed = books(user, simulator, fresh)
    assert agreed.fills == []
    assert agreed.balances == {"USDT": Decimal(10_000), "BTC": Decimal("0.1")}


def test_an_order_told_twice_by_the_stream_is_booked_once(
    user: Any, simulator: Any, fresh: dict[str, Any], books: Callable[..., Any]
) -> None:
    simulator.fault("duplicate_events", "WS", None, times=20)

    placed = [user.post("/orders", buy(fresh), key=new_key()) for _ in range(3)]

    for order in placed:
        user.in_state(order["id"], "filled")
    simulator.clear_faults()
    assert len(books(user, simulator, fresh).fills) >= len(placed)


# --- owners ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/orders/{order}"),
        ("DELETE", "/orders/{order}"),
        ("GET", "/accounts/{account}"),
    ],
)
def test_somebody_elses_document_answers_as_one_that_is_not_there(
    platform: Platform,
    user: Any,
    account: dict[str, Any],
    new_user: Callable[[Platform], Any],
    method: str,
    path: str,
) -> None:
    stranger = new_user(platform)
    order = user.post("/orders", resting(user, account), key=new_key())
    theirs = path.format(order=order["id"], account=account["id"])
    nowhere = path.format(order="ord_" + "0" * 25, account="acc_" + "0" * 25)

    foreign = stranger.refusal(method, theirs, status=404)
    missing = stranger.refusal(method, nowhere, status=404)

    assert _but_its_request(foreign) == _but_its_request(missing)
    assert user.order(order["id"])["state"] == "open"


def test_somebody_elses_account_cannot_be_traded_on(
    platform: Platform, account: dict[str, Any], new_user: Callable[[Platform], Any]
) -> None:
    stranger = new_user(platform)
    missing = {"id": "acc_" + "0" * 25}

    foreign = stranger.refusal("POST", "/orders", buy(account), key=new_key(), status=404)
    absent = stranger.refusal("POST", "/orders", buy(missing), key=new_key(), status=404)

    assert _but_its_request(foreign) == _but_its_request(absent)


def test_lists_hold_the_callers_own_alone(
    platform: Platform, user: Any, account: dict[str, Any], new_user: Callable[[Platform], Any]
) -> None:
    user.post("/orders", buy(account), key=new_key())
    stranger = new_user(platform)
    for path in ("/orders", "/fills"):
        assert stranger.all_of(path) == []
        assert stranger.all_of(path, account_id=account["id"]) == []
        assert len(user.all_of(path)) >= 1


def _but_its_request(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request_id"}


# --- the kill switch -------------------------------------------------------------------------


def test_a_halt_takes_open_orders_back_and_lets_none_through(
    platform: Platform,
    new_user: Callable[[Platform], Any],
    simulator: Any,
    books: Callable[..., Any],
) -> None:
    user = new_user(platform)
    account = user.open_account(USDT="10000")
    open_ones = [user.post("/orders", resting(user, account), key=new_key()) for _ in range(3)]

    state = user.post("/risk/halt", {"scope": "user", "reason": "lunch"})

    assert state["halted"]
    assert state["canceled_orders"] == len(open_ones)
    for order in open_ones:
        user.in_state(order["id"], "canceled")
    problem = user.refusal("POST", "/orders", buy(account), key=new_key(), status=422)
    assert problem["code"] == "halted"
    assert "lunch" in problem["errors"][0]["message"]
    assert "Resume" in problem["errors"][0]["remedy"]
    assert len(books(user, simulator, account).orders) == len(open_ones)

    user.post("/risk/resume", {"scope": "user"})
    user.in_state(user.post("/orders", buy(account), key=new_key())["id"], "filled")


def test_a_halt_of_one_user_is_nobody_elses(
    platform: Platform, user: Any, account: dict[str, Any], new_user: Callable[[Platform], Any]
) -> None:
    new_user(platform).post("/risk/halt", {"scope": "user", "reason": "lunch"})
    order = user.post("/orders", buy(account), key=new_key())
    user.in_state(order["id"], "filled")


# --- what the venue and the limits refuse ----------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "code", "field", "remedy"),
    [
        ({"quantity": "0.2"}, "insufficient_balance", "body.quantity", "Order less."),
        ({"side": "sell", "quantity": "0.2"}, "insufficient_balance", "body.quantity", "less"),
        ({"quantity": "0.00001"}, "min_notional", "body.quantity", "Order more"),
        ({"quantity": "0.001001"}, "quantity_step", "body.quantity", "Try 0.00100"),
        (
            {"type": "limit", "price": "50000.001", "time_in_force": "GTC"},
            "price_tick",
            "body.price",
            "Try 50000.00",
        ),
        (
            {"type": "limit", "price": "900000", "time_in_force": "GTC"},
            "price_collar",
            "body.price",
            "Move the price",
        ),
    ],
    ids=["buy_too_much", "sell_too_much", "too_small", "off_step", "off_tick", "far_price"],
)
def test_a_refusal_names_field_and_remedy_and_leaves_no_order(
    user: Any,
    account: dict[str, Any],
    fields: dict[str, Any],
    code: str,
    field: str,
    remedy: str,
) -> None:
    body = {**buy(account), **fields}
    before = len(user.all_of("/orders", account_id=account["id"]))

    problem = user.refusal("POST", "/orders", body, key=new_key(), status=422)

    error = next(error for error in problem["errors"] if error["field"] == field)
    assert error["message"]
    assert remedy in error["remedy"]
    checks = user.post("/orders/preview", body)["checks"]
    assert code in [check["code"] for check in checks if not check["passed"]]
    assert len(user.all_of("/orders", account_id=account["id"])) == before


def test_what_rests_is_not_free_for_another_order(user: Any, fresh: dict[str, Any]) -> None:
    price = user.price()
    most = (Decimal(9_000) / price / Decimal("0.9")).quantize(Decimal("0.00001"))
    user.post("/orders", resting(user, fresh, str(most)), key=new_key())

    wanted = str((Decimal(2_000) / price).quantize(Decimal("0.00001")))
    problem = user.refusal("POST", "/orders", buy(fresh, wanted), key=new_key(), status=422)

    assert problem["code"] == "insufficient_balance"


def test_an_order_carries_the_client_order_id_that_its_key_derives(
    user: Any, account: dict[str, Any]
) -> None:
    key = new_key()
    order = user.post("/orders", buy(account), key=key)
    assert order["client_order_id"] == client_order_id(account["id"], key, 1)
