"""What the gateway's callers see: inputs checked, owners apart, conflicts explained."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

OPENAPI = Path(__file__).parents[2] / "openapi.json"
BODY = {
    "label": "Trend",
    "strategy": "ema_cross",
    "account_id": "acc_1",
    "symbol": "BTC-USDT",
    "interval": "1m",
    "budget": "1000",
    "parameters": {"fast": 5, "slow": 20},
}


async def test_strategies_carry_the_schema_their_form_is_drawn_from(world: Any) -> None:
    answer = await world.call("GET", "/v1/strategies")

    found = {item["id"]: item for item in answer.json()["items"]}
    assert {"ema_cross", "grid", "dca"} <= set(found)
    fast = found["ema_cross"]["parameters"]["properties"]["fast"]
    assert fast["minimum"] == 2
    assert fast["unit"] == "candles"


async def test_a_new_bot_does_nothing_and_shows_its_defaults(world: Any) -> None:
    answer = await world.call("POST", "/v1/bots", BODY)

    bot = answer.json()
    assert answer.status_code == 201
    assert bot["state"] == "created"
    assert bot["mode"] == "paper"
    assert bot["parameters"] == {"fast": 5, "slow": 20, "reserve_percent": 1.0}
    assert bot["position"]["base"] == "0"
    assert bot["runner"] is None
    assert (await world.bot(bot["id"])) == bot


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"parameters": {"fast": 1}}, "body.parameters.fast"),
        ({"parameters": {"fast": "many"}}, "body.parameters.fast"),
        ({"parameters": {"speed": 3}}, "body.parameters.speed"),
        ({"parameters": {"fast": 30, "slow": 20}}, "body.parameters"),
        ({"strategy": "martingale"}, "body.strategy"),
        ({"account_id": "acc_of_bob"}, "body.account_id"),
        ({"symbol": "DOGE-USDT"}, "body.symbol"),
        ({"symbol": "btcusdt"}, "body.symbol"),
        ({"interval": "2m"}, "body.interval"),
        ({"budget": "5"}, "body.budget"),
        ({"budget": "-5"}, "body.budget"),
        ({"budget": 1000}, "body.budget"),
        ({"label": "\x00"}, None),
        ({"colour": "red"}, "body.colour"),
    ],
)
async def test_a_wrong_field_is_named_with_a_remedy(
    world: Any, change: dict[str, Any], field: str | None
) -> None:
    answer = await world.call("POST", "/v1/bots", {**BODY, **change})

    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    errors = answer.json()["errors"]
    if field is not None:
        assert [error["field"] for error in errors] == [field]
    assert all(error["remedy"] for error in errors)
    assert (await world.call("GET", "/v1/bots")).json()["items"] == []


async def test_a_budget_above_the_balance_is_told_not_refused(world: Any) -> None:
    world.exchange.balance = Decimal(50)

    bot_id = await world.make_bot()

    assert await world.codes(bot_id) == ["created", "budget_above_balance"]


async def test_the_same_key_and_body_make_one_bot(world: Any) -> None:
    key = {"Idempotency-Key": "wizard-1"}
    first = await world.call("POST", "/v1/bots", BODY, **key)
    second = await world.call("POST", "/v1/bots", BODY, **key)
    other_body = await world.call("POST", "/v1/bots", {**BODY, "label": "Other"}, **key)
    other_user = await world.call("POST", "/v1/bots", BODY, owner="usr_bob", **key)

    assert first.json() == second.json()
    assert other_body.status_code == 422
    assert other_body.json()["code"] == "idempotency_key_reused"
    assert other_user.json()["id"] != first.json()["id"]
    assert len((await world.call("GET", "/v1/bots")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("method", "tail"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/start"),
        ("POST", "/pause"),
        ("POST", "/drain"),
        ("POST", "/stop"),
        ("POST", "/force-exit"),
        ("GET", "/events"),
        ("GET", "/decisions"),
        ("GET", "/orders"),
        ("GET", "/equity"),
    ],
)
async def test_somebody_elses_bot_looks_as_if_it_did_not_exist(
    world: Any, method: str, tail: str
) -> None:
    bot_id = await world.make_bot()
    body = {"label": "Mine now"} if method == "PATCH" else None

    foreign = await world.call(method, f"/v1/bots/{bot_id}{tail}", body, owner="usr_bob")
    unknown = await world.call(method, f"/v1/bots/bot_none{tail}", body, owner="usr_bob")

    assert foreign.status_code == unknown.status_code == 404
    ignored = {"request_id": ""}
    assert {**foreign.json(), **ignored} == {**unknown.json(), **ignored}
    assert (await world.bot(bot_id))["label"] == "Trend"


async def test_a_verb_the_state_forbids_answers_with_reason_and_remedy(world: Any) -> None:
    bot_id = await world.make_bot()

    answer = await world.call("POST", f"/v1/bots/{bot_id}/pause")

    assert answer.status_code == 409
    assert answer.json()["code"] == "bot_state_forbids"
    assert answer.json()["detail"] == "The bot is created, so it cannot pause. Start it first."


async def test_a_running_bot_cannot_be_deleted_a_stopped_one_leaves_nothing(world: Any) -> None:
    bot_id = await world.make_bot()
    await world.verb(bot_id, "start")
    refused = await world.call("DELETE", f"/v1/bots/{bot_id}")
    await world.verb(bot_id, "stop")

    deleted = await world.call("DELETE", f"/v1/bots/{bot_id}")

    assert refused.status_code == 409
    assert refused.json()["code"] == "bot_not_at_rest"
    assert deleted.status_code == 204
    assert (await world.call("GET", f"/v1/bots/{bot_id}")).status_code == 404


async def test_new_parameters_are_a_version_that_holds_from_the_next_start(world: Any) -> None:
    world.exchange.closes = [Decimal(100)] * 12
    bot_id = await world.make_bot()
    await world.runner()
    await world.verb(bot_id, "start")
    await world.until_event(bot_id, "warmed_up")

    changed = await world.call(
        "PATCH", f"/v1/bots/{bot_id}", {"parameters": {"fast": 3, "slow": 4}}
    )
    assert changed.json()["parameters_version"] == 2
    await world.feed_closes(bot_id, ["101"])
    assert (await world.decisions(bot_id))[0]["parameters_version"] == 1
    await world.verb(bot_id, "stop")
    await world.verb(bot_id, "start")

    await world.until_event(bot_id, "parameters_applied")


async def test_wrong_parameters_change_nothing(world: Any) -> None:
    bot_id = await world.make_bot()

    answer = await world.call(
        "PATCH", f"/v1/bots/{bot_id}", {"parameters": {"fast": 99, "slow": 3}}
    )

    assert answer.status_code == 422
    assert (await world.bot(bot_id))["parameters_version"] == 1


async def test_a_long_log_is_read_page_by_page(world: Any) -> None:
    bot_id = await world.make_bot()
    for _ in range(3):
        await world.verb(bot_id, "start")
        await world.verb(bot_id, "stop")

    codes, cursor = [], ""
    while True:
        answer = await world.call("GET", f"/v1/bots/{bot_id}/events?limit=3{cursor}")
        page = answer.json()
        codes += [event["code"] for event in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert codes == ["stopped", "started"] * 3 + ["created"]


@pytest.mark.parametrize("path", ["/v1/bots", "/v1/strategies", "/v1/stream"])
async def test_only_the_gateway_may_call(world: Any, path: str) -> None:
    nobody = await world.api.get(path)
    bridge = world.identities.headers("exchange-bridge", "bots", "usr_anna")
    stranger = await world.api.get(path, headers=bridge)

    assert nobody.status_code == 401
    assert stranger.status_code == 403


async def test_health_needs_no_token(world: Any) -> None:
    assert (await world.api.get("/healthz")).status_code == 200
    assert (await world.api.get("/readyz")).json()["ready"] is True


async def test_the_committed_openapi_document_is_current(world: Any) -> None:
    app = world.api._transport.app

    current = json.dumps(app.openapi(), indent=2, sort_keys=True) + "\n"

    assert OPENAPI.read_text() == current, (
        "run: python -m ct_bots.openapi > services/bots/openapi.json"
    )
