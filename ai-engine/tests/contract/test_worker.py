"""Jobs from the queue to the result, with real child processes and a real mongod."""

import os
import signal
import subprocess
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from ct_ai_engine.adapters.mongo_jobs import INDEXES, MongoJobs
from ct_ai_engine.domain.jobs import MAX_ATTEMPTS, NewJob
from ct_kit.contracts.ai import BacktestResult, Job, OptimizationResult, TrainingResult
from ct_kit.mongo import ensure_indexes_sync
from ct_kit.testing import eventually_sync

_PATIENCE_S = 60.0  # a cold compile on a busy machine


def _finished(api: Any, job_id: str) -> Job:
    def job() -> Job | None:
        seen = Job.model_validate(api.call("GET", f"/v1/jobs/{job_id}").json)
        return seen if seen.state in {"succeeded", "failed", "cancelled"} else None

    return eventually_sync(job, timeout_s=_PATIENCE_S)  # type: ignore[return-value]


def test_a_backtest_runs_to_its_result_and_says_what_it_is_evidence_of(
    api: Any, run_worker: Callable[[], Any], backtest_body: Any
) -> None:
    run_worker()
    job = _finished(api, api.call("POST", "/v1/backtests", backtest_body).json["job_id"])

    assert job.error is None
    result = job.result
    assert isinstance(result, BacktestResult)
    assert {metric.evidence for metric in result.metrics} == {"in_sample"}
    assert result.data.candles == 3_000
    assert result.data.gaps == 0
    assert len(result.data.sha256) == 64
    assert 2 <= len(result.curve) <= 600
    assert result.trades_total == len(result.trades) > 0
    assert result.fill_model == "docs/fill-model.md"
    assert any("simulated" in warning for warning in result.warnings)
    net = next(metric.value for metric in result.metrics if metric.name == "net_return")
    assert net == pytest.approx(result.curve[-1].equity / 1000 - 1)
    assert job.progress.fraction == 1.0


def test_a_search_labels_what_was_selected_and_what_is_out_of_sample(
    api: Any, run_worker: Callable[[], Any], backtest_body: Any
) -> None:
    run_worker()
    body = {**backtest_body, "search": {"fast": [3, 5, 30], "slow": [10, 20]}}
    job = _finished(api, api.call("POST", "/v1/optimizations", body).json["job_id"])

    result = job.result
    assert isinstance(result, OptimizationResult)
    assert len(result.trials) == 4  # 30 is not faster than 10 or 20
    best = max(result.trials, key=lambda trial: trial.in_sample or -1)
    assert result.chosen == best.parameters
    assert {metric.evidence for metric in result.metrics} == {"selected", "out_of_sample"}
    assert any("skipped" in warning for warning in result.warnings)


def test_a_training_on_noise_claims_no_edge_and_recommends_nothing(
    api: Any, run_worker: Callable[[], Any]
) -> None:
    run_worker()
    body = {"symbol": "ETH-USDT", "interval": "1h", "candles": 5_000, "horizon": 6, "folds": 3}
    job = _finished(api, api.call("POST", "/v1/trainings", body).json["job_id"])

    assert job.error is None
    result = job.result
    assert isinstance(result, TrainingResult)
    assert not result.evidence.edge
    assert result.evidence.trials == 1
    assert len(result.evidence.folds) == 3
    assert all(fold.train_last < fold.test_first for fold in result.evidence.folds)

    (model,) = api.call("GET", "/v1/models").json["items"]
    assert model["id"] == result.model_id
    (advice,) = api.call("GET", "/v1/recommendations?symbol=ETH-USDT").json["items"]
    assert advice["action"] == "none"
    assert advice["reason"] == result.evidence.reason
    assert advice["size"] is None
    assert api.call("GET", "/v1/recommendations?symbol=BTC-USDT").json["items"] == []
    assert api.call("GET", "/v1/models", user="usr_b").json == {"items": []}


def test_a_running_job_is_cancelled_within_two_seconds(
    api: Any, run_worker: Callable[[], Any], backtest_body: Any, bridge: Any
) -> None:
    bridge.hold.clear()  # the child waits for its candles
    run_worker()
    job_id = api.call("POST", "/v1/backtests", backtest_body).json["job_id"]
    eventually_sync(lambda: "/v1/candles.arrow" in bridge.asked, timeout_s=_PATIENCE_S)
    api.call("POST", f"/v1/jobs/{job_id}/cancel")

    def cancelled() -> bool:
        return bool(api.call("GET", f"/v1/jobs/{job_id}").json["state"] == "cancelled")

    eventually_sync(cancelled, timeout_s=2.0)


def test_a_range_without_data_fails_with_what_to_change(
    api: Any, run_worker: Callable[[], Any], backtest_body: Any
) -> None:
    run_worker()
    body = {**backtest_body, "start": 60_000, "end": 60_000_000}
    job = _finished(api, api.call("POST", "/v1/backtests", body).json["job_id"])
    assert job.state == "failed"
    assert "longer range" in str(job.error)


