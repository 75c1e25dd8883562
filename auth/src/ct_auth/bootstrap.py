"""Names the concrete adapters and builds auth from them."""

from datetime import UTC, datetime, timedelta

from flask_openapi3.openapi import OpenAPI
from pymongo import timeout

from ct_auth.adapters.authenticator import TotpCodes
from ct_auth.adapters.hashing import Argon2Hasher
from ct_auth.adapters.mongo import INDEXES, MongoAccounts, MongoAudit, MongoFactors
from ct_auth.adapters.mongo_attempts import MongoAttempts
from ct_auth.adapters.mongo_sessions import MongoSessions
from ct_auth.api.app import CALLERS, create_app
from ct_auth.app.door import Door
from ct_auth.app.second_factor import SecondFactor
from ct_auth.app.sessions import SessionDesk
from ct_auth.app.throttling import Throttle
from ct_auth.domain.accounts import SessionLimits
from ct_auth.ports import Clock, Hasher
from ct_auth.settings import AuthSettings
from ct_kit.identity import Verifier
from ct_kit.mongo import database, ensure_indexes_sync, mongo_errors, sync_client

_PING_S = 1.5  # the kit's readiness checks must come back within two seconds


def utc_now() -> datetime:
    """Return the time of the machine in whole milliseconds, which is what MongoDB keeps."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def bootstrap(
    settings: AuthSettings, *, hasher: Hasher | None = None, clock: Clock = utc_now
) -> OpenAPI:
    """Build the application; call it in the worker, after the fork.

    Indexes are made and verified by the first call that reaches the database; none is served
    before they are.
    """
    client = sync_client(settings.mongodb_uri)
    store = database(client, "auth", settings.mongodb_prefix)
    accounts = MongoAccounts(store)
    limits = SessionLimits(
        idle=timedelta(seconds=settings.session_idle_s),
        absolute=timedelta(seconds=settings.session_absolute_s),
    )
    desk = SessionDesk(MongoSessions(store), accounts, limits, clock)
    second_factor = SecondFactor(MongoFactors(store), TotpCodes(), clock)
    audit = MongoAudit(store)
    door = Door(
        accounts=accounts,
        sessions=desk,
        second_factor=second_factor,
        throttle=Throttle(MongoAttempts(store), clock),
        audit=audit,
        hasher=hasher
        or Argon2Hasher(
            memory_kib=settings.hash_memory_kib,
            passes=settings.hash_passes,
            at_once=settings.hashes_at_once,
        ),
        clock=clock,
    )
    verified = False

    def store_ready() -> None:
        nonlocal verified
        if not verified:
            ensure_indexes_sync(store, INDEXES)
            verified = True

    def store_alive() -> None:
        with mongo_errors(), timeout(_PING_S):
            client.admin.command("ping")

    app = create_app(
        door_app=door,
        second_factor=second_factor,
        desk=desk,
        audit=audit,
        verifier=Verifier("auth", settings.identity_trust_dir, CALLERS),
        store_ready=store_ready,
        store_alive=store_alive,
    )
    app.extensions["ct_auth.client"] = client
    return app
