"""Builds the vault's FastAPI application from its use cases."""

from fastapi import FastAPI

from ct_keyvault.api import keys, signing
from ct_keyvault.app.barrier import Barrier
from ct_keyvault.app.keys import Keys
from ct_keyvault.app.sign import Signer
from ct_keyvault.app.trail import AuditTrail
from ct_keyvault.errors import VaultSealed
from ct_kit.identity import Verifier
from ct_kit.web.fastapi import Check, Lifespan, create_service_app

CALLERS = ("gateway", "exchange-bridge")


def create_app(
    *,
    barrier: Barrier,
    keys_app: Keys,
    signer: Signer,
    trail: AuditTrail,
    verifier: Verifier,
    store_ready: Check,
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """Build the application; only `CALLERS` get past its door."""

    async def unsealed() -> None:
        if barrier.sealed_reason is not None:
            raise VaultSealed(barrier.sealed_reason)

    app = create_service_app(
        "CryptoTrade key vault",
        "keyvault",
        verifier=verifier,
        readiness={"vault": unsealed, "database": store_ready},
        lifespan=lifespan,
    )
    app.include_router(keys.router(keys_app, trail))
    app.include_router(signing.router(keys_app, signer, trail))
    return app
