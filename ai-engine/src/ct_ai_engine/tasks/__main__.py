"""The child process of one job: `python -m ct_ai_engine.tasks`, order on stdin, JSON lines out.

Lines are {"progress": {...}}, then one of {"output": {...}} or {"failed": "why"}. Standard input
stays open; its end means the worker is gone, and the child goes too.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import orjson

from ct_ai_engine.settings import AiEngineSettings
from ct_ai_engine.tasks.errors import JobFailedError
from ct_kit.contracts.ai import BacktestRequest, OptimizationRequest, TrainingRequest
from ct_kit.errors import CtError
from ct_kit.settings import load_settings

_NICE = 5  # bots and the order path come first
_REPORT_EVERY_S = 0.2


def main() -> None:
    """Read the order, compute, write the output."""
    os.nice(_NICE)
    order = orjson.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_worker, daemon=True).start()
    try:
        _write({"output": compute(order, load_settings(AiEngineSettings))})
    except JobFailedError as error:
        _write({"failed": str(error)})
    except CtError as error:
        _write({"failed": error.detail})


def compute(order: dict[str, Any], settings: AiEngineSettings) -> dict[str, Any]:
    """Run the job and return its documents, {"result": ...} and for a training {"model": ...}."""
    # Imported late: a child that ends early, and the tests of the worker, need none of it.
    from ct_ai_engine.tasks import backtest, optimization, training  # noqa: PLC0415
    from ct_ai_engine.wiring import bridge_market  # noqa: PLC0415

    market = bridge_market(settings)
    report = _reporter(time.monotonic)
    request = order["request"]
    if order["kind"] == "backtest":
        tested = backtest.run(market, BacktestRequest.model_validate(request), report)
        return {"result": tested.model_dump(mode="json")}
    if order["kind"] == "optimization":
        found = optimization.run(market, OptimizationRequest.model_validate(request), report)
        return {"result": found.model_dump(mode="json")}
    return training.run(
        market,
        TrainingRequest.model_validate(request),
        report,
        job_id=order["job_id"],
        trials=order["trials"],
    )


def _reporter(clock: Callable[[], float]) -> Callable[[str, float], None]:
    began, said, last_phase = clock(), -1.0, ""

    def report(phase: str, fraction: float) -> None:
        nonlocal said, last_phase
        now = clock()
        if phase == last_phase and now - said < _REPORT_EVERY_S:
            return
        said, last_phase = now, phase
        eta_s = (now - began) * (1.0 - fraction) / fraction if fraction > 0.05 else None
        _write({"progress": {"phase": phase, "fraction": round(fraction, 4), "eta_s": eta_s}})

    return report


def _write(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    sys.stdout.buffer.flush()


def _end_with_the_worker() -> None:
    # Not through sys.stdin: its lock, held here for ever, would abort the interpreter at the end.
    while os.read(sys.stdin.fileno(), 4_096):
        pass
    os._exit(3)


if __name__ == "__main__":
    main()
