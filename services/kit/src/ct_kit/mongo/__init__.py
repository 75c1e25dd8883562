"""MongoDB the way every service uses it: durable writes, UTC, exact decimals, one owner per query."""

from ct_kit.domain.identifiers import new_id
from ct_kit.mongo.clients import async_client, database, sync_client
from ct_kit.mongo.decimals import from_bson, to_bson
from ct_kit.mongo.failures import mongo_errors
from ct_kit.mongo.indexes import IndexSpec, ensure_indexes, ensure_indexes_sync
from ct_kit.mongo.owned import OwnedCollection, SyncOwnedCollection

__all__ = [
    "IndexSpec",
    "OwnedCollection",
    "SyncOwnedCollection",
    "async_client",
    "database",
    "ensure_indexes",
    "ensure_indexes_sync",
    "from_bson",
    "mongo_errors",
    "new_id",
    "sync_client",
    "to_bson",
]
