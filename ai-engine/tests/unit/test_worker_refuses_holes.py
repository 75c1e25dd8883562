"""A result with a number that is not finite never reaches the database."""
# ruff: noqa: ARG002 - a fake keeps the signatures of its port

import threading
from collections.abc import Mapping
from typing import Any, Self

import pytest

from ct_ai_engine.domain.jobs import Claim
from ct_ai_engine.worker.child import Said
from ct_ai_engine.worker.loop import Worker


class FakeQueue:
    """One claim, then nothing; remembers how it ended."""

    def __init__(self, stop: threading.Event) -> None:
        self.ended: tuple[str, str | None] | None = None
        self.results: list[Mapping[str, Any]] = []
        self._left = [Claim("job_1", "usr_a", "backtest", {}, 1, 1)]
        self._stop = stop

    def claim(self, worker: str) -> Claim | None:
        return self._left.pop() if self._left else None

    def keep(self, claim: Claim, progress: dict[str, Any] | None) -> bool:
        return True

    def cancel_asked(self, claim: Claim) -> bool:
        return False

    def succeed(self, claim: Claim, result: dict[str, Any]) -> bool:
        self.results.append(result)
        self._stop.set()
        return True

    def finish(self, claim: Claim, state: str, error: str | None) -> bool:
        self.ended = (state, error)
        self._stop.set()
        return True

    def give_back(self, claim: Claim) -> bool:
        return True

    def trainings(self, owner: str, symbol: str) -> int:
        return 1


class FakeChild:
    """Says what it was told to say."""

    last_words = ""

    def __init__(self, *lines: Said) -> None:
        self._lines = list(lines)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        return

    def next(self, timeout_s: float) -> Said | None:
        return self._lines.pop(0) if self._lines else None

    def stop(self) -> None:
        return


def _run(*lines: Said) -> FakeQueue:
    done = threading.Event()
    queue = FakeQueue(done)
    worker = Worker(
        "w",
        queue,
        models=None,  # type: ignore[arg-type]  # a backtest stores no model
        poll_s=0.01,
        lease_s=1.0,
        start_child=lambda _order: FakeChild(*lines),  # type: ignore[arg-type,return-value]
    )
    thread = threading.Thread(target=worker.run)
    thread.start()
    assert done.wait(5)
    worker.stop()
    thread.join()
    return queue


def _result(equity: float | None) -> dict[str, Any]:
    return {
        "strategy": "grid",
        "parameters": {},
        "budget": "1000",
        "data": {
            "venue": "binance",
            "market": "simulated",
            "symbol": "BTC-USDT",
            "interval": "1m",
            "first": 0,
            "last": 1,
            "candles": 2,
            "gaps": 0,
            "sha256": "0",
        },
        "metrics": [],
        "curve": [{"t": 0, "equity": equity, "hold": 1.0}],
        "trades": [],
        "trades_total": 0,
        "warnings": [],
        "fill_model": "docs/fill-model.md",
        "code_version": "0",
        "settings_sha256": "0",
    }


def test_a_whole_result_is_stored() -> None:
    queue = _run(
        Said("progress", {"phase": "x", "fraction": 0.5}), Said("output", {"result": _result(1.0)})
    )
    assert queue.results[0]["curve"][0]["equity"] == 1.0


@pytest.mark.parametrize("output", [{"result": _result(None)}, {"result": {}}, {}])
def test_a_result_with_a_hole_fails_the_job(output: dict[str, Any]) -> None:
    queue = _run(Said("output", output))
    assert queue.results == []
    assert queue.ended is not None
    assert queue.ended[0] == "failed"


def test_what_the_job_says_of_its_failure_reaches_the_owner() -> None:
    assert _run(Said("failed", "Too few candles.")).ended == ("failed", "Too few candles.")
