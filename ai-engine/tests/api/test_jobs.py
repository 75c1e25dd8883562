"""Jobs through the API, before any worker runs."""

from typing import Any

import pytest

from ct_kit.contracts.ai import Job, JobList


def test_a_backtest_is_queued_and_seen_by_its_owner_alone(api: Any, backtest_body: Any) -> None:
    answer = api.call("POST", "/v1/backtests", backtest_body)
    assert answer.status_code == 202
    job_id = answer.json["job_id"]

    job = Job.model_validate(api.call("GET", f"/v1/jobs/{job_id}").json)
    assert (job.state, job.kind, job.result) == ("queued", "backtest", None)
    assert job.request["parameters"] == {"fast": 5, "slow": 20, "reserve_percent": 1.0}

    foreign = api.call("GET", f"/v1/jobs/{job_id}", user="usr_b")
    unknown = api.call("GET", "/v1/jobs/job_0", user="usr_b")
    assert foreign.status_code == unknown.status_code == 404
    assert {**foreign.json, "request_id": ""} == {**unknown.json, "request_id": ""}
    assert api.call("POST", f"/v1/jobs/{job_id}/cancel", user="usr_b").status_code == 404
    assert api.call("GET", "/v1/jobs", user="usr_b").json == {"items": []}


def test_the_same_idempotency_key_gives_the_same_job_and_another_body_is_refused(
    api: Any, backtest_body: Any
) -> None:
    first = api.call("POST", "/v1/backtests", backtest_body, Idempotency_Key="k-1")
    again = api.call("POST", "/v1/backtests", backtest_body, Idempotency_Key="k-1")
    assert first.json == again.json
    other = api.call(
        "POST", "/v1/backtests", {**backtest_body, "budget": "2000"}, Idempotency_Key="k-1"
    )
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    theirs = api.call("POST", "/v1/backtests", backtest_body, "usr_b", Idempotency_Key="k-1")
    assert theirs.json != first.json


def test_a_queued_job_is_cancelled_at_once_and_stays_cancelled(
    api: Any, backtest_body: Any
) -> None:
    job_id = api.call("POST", "/v1/backtests", backtest_body).json["job_id"]
    for _ in range(2):
        cancelled = Job.model_validate(api.call("POST", f"/v1/jobs/{job_id}/cancel").json)
        assert cancelled.state == "cancelled"
        assert cancelled.finished_at is not None


def test_jobs_are_listed_newest_first_and_by_kind(api: Any, backtest_body: Any) -> None:
    one = api.call("POST", "/v1/backtests", backtest_body).json["job_id"]
    training = {"symbol": "BTC-USDT", "interval": "1h"}
    two = api.call("POST", "/v1/trainings", training).json["job_id"]
    listed = JobList.model_validate(api.call("GET", "/v1/jobs").json)
    assert [job.id for job in listed.items] == [two, one]
    only = JobList.model_validate(api.call("GET", "/v1/jobs?kind=training").json)
    assert [job.id for job in only.items] == [two]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"symbol": "DOGE-USDT"}, "symbol"),
        ({"symbol": "btc"}, "symbol"),
        ({"strategy": "martingale"}, "strategy"),
        ({"parameters": {"fast": 50, "slow": 20}}, "parameters"),
        ({"parameters": {"fast": 1}}, "parameters.fast"),
        ({"parameters": {"medium": 1}}, "parameters.medium"),
        ({"budget": "1"}, "budget"),
        ({"budget": 1000}, "budget"),
        ({"candles": 5}, "candles"),
        ({"start": 10, "end": 5}, "end"),
        ({"start": 0, "end": 4_000_000_000_000}, "start"),
        ({"half_spread_bps": -1}, "half_spread_bps"),
        ({"leverage": 100}, "leverage"),
    ],
)
def test_a_wrong_field_is_named_with_a_remedy(
    api: Any, backtest_body: Any, change: dict[str, Any], field: str
) -> None:
    answer = api.call("POST", "/v1/backtests", {**backtest_body, **change})
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert any(error["field"] == f"body.{field}" for error in answer.json["errors"])
    assert all(error["remedy"] for error in answer.json["errors"])


def test_a_search_over_an_unknown_parameter_is_refused(api: Any, backtest_body: Any) -> None:
    body = {**backtest_body, "search": {"speed": [1, 2]}}
    answer = api.call("POST", "/v1/optimizations", body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "body.search.speed"


def test_more_jobs_than_the_quota_are_refused(api: Any, backtest_body: Any) -> None:
    for _ in range(20):
        assert api.call("POST", "/v1/backtests", backtest_body).status_code == 202
    refused = api.call("POST", "/v1/backtests", backtest_body)
    assert (refused.status_code, refused.json["code"]) == (429, "job_quota")
    assert api.call("POST", "/v1/backtests", backtest_body, user="usr_b").status_code == 202


def test_no_address_answers_without_a_token_or_to_a_stranger(api: Any, identities: Any) -> None:
    assert api.http.get("/v1/jobs").status_code == 401
    stranger = identities.headers("keyvault", "ai-engine", "usr_a")
    assert api.http.get("/v1/jobs", headers=stranger).status_code == 403
    assert api.call("GET", "/v1/jobs", user=None).status_code == 403
    assert api.http.get("/healthz").status_code == 200
    assert api.http.get("/readyz").json == {"ready": True, "reasons": []}


def test_the_market_is_analysed_with_ages_and_explanations(api: Any) -> None:
    answer = api.call("GET", "/v1/analysis/ETH-USDT?interval=1h")
    assert answer.status_code == 200
    named = {item["name"]: item for item in answer.json["observations"]}
    assert named["spread"]["value"] == pytest.approx(2.0)
    # 2 at 99.99 and 3 at 100.01 lie within half a percent of 100
    assert named["depth"]["value"] == pytest.approx(2 * 99.99 + 3 * 100.01)
    assert -1 <= named["correlation_btc"]["value"] <= 1
    assert named["regime"]["text"]
    assert answer.json["stale"] is False
    assert api.call("GET", "/v1/analysis/DOGE-USDT").status_code == 404


def test_equal_questions_about_the_market_cost_the_bridge_one(api: Any, bridge: Any) -> None:
    first = api.call("GET", "/v1/analysis/BTC-USDT").json
    asked = len(bridge.asked)
    assert api.call("GET", "/v1/analysis/BTC-USDT").json == first
    assert len(bridge.asked) == asked
