"""Build the API process. With `wiring.py`, the only place that names concrete adapters."""

from flask_openapi3.openapi import OpenAPI
from pymongo import MongoClient

from ct_ai_engine.adapters.mongo_jobs import Document, MongoJobs
from ct_ai_engine.adapters.mongo_models import MongoModels
from ct_ai_engine.api.app import create_app
from ct_ai_engine.api.feed import JobFeed
from ct_ai_engine.api.routes import routes
from ct_ai_engine.app.advise import Advise
from ct_ai_engine.app.analyse import Analyse
from ct_ai_engine.app.submit import SubmitJob
from ct_ai_engine.market import Instruments, Market
from ct_ai_engine.settings import AiEngineSettings
from ct_ai_engine.wiring import SERVICE, bridge_market, engine_database, ping
from ct_kit.identity import Verifier
from ct_kit.streaming import ThreadedBroadcaster

CALLERS = ("gateway", "bots")


def api(
    settings: AiEngineSettings,
    client: MongoClient[Document],
    *,
    market: Market | None = None,
    instruments: Instruments | None = None,
) -> OpenAPI:
    """Return the API process's app. Call it after the fork; the caller closes the client."""
    db = engine_database(settings, client)
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