def test_a_child_that_is_killed_fails_its_job_and_not_the_worker(
    api: Any, run_worker: Callable[[], Any], backtest_body: Any, bridge: Any
) -> None:
    bridge.hold.clear()
    run_worker()
    job_id = api.call("POST", "/v1/backtests", backtest_body).json["job_id"]
    eventually_sync(lambda: "/v1/candles.arrow" in bridge.asked, timeout_s=_PATIENCE_S)
    os.kill(_child_pid(), signal.SIGKILL)
    assert "unexpectedly" in str(_finished(api, job_id).error)

    bridge.hold.set()
    again = api.call("POST", "/v1/backtests", backtest_body).json["job_id"]
    assert _finished(api, again).state == "succeeded"


def test_a_worker_told_to_stop_gives_its_job_to_another(
    api: Any, run_worker: Callable[[], Any], backtest_body: Any, bridge: Any
) -> None:
    bridge.hold.clear()
    first = run_worker()
    job_id = api.call("POST", "/v1/backtests", backtest_body).json["job_id"]
    eventually_sync(lambda: "/v1/candles.arrow" in bridge.asked, timeout_s=_PATIENCE_S)
    first.stop()

    def queued() -> bool:
        return bool(api.call("GET", f"/v1/jobs/{job_id}").json["state"] == "queued")

    eventually_sync(queued, timeout_s=5.0)
    bridge.hold.set()
    run_worker()
    assert _finished(api, job_id).state == "succeeded"


def _child_pid() -> int:
    """Return the one child process of this process that runs a task."""
    listed = subprocess.run(
        ["/usr/bin/env", "ps", "-o", "pid=,args=", "--ppid", str(os.getpid())],
        capture_output=True,
        text=True,
        check=True,
    )
    (pid,) = (
        int(line.split()[0]) for line in listed.stdout.splitlines() if "ct_ai_engine.tasks" in line
    )
    return pid


@pytest.fixture
def queue(database: Any) -> MongoJobs:
    ensure_indexes_sync(database, INDEXES)
    return MongoJobs(database, lease_s=0.0)  # a lease that has always run out


def _job(owner: str) -> NewJob:
    return NewJob(owner, "backtest", {"symbol": "BTC-USDT"}, None)


def test_owners_are_served_in_turn(queue: MongoJobs) -> None:
    for owner in ("usr_a", "usr_a", "usr_a", "usr_b"):
        queue.add(_job(owner))
    served = []
    for _ in range(4):
        claim = queue.claim("w")
        assert claim is not None
        served.append(claim.owner)
        queue.finish(claim, "failed", "test")
    assert served == ["usr_a", "usr_b", "usr_a", "usr_a"]
    assert queue.claim("w") is None


def test_a_dead_workers_job_is_claimed_anew_and_its_late_result_is_refused(
    queue: MongoJobs,
) -> None:
    queue.add(_job("usr_a"))
    dead = queue.claim("dead")
    alive = queue.claim("alive")
    assert dead is not None
    assert alive is not None
    assert alive.epoch == dead.epoch + 1

    assert not queue.keep(dead, None)
    assert not queue.succeed(dead, {"late": True})
    assert not queue.finish(dead, "failed", "late")
    assert queue.succeed(alive, {"good": True})
    assert queue.result("usr_a", alive.job_id) == {"good": True}


def test_a_job_that_ends_its_workers_is_given_up(queue: MongoJobs) -> None:
    job_id = queue.add(_job("usr_a"))
    for _ in range(MAX_ATTEMPTS):
        assert queue.claim("w") is not None
    assert queue.claim("w") is None
    record = queue.get("usr_a", job_id)
    assert record is not None
    assert record.state == "failed"


def test_a_result_is_stored_once(queue: MongoJobs, database: Any) -> None:
    queue.add(_job("usr_a"))
    claim = queue.claim("w")
    assert claim is not None
    database["results"].insert_one(
        {"_id": claim.job_id, "owner": "usr_a", "json": orjson.dumps({"n": 1}).decode()}
    )
    queue.succeed(claim, {"n": 2})
    assert queue.result("usr_a", claim.job_id) == {"n": 1}


def test_every_change_of_a_job_reaches_the_feed_with_its_owner(
    api: Any, backtest_body: Any
) -> None:
    lines = api.call("GET", "/v1/stream", user=None).response
    assert orjson.loads(next(lines)) == {"channel": "heartbeat"}
    api.call("POST", "/v1/backtests", backtest_body)
    while (line := orjson.loads(next(lines)))["channel"] == "heartbeat":
        pass
    assert (line["channel"], line["owner"]) == ("jobs", "usr_a")
    assert Job.model_validate(line["data"]).state == "queued"
    lines.close()
