"""The admin port."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ACCOUNT = {"label": "paper", "balances": {"USDT": "10000"}}


def pem_of(private: Any) -> str:
    public = private.public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


async def test_calls_without_a_service_token_are_refused(
    in_process: Callable[..., Any], identities: Any
) -> None:
    admin = in_process().admin
    assert (await admin.get("/admin/accounts")).status_code == 401
    foreign = identities.headers("gateway", "simulator")
    assert (await admin.get("/admin/accounts", headers=foreign)).status_code == 403
    bridge = identities.headers("exchange-bridge", "simulator")
    assert (await admin.get("/admin/accounts", headers=bridge)).status_code == 200
    assert (await admin.get("/readyz")).status_code == 200


async def test_an_account_with_a_public_key_gets_an_api_key(in_process: Any) -> None:
    sim = in_process()
    body = {**ACCOUNT, "public_key_pem": pem_of(Ed25519PrivateKey.generate())}
    answer = await sim.admin.post("/admin/accounts", json=body, headers=sim.operator)
    assert answer.status_code == 201
    assert set(answer.json()) == {"account_id", "api_key"}
    assert len(answer.json()["api_key"]) == 64
    (listed,) = (await sim.admin.get("/admin/accounts", headers=sim.operator)).json()["items"]
    assert listed["balances"] == {"USDT": {"free": "10000", "locked": "0"}}
    assert listed["keys"][0]["permissions"]["withdrawals"] is False


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"balances": {"USDT": "-1"}}, "balances.USDT"),
        ({"balances": {"USDT": 1.5}}, "balances.USDT"),
        ({"balances": {"USDT": "0.000000001"}}, "balances.USDT"),
        ({"balances": {"USDT": "10000000000000000"}}, "balances.USDT"),
        ({"label": ""}, "label"),
        ({"public_key_pem": "nonsense"}, "public_key_pem"),
        ({"public_key_pem": pem_of(X25519PrivateKey.generate())}, "public_key_pem"),
        ({"gift": True}, "gift"),
    ],
)
async def test_wrong_accounts_are_refused_by_field(
    in_process: Any, change: dict[str, Any], field: str
) -> None:
    sim = in_process()
    answer = await sim.admin.post(
        "/admin/accounts", json={**ACCOUNT, **change}, headers=sim.operator
    )
    assert answer.status_code == 422
    assert f"body.{field}" in {error["field"] for error in answer.json()["errors"]}
    assert sim.simulator.exchange.ledger.accounts == {}


async def test_the_same_idempotency_key_opens_one_account(in_process: Any) -> None:
    sim = in_process()
    headers = {**sim.operator, "Idempotency-Key": "once-and-no-more"}
    body = {**ACCOUNT, "public_key_pem": pem_of(Ed25519PrivateKey.generate())}
    first = await sim.admin.post("/admin/accounts", json=body, headers=headers)
    second = await sim.admin.post("/admin/accounts", json=body, headers=headers)
    assert first.json() == second.json()
    other = await sim.admin.post("/admin/accounts", json={**body, "label": "else"}, headers=headers)
    assert other.json()["code"] == "idempotency_key_reused"


async def test_keys_of_both_kinds_and_their_permissions(in_process: Any) -> None:
    sim = in_process()
    client = await sim.client()
    keys = f"/admin/accounts/{client.account_id}/keys"
    pem = pem_of(Ed25519PrivateKey.generate())
    ed25519 = await sim.admin.post(
        keys, json={"kind": "ed25519", "public_key_pem": pem}, headers=sim.operator
    )
    assert ed25519.json()["api_secret"] is None
    wrong = await sim.admin.post(keys, json={"kind": "ed25519"}, headers=sim.operator)
    assert wrong.status_code == 422
    changed = await sim.admin.patch(
        f"{keys}/{client.api_key}",
        json={"withdrawals": True, "spot_trading": False},
        headers=sim.operator,
    )
    assert changed.json()["permissions"]["withdrawals"] is True
    told = await client.signed("GET", "/sapi/v1/account/apiRestrictions")
    assert told.json()["enableWithdrawals"] is True
    order = await client.order(side="BUY", type="MARKET", quoteOrderQty="50")
    assert (order.status_code, order.json()["code"]) == (401, -2015)
    unknown = await sim.admin.patch(f"{keys}/nobody", json={}, headers=sim.operator)
    assert unknown.status_code == 404


async def test_the_truth_log_tells_everything_in_order(in_process: Any) -> None:
    sim = in_process()
    client = await sim.client(USDT="1000")
    stranger = await sim.client()
    await stranger.order(side="BUY", type="MARKET", quoteOrderQty="50")
    await client.order(side="BUY", type="MARKET", quoteOrderQty="500", newClientOrderId="a1")
    answer = await sim.admin.get(
        "/admin/truth", params={"account_id": client.account_id}, headers=sim.operator
    )
    page = answer.json()
    assert [record["kind"] for record in page["items"]] == ["account", "order", "fill"]
    fill = page["items"][-1]
    assert fill["client_order_id"] == "a1"
    spent = Decimal(fill["price"]) * Decimal(fill["quantity"])
    assert Decimal(fill["balances"]["USDT"]["free"]) == 1000 - spent
    more = await sim.admin.get(
        "/admin/truth",
        params={"account_id": client.account_id, "after": page["next_after"]},
        headers=sim.operator,
    )
    assert more.json() == {"items": [], "next_after": page["next_after"]}
    assert client.secret not in answer.text


async def test_a_stepped_clock_moves_candle_by_candle(in_process: Any) -> None:
    sim = in_process(clock="stepped")
    before = (await sim.admin.get("/admin/clock", headers=sim.operator)).json()
    assert (before["mode"], before["market"]) == ("stepped", "simulated")
    answer = await sim.admin.post("/admin/clock/step", json={"candles": 3}, headers=sim.operator)
    assert answer.json()["now_ms"] == before["now_ms"] + 180_000
    speed = await sim.admin.post("/admin/clock/speed", json={"speed": 2}, headers=sim.operator)
    assert (speed.status_code, speed.json()["code"]) == (409, "clock_stepped")


async def test_a_running_clock_changes_speed_and_is_not_stepped(in_process: Any) -> None:
    sim = in_process()
    step = await sim.admin.post("/admin/clock/step", json={}, headers=sim.operator)
    assert (step.status_code, step.json()["code"]) == (409, "clock_not_stepped")
    speed = await sim.admin.post("/admin/clock/speed", json={"speed": 600}, headers=sim.operator)
    started = speed.json()["now_ms"]
    sim.wall.now_ms += 1000
    now = (await sim.admin.get("/admin/clock", headers=sim.operator)).json()["now_ms"]
    assert now - started == 600_000


async def test_faults_are_listed_and_cleared(in_process: Any) -> None:
    sim = in_process()
    fault = {"kind": "status", "match": {"method": "POST", "path": "/api/v3/order"}, "value": 503}
    added = await sim.admin.post("/admin/faults", json=fault, headers=sim.operator)
    assert added.status_code == 201
    listed = await sim.admin.get("/admin/faults", headers=sim.operator)
    assert listed.json()["items"][0]["match"]["path"] == "/api/v3/order"
    assert (await sim.admin.delete("/admin/faults", headers=sim.operator)).status_code == 204
    assert (await sim.admin.get("/admin/faults", headers=sim.operator)).json() == {"items": []}
    wrong = await sim.admin.post("/admin/faults", json={"kind": "status"}, headers=sim.operator)
    assert wrong.status_code == 422
