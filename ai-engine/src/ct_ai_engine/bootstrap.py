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
from ct_ai_engine.worker.loop import StartChild, Worker
from ct_kit.http import SyncServiceClient
from ct_kit.identity import ServiceIdentity, Verifier
from ct_kit.mongo import database, ensure_indexes_sync, mongo_errors, sync_client
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
    *,
    market: Market | None = None,
    instruments: Instruments | None = None,
) -> OpenAPI:
    """Return the API process's app; call it after the fork."""
    client, db = _database(settings)
    bridge = bridge_market(settings) if market is None or instruments is None else None
    used_market, used_instruments = market or bridge, instruments or bridge
    if used_market is None or used_instruments is None:
        raise ValueError("market and instruments are handed in together or not at all")
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
    app = create_app(blueprint, verifier, {"database": lambda: _ping(client)}, feed.stop)
    feed.start()
    return app


def worker(settings: AiEngineSettings, *, start_child: StartChild | None = None) -> Worker:
    """Return the worker of this process."""
    _, db = _database(settings)
    extra = {} if start_child is None else {"start_child": start_child}
    return Worker(
        f"{socket.gethostname()}:{os.getpid()}",
        MongoJobs(db, lease_s=settings.lease_s),
        MongoModels(db),
        poll_s=settings.poll_s,
        lease_s=settings.lease_s,
        **extra,
    )


def database_check(settings: AiEngineSettings) -> MongoClient[Document]:
    """Return a client for readiness checks."""
    return sync_client(settings.mongodb_uri)


def _database(settings: AiEngineSettings) -> tuple[MongoClient[Document], Database[Document]]:
    client = sync_client(settings.mongodb_uri)
    db = database(client, "ai", settings.mongodb_prefix)
    ensure_indexes_sync(db, INDEXES)
    return client, db


def _ping(client: MongoClient[Document]) -> None:
    with mongo_errors():
        client.admin.command("ping")
