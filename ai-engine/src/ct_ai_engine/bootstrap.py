"""The only place that names concrete adapters."""

import os
import socket

from flask_openapi3.openapi import OpenAPI
from pymongo import MongoClient
from pymongo.database import Database

from ct_ai_engine.adapters.bridge import BridgeMarket
from ct_ai_engine.adapters.mongo_jobs import INDEXES, Document, MongoJobs
from ct_ai_engine.adapters.mongo_models import MongoModels
from ct_ai_engine.api.app import create_app
from ct_ai_engine.api.feed import JobFeed
from ct_ai_engine.api.routes import routes
from ct_ai_engine.app.advise import Advise
from ct_ai_engine.app.analyse import Analyse
from ct_ai_engine.app.submit import SubmitJob
from ct_ai_engine.ports import Instruments, Market
from ct_ai_engine.settings import AiEngineSettings
from ct_ai_engine.worker.child import Child
from ct_ai_engine.worker.loop import StartChild, Worker
from ct_kit.http import SyncServiceClient
from ct_kit.identity import ServiceIdentity, Verifier
from ct_kit.mongo import database, ensure_indexes_sync, mongo_errors
from ct_kit.streaming import ThreadedBroadcaster

SERVICE = "ai-engine"
CALLERS = ("gateway", "bots")


def bridge_market(settings: AiEngineSettings) -> BridgeMarket:
    """Return the bridge as this service's identity sees it."""
    identity = ServiceIdentity.load(
        SERVICE, settings.identity_key_file, settings.identity_trust_dir
    )
    return BridgeMarket(
        SyncServiceClient(settings.exchange_bridge_url, "exchange-bridge", identity)
    )


def api(
    settings: AiEngineSettings,
    client: MongoClient[Document],
    *,
    market: Market | None = None,
    instruments: Instruments | None = None,
) -> OpenAPI:
    """Return the API process's app. Call it after the fork; the caller closes the client."""
    db = _database(settings, client)
    bridge = bridge_market(settings)
    used_market, used_instruments = market or bridge, instruments or bridge
    jobs, models = MongoJobs(db, lease_s=settings.lease_s), MongoModels(db)
    broadcaster = ThreadedBroadcaster()
    feed = JobFeed(jobs, broadcaster)
    blueprint = routes(
        submit=SubmitJob(jobs, used_instruments, jobs_per_owner=settings.jobs_per_owner),
        jobs=jobs,
        models=models,
        advise=Advise(models, used_market),
        analyse=Analyse(used_market, used_instruments),
        feed=broadcaster,
    )
    verifier = Verifier(SERVICE, settings.identity_trust_dir, CALLERS)
    app = create_app(blueprint, verifier, {"database": lambda: ping(client)}, feed.stop)
    feed.start()
    return app


def worker(
    settings: AiEngineSettings, client: MongoClient[Document], *, start_child: StartChild = Child
) -> Worker:
    """Return the worker of this process; the caller closes the client."""
    db = _database(settings, client)
    return Worker(
        f"{socket.gethostname()}:{os.getpid()}",
        MongoJobs(db, lease_s=settings.lease_s),
        MongoModels(db),
        poll_s=settings.poll_s,
        lease_s=settings.lease_s,
        start_child=start_child,
    )


def ping(client: MongoClient[Document]) -> None:
    """Ask the database for a sign of life; raises Unavailable."""
    with mongo_errors():
        client.admin.command("ping")


def _database(settings: AiEngineSettings, client: MongoClient[Document]) -> Database[Document]:
    db = database(client, "ai", settings.mongodb_prefix)
    ensure_indexes_sync(db, INDEXES)
    return db
