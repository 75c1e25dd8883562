"""The worker's loop: claim, run in a child, keep the lease, store, again."""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ct_ai_engine.domain.jobs import Claim
from ct_ai_engine.ports import JobQueue, ModelStore
from ct_ai_engine.worker.child import Child
from ct_kit.contracts.ai import BacktestResult, Evidence, OptimizationResult, TrainingResult
from ct_kit.errors import CtError
from ct_kit.logs import get_logger

_log = get_logger(__name__)
_RESULTS: dict[str, TypeAdapter[Any]] = {
    "backtest": TypeAdapter(BacktestResult),
    "optimization": TypeAdapter(OptimizationResult),
    "training": TypeAdapter(TrainingResult),
}
_DATABASE_PAUSE_S = 2.0
StartChild = Callable[[Mapping[str, Any]], Child]


class Worker:
    """Runs one job at a time until told to stop."""

    def __init__(
        self,
        name: str,
        jobs: JobQueue,
        models: ModelStore,
        *,
        poll_s: float,
        lease_s: float,
        start_child: StartChild = Child,
    ) -> None:
        self._name = name
        self._jobs = jobs
        self._models = models
        self._poll_s = poll_s
        self._beat_s = lease_s / 4.0
        self._start_child = start_child
        self._stop = threading.Event()

    def stop(self) -> None:
        """Ask the loop to end; a running job is given back for another worker."""
        self._stop.set()

    def run(self) -> None:
        """Work until stopped; an unreachable database is waited for."""
        while not self._stop.is_set():
            try:
                claim = self._jobs.claim(self._name)
                if claim is None:
                    self._stop.wait(self._poll_s)
                    continue
                self._work(claim)
            except CtError as error:
                # The lease runs out and the job is claimed anew, by us or by another.
                _log.warning("worker_waits_for_database", reason=error.detail)
                self._stop.wait(_DATABASE_PAUSE_S)

    def _work(self, claim: Claim) -> None:
        _log.info("job_started", job_id=claim.job_id, kind=claim.kind, attempt=claim.attempt)
        order: dict[str, Any] = {
            "job_id": claim.job_id,
            "kind": claim.kind,
            "request": claim.request,
            "trials": 0,
        }
        if claim.kind == "training":
            order["trials"] = self._jobs.trainings(claim.owner, claim.request["symbol"])
        with self._start_child(order) as child:
            outcome = self._attend(claim, child)
        _log.info("job_ended", job_id=claim.job_id, outcome=outcome)

    def _attend(self, claim: Claim, child: Child) -> str:
        beat_due = time.monotonic() + self._beat_s
        while True:
            said = child.next(self._poll_s)
            if said is not None and said.kind == "output":
                return self._store(claim, said.body)
            if said is not None and said.kind == "failed":
                self._jobs.finish(claim, "failed", str(said.body))
                return "failed"
            if said is not None and said.kind == "ended":
                _log.error("job_crashed", job_id=claim.job_id, code=said.body, end=child.last_words)
                text = "The computation ended unexpectedly; the operator's log has the reason."
                self._jobs.finish(claim, "failed", text)
                return "crashed"
            if self._stop.is_set():
                self._jobs.give_back(claim)
                return "given_back"
            if self._jobs.cancel_asked(claim):
                child.stop()
                self._jobs.finish(claim, "cancelled", None)
                return "cancelled"
            if said is not None or time.monotonic() >= beat_due:
                beat_due = time.monotonic() + self._beat_s
                if not self._jobs.keep(claim, said.body if said is not None else None):
                    return "lost"

    def _store(self, claim: Claim, output: Mapping[str, Any]) -> str:
        try:
            result = _RESULTS[claim.kind].validate_python(output["result"])
            if claim.kind == "training":
                Evidence.model_validate(output["model"]["evidence"])
                model = output["model"] | {"created_at": datetime.now(UTC)}
                self._models.put_model(claim.owner, model)
        except (KeyError, ValidationError) as error:
            # A number that was not finite arrives as null and is refused here.
            _log.exception("job_result_refused", job_id=claim.job_id, exc_info=error)
            self._jobs.finish(claim, "failed", "The result held a number that is not finite.")
            return "refused"
        stored = self._jobs.succeed(claim, result.model_dump(mode="json"))
        return "succeeded" if stored else "lost"
