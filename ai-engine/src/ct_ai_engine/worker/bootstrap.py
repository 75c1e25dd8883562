"""Build the worker, without what only the API process or a job needs."""

import os
import socket

from pymongo import MongoClient

from ct_ai_engine.adapters.mongo_jobs import Document, MongoJobs
from ct_ai_engine.adapters.mongo_models import MongoModels
from ct_ai_engine.settings import AiEngineSettings
from ct_ai_engine.wiring import engine_database
from ct_ai_engine.worker.child import Child
from ct_ai_engine.worker.loop import StartChild, Worker


def worker(
    settings: AiEngineSettings, client: MongoClient[Document], *, start_child: StartChild = Child
) -> Worker:
    """Return the worker of this process; the caller closes the client."""
    db = engine_database(settings, client)
    return Worker(
        f"{socket.gethostname()}:{os.getpid()}",
        MongoJobs(db, lease_s=settings.lease_s),
        MongoModels(db),
        poll_s=settings.poll_s,
        lease_s=settings.lease_s,
        start_child=start_child,
    )
