"""Accounts, portfolio, keys."""

import asyncio
import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ct_exchange_bridge.app import accounts
from ct_kit.errors import Conflict, Forbidden, InvalidRequest, NotFound
from ct_kit.http import ServiceClient
from ct_kit.testing import Identities, eventually


async def test_a_paper_account_is_an_account_on_the_simulator(bridge: Any) -> None:
    account = await bridge.open_account(USDT="10000", BTC="0.5")
    assert (account["mode"], account["venue"], account["market"]) == (
        "paper",
        "binance",
        "simulated",
    )
    held = {item["asset"]: Decimal(item["total"]) for item in account["balances"]}
    assert held == {"USDT": Decimal(10_000), "BTC": Decimal("0.5")}
    assert Decimal(account["equity"]) > 10_000
    listed = (await bridge.get("/v1/accounts"))["items"]
    assert [item["id"] for item in listed] == [account["id"]]


async def test_opening_is_idempotent(bridge: Any) -> None:
    body = {"label": "twice", "balances": {"USDT": "100"}}
    one, two = await asyncio.gather(
        *(bridge.post("/v1/accounts/paper", body, key="open-once") for _ in range(2))
    )
    assert one["id"] == two["id"]
    with pytest.raises(InvalidRequest) as refused:
        await bridge.post(
            "/v1/accounts/paper", {**body, "balances": {"USDT": "101"}}, key="open-once"
        )
    assert refused.value.code == "idempotency_key_reused"


async def test_an_asset_nobody_trades_is_refused_with_the_choices(bridge: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await bridge.post("/v1/accounts/paper", {"label": "x", "balances": {"NOPE": "1"}})
    assert refused.value.code == "unknown_asset"
    assert "BTC" in refused.value.fields[0].remedy


async def test_nobody_opens_more_accounts_than_can_be_watched(
    own_bridge: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "PER_OWNER", 1)
    body = {"label": "first", "balances": {"USDT": "100"}}
    first = await own_bridge.post("/v1/accounts/paper", body, key="first")
    with pytest.raises(Conflict) as refused:
        await own_bridge.post("/v1/accounts/paper", {**body, "label": "second"})
    assert refused.value.code == "too_many_accounts"
    assert (await own_bridge.post("/v1/accounts/paper", body, key="first"))["id"] == first["id"]


async def test_live_accounts_cannot_be_opened(bridge: Any) -> None:
    with pytest.raises(Forbidden) as refused:
        await bridge.post("/v1/accounts/live", {})
    assert refused.value.code == "live_disabled"


async def test_somebody_elses_account_looks_like_none(bridge: Any) -> None:
    account = await bridge.open_account()
    for account_id in (account["id"], "acc_00000000000000000000000000"):
        with pytest.raises(NotFound) as missing:
            await bridge.gateway.request("GET", f"/v1/accounts/{account_id}", subject="usr_other")
        assert missing.value.code == "unknown_account"


async def test_the_portfolio_is_the_ledger_valued(bridge: Any) -> None:
    account = await bridge.open_account(USDT="100000")
    await bridge.post("/v1/orders", bridge.order(account, quantity="0.5"))
    await bridge.post("/v1/orders", bridge.order(account, quantity="0.2", side="sell"))

    async def consistent() -> Any:
        found = await bridge.get("/v1/portfolio")
        gained = Decimal(found["realised"]) + Decimal(found["unrealised"])
        assert abs(Decimal(found["equity"]) - Decimal(found["deposited"]) - gained) < Decimal(
            "0.01"
        )
        return found

    portfolio = await eventually(consistent)
    assert Decimal(portfolio["deposited"]) == 100_000
    assert Decimal(portfolio["fees"]) > 0
    assert Decimal(portfolio["buy_and_hold"]) > 0
    assert {item["asset"] for item in portfolio["holdings"]} == {"BTC", "USDT"}
    year = datetime.now(UTC).year
    answer = await bridge.gateway.send(
        "GET", "/v1/portfolio/report.csv", subject=bridge.user, params={"year": year}
    )
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["side"] for row in rows} == {"buy", "sell"}
    fills = (await bridge.get("/v1/fills"))["items"]
    assert len(rows) == len(fills)


async def test_equity_is_written_down_over_time(bridge: Any) -> None:
    await bridge.open_account()

    async def points() -> bool:
        return len((await bridge.get("/v1/portfolio/history"))["items"]) >= 1

    await eventually(points)


@pytest.fixture
async def vault(bridge: Any, identities: Identities) -> Any:
    async with ServiceClient(
        bridge.neighbours.vault_url, "keyvault", identities.of("gateway")
    ) as client:
        yield client


@pytest.mark.parametrize(
    ("rights", "state"),
    [({}, "verified"), ({"withdrawals": True}, "refused"), ({"spot_trading": False}, "refused")],
)
async def test_a_key_is_verified_by_what_the_venue_says(
    bridge: Any, vault: ServiceClient, rights: dict[str, bool], state: str
) -> None:
    opened = await bridge.simulator.request(
        "POST", "/admin/accounts", json={"label": "live-like", "balances": {"USDT": "1"}}
    )
    path = f"/admin/accounts/{opened['account_id']}/keys"
    key = await bridge.simulator.request("POST", path, json={"kind": "hmac"})
    if rights:
        await bridge.simulator.request("PATCH", f"{path}/{key['api_key']}", json=rights)
    sealed = await vault.request(
        "POST",
        "/v1/keys",
        subject=bridge.user,
        json={
            "venue": "binance",
            "label": "mine",
            "api_key": key["api_key"],
            "api_secret": key["api_secret"],
        },
    )

    verified = await bridge.post(f"/v1/keys/{sealed['id']}/verify", {})

    assert verified["state"] == state
    assert verified["permissions"]["can_withdraw"] is bool(rights.get("withdrawals"))
    assert (verified["state_reason"] is None) is (state == "verified")


async def test_somebody_elses_key_cannot_be_verified(bridge: Any) -> None:
    with pytest.raises(NotFound):
        await bridge.post("/v1/keys/key_00000000000000000000000000/verify", {})
