"""Names the concrete adapters and builds the vault from them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from fastapi import FastAPI

from ct_keyvault.adapters.mongo import INDEXES, MongoAudit, MongoKeyrings, MongoKeys
from ct_keyvault.adapters.root_key import FileRootKey
from ct_keyvault.api.app import CALLERS, create_app
from ct_keyvault.app.barrier import Barrier
from ct_keyvault.app.keys import Keys
from ct_keyvault.app.sign import Signer
from ct_keyvault.app.trail import AuditTrail
from ct_keyvault.domain.rate import SignRate
from ct_keyvault.errors import VaultSealed
from ct_keyvault.ports import AuditStore, Clock, KeyStore, RootKeySource
from ct_keyvault.settings import KeyvaultSettings
from ct_kit.errors import CtError
from ct_kit.identity import Verifier
from ct_kit.logs import get_logger
from ct_kit.mongo import async_client, database, ensure_indexes, mongo_errors

_UNSEAL_RETRY_S = 2.0
log = get_logger(__name__)


def utc_now() -> datetime:
    """Return the time of the machine in whole milliseconds, which is what MongoDB keeps."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def bootstrap(
    settings: KeyvaultSettings,
    *,
    root_key: RootKeySource | None = None,
    key_store: KeyStore | None = None,
    audit_store: AuditStore | None = None,
    clock: Clock = utc_now,
) -> FastAPI:
    """Build the application; it connects, and tries to unseal, when it starts."""
    client = async_client(settings.mongodb_uri)
    vault_database = database(client, "keyvault", settings.mongodb_prefix)
    records = key_store or MongoKeys(vault_database)
    barrier = Barrier(
        root_key or FileRootKey(settings.root_key_file), MongoKeyrings(vault_database), records
    )
    trail = AuditTrail(audit_store or MongoAudit(vault_database), barrier, clock)
    keys = Keys(records, barrier, trail, clock)
    rate = SignRate(settings.sign_per_second, settings.sign_burst)

    async def store_ready() -> None:
        with mongo_errors():
            await client.admin.command("ping")

    async def open_store_and_unseal() -> None:
        await ensure_indexes(vault_database, INDEXES)
        await barrier.unseal()
        log.info("vault_unsealed")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        unsealing = asyncio.create_task(_until_unsealed(barrier, open_store_and_unseal))
        try:
            yield
        finally:
            unsealing.cancel()
            with suppress(asyncio.CancelledError):
                await unsealing
            await client.close()

    return create_app(
        barrier=barrier,
        keys_app=keys,
        signer=Signer(keys, barrier, trail, rate, clock),
        trail=trail,
        verifier=Verifier("keyvault", settings.identity_trust_dir, CALLERS),
        store_ready=store_ready,
        lifespan=lifespan,
    )


async def _until_unsealed(barrier: Barrier, attempt: Callable[[], Awaitable[None]]) -> None:
    # An operator who puts the root key in place later needs no restart of ours.
    while True:
        try:
            await attempt()
        except CtError as fault:
            if not isinstance(fault, VaultSealed):
                barrier.sealed_reason = fault.detail
            log.warning("vault_sealed", code=fault.code, reason=fault.detail)
            await asyncio.sleep(_UNSEAL_RETRY_S)
        else:
            return
