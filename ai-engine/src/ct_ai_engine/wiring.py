"""What API process, worker and jobs build alike; light, for the worker idles most of its life."""

from typing import TYPE_CHECKING

from pymongo import MongoClient
from pymongo.database import Database

from ct_ai_engine.adapters.mongo_jobs import INDEXES, Document
from ct_ai_engine.settings import AiEngineSettings
from ct_kit.mongo import database, ensure_indexes_sync, mongo_errors

if TYPE_CHECKING:
    from ct_ai_engine.adapters.bridge import BridgeMarket

SERVICE = "ai-engine"


def bridge_market(settings: AiEngineSettings) -> "BridgeMarket":
    """Return the bridge as this service's identity sees it."""
    from ct_ai_engine.adapters.bridge import BridgeMarket  # noqa: PLC0415 - the worker has no use for it
    from ct_kit.http import SyncServiceClient  # noqa: PLC0415
    from ct_kit.identity import ServiceIdentity  # noqa: PLC0415

    identity = ServiceIdentity.load(
        SERVICE, settings.identity_key_file, settings.identity_trust_dir
    )
    return BridgeMarket(
        SyncServiceClient(settings.exchange_bridge_url, "exchange-bridge", identity)
    )


def engine_database(
    settings: AiEngineSettings, client: MongoClient[Document]
) -> Database[Document]:
    """Return the engine's database with its indexes verified; raises StartRefused."""
    db = database(client, "ai", settings.mongodb_prefix)
    ensure_indexes_sync(db, INDEXES)
    return db


def ping(client: MongoClient[Document]) -> None:
    """Ask the database for a sign of life; raises Unavailable."""
    with mongo_errors():
        client.admin.command("ping")
