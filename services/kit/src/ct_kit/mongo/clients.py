"""Clients whose durability is said explicitly instead of left to the server's defaults."""

from typing import Any, TypeVar, overload

from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from pydantic import SecretStr
from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.database import Database
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

Document = dict[str, Any]
Client = TypeVar("Client")

SERVER_SELECTION_MS = 3_000
"""How long a call waits for a primary: an election takes less, a person notices more."""

WRITE_TIMEOUT_MS = 5_000
"""After this a write's durability is unknown, which is not the same as failed (safety.md D4)."""

WRITE_CONCERN = WriteConcern(w="majority", j=True, wtimeout=WRITE_TIMEOUT_MS)
READ_CONCERN = ReadConcern("majority")
CODEC = CodecOptions[Document](
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD, document_class=dict
)

_OPTIONS: dict[str, Any] = {
    "w": "majority",
    "journal": True,
    "wTimeoutMS": WRITE_TIMEOUT_MS,
    "readConcernLevel": "majority",
    "retryWrites": True,
    "retryReads": True,
    "tz_aware": True,
    "uuidRepresentation": "standard",
    "serverSelectionTimeoutMS": SERVER_SELECTION_MS,
    "connectTimeoutMS": SERVER_SELECTION_MS,
    "socketTimeoutMS": 10_000,
    "maxPoolSize": 20,
    # One monitoring connection per process instead of two; a step-down is noticed by the next
    # operation, which asks again at once. It also spares the asynchronous driver (4.20) a race:
    # closing a client while its second monitor still connects leaks that socket.
    "serverMonitoringMode": "poll",
    "heartbeatFrequencyMS": 5_000,
    "appname": "cryptotrade",
}


def async_client(uri: SecretStr | str) -> AsyncMongoClient[Document]:
    """Make a client for asyncio; connects on first use, close it at the end."""
    return AsyncMongoClient(_plain(uri), **_OPTIONS)


def sync_client(uri: SecretStr | str) -> MongoClient[Document]:
    """Make a blocking client; make it after a fork, never before."""
    return MongoClient(_plain(uri), **_OPTIONS)


@overload
def database(
    client: AsyncMongoClient[Document], name: str, prefix: str = ""
) -> AsyncDatabase[Document]: ...
@overload
def database(client: MongoClient[Document], name: str, prefix: str = "") -> Database[Document]: ...
def database(
    client: AsyncMongoClient[Document] | MongoClient[Document], name: str, prefix: str = ""
) -> AsyncDatabase[Document] | Database[Document]:
    """Return the service's database, its name behind `prefix`, with our concerns said again.

    A connection string may weaken the client's concerns; the database's own win over it.
    """
    return client.get_database(
        f"{prefix}{name}",
        codec_options=CODEC,
        write_concern=WRITE_CONCERN,
        read_concern=READ_CONCERN,
    )


def _plain(uri: SecretStr | str) -> str:
    return uri.get_secret_value() if isinstance(uri, SecretStr) else uri
