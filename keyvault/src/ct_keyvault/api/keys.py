"""Routes on keys: add, list, look at, delete, audit, make pairs."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query

from ct_keyvault.api.views import audit_view, key_view
from ct_keyvault.app.keys import Keys
from ct_keyvault.app.trail import AuditTrail
from ct_keyvault.errors import key_not_found
from ct_kit.contracts.keys import Key, KeyAudit, KeyCreate, KeyList, Pair, PairActivate, PairCreate
from ct_kit.errors import Forbidden
from ct_kit.web.fastapi import UserDep

BRIDGE = "exchange-bridge"
KeyId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")
]


def router(keys: Keys, trail: AuditTrail) -> APIRouter:
    """Return the routes of an owner's keys."""
    routes = APIRouter(prefix="/v1/keys", tags=["keys"])

    @routes.post("", status_code=201)
    async def add_key(
        body: KeyCreate, caller: UserDep, idempotency_key: IdempotencyKey = None
    ) -> Key:
        """Seal a key made at the exchange."""
        record = await keys.add(caller.owner, caller.service, body, idempotency_key)
        return await key_view(record, trail)

    @routes.get("")
    async def list_keys(caller: UserDep) -> KeyList:
        """List the owner's exchange keys, oldest first."""
        records = await keys.exchange_keys(caller.owner)
        views = await asyncio.gather(*(key_view(record, trail) for record in records))
        return KeyList(items=list(views))

    @routes.post("/pairs", status_code=201)
    async def make_pair(
        body: PairCreate, caller: UserDep, idempotency_key: IdempotencyKey = None
    ) -> Pair:
        """Make an Ed25519 pair inside; only the bridge makes those of paper accounts."""
        if body.purpose == "paper" and caller.service != BRIDGE:
            raise Forbidden("caller_forbidden", "Only the exchange bridge makes paper keys.")
        record = await keys.make_pair(caller.owner, caller.service, body, idempotency_key)
        return Pair(key_id=record.id, public_key_pem=record.public_key_pem or "")

    @routes.get("/{key_id}")
    async def get_key(key_id: KeyId, caller: UserDep) -> Key:
        """Look at one key."""
        return await key_view(await keys.get(caller.owner, key_id), trail)

    @routes.delete("/{key_id}", status_code=204)
    async def delete_key(key_id: KeyId, caller: UserDep) -> None:
        """Destroy a key; its audit stays readable."""
        await keys.remove(caller.owner, caller.service, key_id)

    @routes.get("/{key_id}/audit")
    async def key_audit(
        key_id: KeyId, caller: UserDep, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> KeyAudit:
        """Tell what happened to a key, newest first, also after its deletion."""
        entries = await trail.of_key(caller.owner, key_id, limit)
        if not entries:
            raise key_not_found()
        return KeyAudit(items=[audit_view(entry) for entry in entries])

    @routes.post("/{key_id}/activate")
    async def activate(key_id: KeyId, body: PairActivate, caller: UserDep) -> Key:
        """Add the API key the venue gave for a pair's public half."""
        record = await keys.activate(caller.owner, caller.service, key_id, body.api_key)
        return await key_view(record, trail)

    return routes
