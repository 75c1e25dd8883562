"""Routes only the exchange bridge may call: sign, and tell what the venue said of a key."""

from typing import Annotated

from fastapi import APIRouter, Depends

from ct_keyvault.api.keys import BRIDGE, KeyId
from ct_keyvault.api.views import key_view
from ct_keyvault.app.keys import Keys
from ct_keyvault.app.sign import Signer
from ct_keyvault.app.trail import AuditTrail
from ct_kit.contracts.keys import Key, Signature, SignRequest, VerificationReport
from ct_kit.identity import Caller
from ct_kit.web.fastapi import UserDep, only_callers

BridgeDep = Annotated[Caller, Depends(only_callers(BRIDGE))]


def router(keys: Keys, signer: Signer, trail: AuditTrail) -> APIRouter:
    """Return the bridge's routes."""
    routes = APIRouter(prefix="/v1/keys/{key_id}", tags=["signing"])

    @routes.post("/sign")
    async def sign(key_id: KeyId, body: SignRequest, _: BridgeDep, caller: UserDep) -> Signature:
        """Sign one venue call of the owner's key; on record before it is answered."""
        signed = await signer.sign(caller.owner, caller.service, key_id, body)
        return Signature(api_key=signed.api_key, query=signed.query, signature=signed.signature)

    @routes.put("/verification")
    async def report(key_id: KeyId, body: VerificationReport, _: BridgeDep, caller: UserDep) -> Key:
        """Keep what the venue said a key may do."""
        record = await keys.report(caller.owner, caller.service, key_id, body)
        return await key_view(record, trail)

    return routes
