"""Jobs and results in MongoDB. All state changes are single-document compare-and-set."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import orjson
from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from ct_ai_engine.domain.jobs import FINAL, MAX_ATTEMPTS, Claim, JobRecord, NewJob
from ct_kit.contracts.ai import JobKind
from ct_kit.errors import InvalidRequest
from ct_kit.mongo import IndexSpec, SyncOwnedCollection, mongo_errors, new_id

Document = dict[str, Any]
_STREAM_WAIT_MS = 500  # how long the server holds a question about changes; bounds our stop too

INDEXES = (
    IndexSpec(
        "jobs",
        (("owner", 1), ("idempotency_key", 1)),
        unique=True,
        where={"idempotency_key": {"$exists": True}},
    ),
    IndexSpec("jobs", (("owner", 1), ("created_at", -1))),
    IndexSpec("jobs", (("state", 1), ("owner", 1), ("created_at", 1))),
    IndexSpec("results", (("owner", 1), ("_id", 1))),
    IndexSpec("models", (("owner", 1), ("created_at", -1))),
    IndexSpec("recommendations", (("owner", 1), ("model_id", 1), ("created_at", -1))),
)


def _now() -> datetime:
    return datetime.now(UTC)


class MongoJobs:
    """Both sides of the queue: what the API does for an owner, and what a worker does."""

    def __init__(
        self,
        db: Database[Document],
        *,
        lease_s: float = 15.0,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._jobs = db["jobs"]
        self._results = db["results"]
        self._turns = db["turns"]
        self._owned = SyncOwnedCollection(db["jobs"])
        self._owned_results = SyncOwnedCollection(db["results"])
        self._lease = timedelta(seconds=lease_s)
        self._clock = clock

    # What the API does ---------------------------------------------------------------------

    def add(self, job: NewJob) -> str:
        """Queue a job; the same key and body give the same id, another body is refused."""
        digest = _digest({"kind": job.kind, "request": job.request})
        document = {
            "_id": new_id("job"),
            "kind": job.kind,
            "state": "queued",
            "request": job.request,
            "body_sha256": digest,
            "progress": {"phase": "queued", "fraction": 0.0, "eta_s": None},
            "error": None,
            "epoch": 0,
            "attempts": 0,
            "cancel_asked": False,
            "created_at": self._clock(),
            "started_at": None,
            "finished_at": None,
        }
        if job.idempotency_key is not None:
            document["idempotency_key"] = job.idempotency_key
        try:
            self._owned.insert(job.owner, document)
        except DuplicateKeyError:
            return self._earlier(job, digest)
        return str(document["_id"])

    def _earlier(self, job: NewJob, digest: str) -> str:
        earlier = self._owned.find_one(job.owner, {"idempotency_key": job.idempotency_key})
        if earlier is None or earlier["body_sha256"] != digest:
            raise InvalidRequest(
                "idempotency_key_reused",
                "This Idempotency-Key was used for another request; take a new one.",
            )
        return str(earlier["_id"])

    def active(self, owner: str) -> int:
        """Count queued and running jobs of the owner."""
        return self._owned.count(owner, {"state": {"$in": ["queued", "running"]}})

    def get(self, owner: str, job_id: str) -> JobRecord | None:
        """Return the owner's job or None."""
        found = self._owned.find_one(owner, {"_id": job_id})
        return None if found is None else _record(found)

    def result(self, owner: str, job_id: str) -> Document | None:
        """Return the stored result of the owner's job or None."""
        found = self._owned_results.find_one(owner, {"_id": job_id})
        return None if found is None else cast("Document", orjson.loads(found["json"]))

    def list(self, owner: str, kind: JobKind | None, limit: int) -> list[JobRecord]:
        """Return the owner's jobs, newest first."""
        where = {} if kind is None else {"kind": kind}
        found = self._owned.find(owner, where, sort=[("created_at", -1), ("_id", -1)], limit=limit)
        return [_record(item) for item in found]

    def cancel(self, owner: str, job_id: str) -> JobRecord | None:
        """Cancel a queued job at once; ask the worker of a running one; leave a finished one."""
        now = self._clock()
        self._owned.update_one(
            owner,
            {"_id": job_id, "state": "queued"},
            {"$set": {"state": "cancelled", "finished_at": now}},
        )
        # A job claimed between the two steps is asked to stop, one that was queued is finished.
        self._owned.update_one(
            owner, {"_id": job_id, "state": "running"}, {"$set": {"cancel_asked": True}}
        )
        return self.get(owner, job_id)

    def changes(self, stopped: Callable[[], bool]) -> Iterator[JobRecord]:
        """Yield each job that is inserted or changed, from now on, until stopped."""
        with (
            mongo_errors(),
            self._jobs.watch(
                full_document="updateLookup", max_await_time_ms=_STREAM_WAIT_MS
            ) as stream,
        ):
            while not stopped():
                change = stream.try_next()
                document = change.get("fullDocument") if change is not None else None
                if document is not None:
                    yield _record(document)

    # What a worker does --------------------------------------------------------------------

    def claim(self, worker: str) -> Claim | None:
        """Take the oldest job of the owner who was served longest ago; None when idle.

        A running job whose lease ran out counts as waiting; after MAX_ATTEMPTS it has failed.
        """
        now = self._clock()
        waiting = {"$or": [{"state": "queued"}, {"state": "running", "lease_until": {"$lt": now}}]}
        with mongo_errors():
            owners = self._jobs.distinct("owner", waiting)
            if not owners:
                return None
            served = {
                turn["_id"]: turn["at"] for turn in self._turns.find({"_id": {"$in": owners}})
            }
            beginning = datetime.fromtimestamp(0, UTC)
            for owner in sorted(owners, key=lambda item: (served.get(item, beginning), item)):
                claim = self._claim_of(owner, waiting, worker, now)
                if claim is not None:
                    return claim
        return None

    def _claim_of(
        self, owner: str, waiting: Mapping[str, Any], worker: str, now: datetime
    ) -> Claim | None:
        while True:
            found = self._jobs.find_one_and_update(
                {"owner": owner, **waiting},
                {
                    "$set": {
                        "state": "running",
                        "worker": worker,
                        "lease_until": now + self._lease,
                        "started_at": now,
                        "progress": {"phase": "starting", "fraction": 0.0, "eta_s": None},
                    },
                    "$inc": {"epoch": 1, "attempts": 1},
                },
                sort=[("created_at", 1)],
                return_document=ReturnDocument.AFTER,
            )
            if found is None:
                return None
            claim = Claim(
                found["_id"], owner, found["kind"], found["request"], found["epoch"],
                found["attempts"],
            )  # fmt: skip
            self._turns.update_one({"_id": owner}, {"$set": {"at": now}}, upsert=True)
            if found["attempts"] <= MAX_ATTEMPTS:
                return claim
            self.finish(claim, "failed", f"The job ended {MAX_ATTEMPTS} workers; it was given up.")

    def keep(self, claim: Claim, progress: Mapping[str, Any] | None) -> bool:
        """Extend the lease and store progress; False when the claim was lost."""
        change: Document = {"lease_until": self._clock() + self._lease}
        if progress is not None:
            change["progress"] = dict(progress)
        return self._change(claim, {"$set": change})

    def cancel_asked(self, claim: Claim) -> bool:
        """Say whether the owner asked to stop this job."""
        with mongo_errors():
            found = self._jobs.find_one(_held(claim), {"cancel_asked": 1})
        return bool(found and found["cancel_asked"])

    def succeed(self, claim: Claim, result: Mapping[str, Any]) -> bool:
        """Store the result, then finish the job; a result already stored stays as it is."""
        document = {
            "_id": claim.job_id,
            "owner": claim.owner,
            "json": orjson.dumps(result).decode(),
            "stored_at": self._clock(),
        }
        with mongo_errors():
            if self._jobs.find_one(_held(claim), {"_id": 1}) is None:
                return False
            self._results.update_one({"_id": claim.job_id}, {"$setOnInsert": document}, upsert=True)
        return self._end(claim, "succeeded", None)

    def finish(self, claim: Claim, state: str, error: str | None) -> bool:
        """End the job as failed or cancelled; False when the claim was lost."""
        if state not in FINAL:
            raise ValueError(f"{state} is not a final state")
        return self._end(claim, state, error)

    def give_back(self, claim: Claim) -> bool:
        """Queue the job again; the attempt does not count against it."""
        return self._change(
            claim,
            {
                "$set": {
                    "state": "queued",
                    "started_at": None,
                    "progress": {"phase": "queued", "fraction": 0.0, "eta_s": None},
                },
                "$inc": {"attempts": -1, "epoch": 1},
            },
        )

    def trainings(self, owner: str, symbol: str) -> int:
        """Count the owner's trainings on the symbol that were ever asked for."""
        return self._owned.count(owner, {"kind": "training", "request.symbol": symbol})

    def _end(self, claim: Claim, state: str, error: str | None) -> bool:
        change: Document = {"state": state, "error": error, "finished_at": self._clock()}
        if state == "succeeded":
            change["progress"] = {"phase": "done", "fraction": 1.0, "eta_s": 0.0}
        return self._change(claim, {"$set": change})

    def _change(self, claim: Claim, update: Mapping[str, Any]) -> bool:
        with mongo_errors():
            return self._jobs.update_one(_held(claim), update).matched_count == 1


def _held(claim: Claim) -> Document:
    return {"_id": claim.job_id, "owner": claim.owner, "state": "running", "epoch": claim.epoch}


def _digest(body: object) -> str:
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _record(document: Document) -> JobRecord:
    return JobRecord(
        id=document["_id"],
        owner=document["owner"],
        kind=document["kind"],
        state=document["state"],
        request=document["request"],
        progress=document["progress"],
        error=document["error"],
        created_at=document["created_at"],
        started_at=document["started_at"],
        finished_at=document["finished_at"],
    )
