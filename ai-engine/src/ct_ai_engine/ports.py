"""What the engine needs of its database; market data stands in `market.py`."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from ct_ai_engine.domain.jobs import Claim, JobRecord, NewJob
from ct_kit.contracts.ai import JobKind


class JobStore(Protocol):
    """Durable jobs as the API sees them; every call names the owner."""

    def add(self, job: NewJob) -> str:
        """Queue a job, or return the id of the one already queued under this key and body."""
        ...

    def active(self, owner: str) -> int:
        """Count queued and running jobs."""
        ...

    def get(self, owner: str, job_id: str) -> JobRecord | None:
        """Return a job or None."""
        ...

    def result(self, owner: str, job_id: str) -> dict[str, Any] | None:
        """Return the stored result or None."""
        ...

    def list(self, owner: str, kind: JobKind | None, limit: int) -> list[JobRecord]:
        """Return jobs, newest first."""
        ...

    def cancel(self, owner: str, job_id: str) -> JobRecord | None:
        """Cancel a queued job, ask a running one to stop; a finished one stays as it is."""
        ...

    def changes(self, stopped: Callable[[], bool]) -> Iterator[JobRecord]:
        """Yield each job that changes, from now on, until stopped or the database goes away."""
        ...


class JobQueue(Protocol):
    """Durable jobs as a worker sees them; every change is guarded by the claim's epoch."""

    def claim(self, worker: str) -> Claim | None:
        """Take the next job, owners in turn; None when there is none."""
        ...

    def keep(self, claim: Claim, progress: dict[str, Any] | None) -> bool:
        """Extend the lease, with progress; False when the claim was lost."""
        ...

    def cancel_asked(self, claim: Claim) -> bool:
        """Say whether the owner wants it stopped."""
        ...

    def succeed(self, claim: Claim, result: dict[str, Any]) -> bool:
        """Store the result once and finish the job; False when the claim was lost."""
        ...

    def finish(self, claim: Claim, state: str, error: str | None) -> bool:
        """End as failed or cancelled; False when the claim was lost."""
        ...

    def give_back(self, claim: Claim) -> bool:
        """Queue the job again for another worker."""
        ...

    def trainings(self, owner: str, symbol: str) -> int:
        """Count the trainings this owner asked for on a symbol, this one included."""
        ...


class ModelStore(Protocol):
    """Models and the advice made with them."""

    def put_model(self, owner: str, model: dict[str, Any]) -> None:
        """Store a model once; the same id again changes nothing."""
        ...

    def models(self, owner: str, symbol: str | None, limit: int) -> list[dict[str, Any]]:
        """Return models, newest first."""
        ...

    def put_recommendation(self, owner: str, recommendation: dict[str, Any]) -> None:
        """Store advice once; the same id again changes nothing."""
        ...

    def latest_recommendation(self, owner: str, model_id: str) -> dict[str, Any] | None:
        """Return the newest advice made with a model."""
        ...
