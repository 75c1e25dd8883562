"""A job's life.

===========  ===============  ============================================================
state        goes to          when
===========  ===============  ============================================================
queued       running          a worker claims it (compare-and-set; the epoch grows)
queued       cancelled        its owner cancels it
running      succeeded        the claim's epoch still holds and the result is stored
running      failed           likewise; also after MAX_ATTEMPTS workers died on it
running      cancelled        its owner asked, the worker killed the child
running      queued           the worker was told to stop and gives it back
running      running          the lease ran out: another worker claims it, next epoch
===========  ===============  ============================================================

The three right-hand states are final; a result never changes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ct_kit.contracts.ai import JobKind, JobState

FINAL: frozenset[JobState] = frozenset({"succeeded", "failed", "cancelled"})
MAX_ATTEMPTS = 3  # a job that took three workers down is itself the cause


@dataclass(frozen=True, slots=True)
class NewJob:
    """What a user asked for."""

    owner: str
    kind: JobKind
    request: dict[str, Any]
    idempotency_key: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A job a worker holds until its lease runs out; `epoch` fences off earlier claims."""

    job_id: str
    owner: str
    kind: JobKind
    request: dict[str, Any]
    epoch: int
    attempt: int


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as stored."""

    id: str
    owner: str
    kind: JobKind
    state: JobState
    request: dict[str, Any]
    progress: dict[str, Any]
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
