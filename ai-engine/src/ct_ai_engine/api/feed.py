"""The `jobs` feed: every change of a job, to whoever listens, tagged with its owner."""

import threading

from ct_ai_engine.app.views import job_view
from ct_ai_engine.ports import JobStore
from ct_kit.errors import CtError
from ct_kit.logs import get_logger
from ct_kit.streaming import ThreadedBroadcaster

_PAUSE_S = 2.0
_JOIN_S = 2.0
_log = get_logger(__name__)


class JobFeed:
    """Publishes job changes from the database's change stream on a thread of its own."""

    def __init__(self, jobs: JobStore, broadcaster: ThreadedBroadcaster) -> None:
        self._jobs = jobs
        self._broadcaster = broadcaster
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="job-feed", daemon=True)

    def start(self) -> None:
        """Begin to publish."""
        self._thread.start()

    def stop(self) -> None:
        """End all streams and wait for the thread; afterwards the database is not used."""
        self._stopped.set()
        self._broadcaster.close()
        self._thread.join(_JOIN_S)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                for record in self._jobs.changes(self._stopped.is_set):
                    self._broadcaster.publish(
                        "jobs", job_view(record), owner=record.owner, key=record.id
                    )
            except CtError as error:
                _log.warning("job_feed_interrupted", reason=error.detail)
            self._stopped.wait(_PAUSE_S)
