"""Turn stored jobs and models into the shapes of the public API."""

from typing import Any

from ct_ai_engine.domain.jobs import JobRecord
from ct_kit.contracts.ai import Job, Model, Progress


def job_view(record: JobRecord, result: dict[str, Any] | None = None) -> Job:
    """Return a job's public view; the result only where it is given."""
    progress = Progress.model_validate(record.progress)
    return Job.model_validate(
        {
            "id": record.id,
            "kind": record.kind,
            "state": record.state,
            "request": record.request,
            "progress": progress,
            "eta_s": progress.eta_s,
            "error": record.error,
            "result": result,
            "created_at": record.created_at,
            "started_at": record.started_at,
            "finished_at": record.finished_at,
        }
    )


def model_view(document: dict[str, Any]) -> Model:
    """Return a model's card."""
    return Model.model_validate(document)
