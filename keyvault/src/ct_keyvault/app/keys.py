"""What an owner and the bridge do with keys, other than sign."""

from dataclasses import replace

import orjson
from pydantic import SecretStr

from ct_keyvault.app.barrier import Barrier
from ct_keyvault.app.trail import AuditTrail
from ct_keyvault.domain.envelope import Place
from ct_keyvault.domain.records import KeyRecord, Permissions, State, hint
from ct_keyvault.domain.secret import Secret, cleared_after
from ct_keyvault.domain.signing import SecretRefusedError, new_pair, read_secret
from ct_keyvault.errors import key_not_found
from ct_keyvault.ports import Clock, KeyStore
from ct_kit.contracts.keys import KeyCreate, PairCreate, VerificationReport
from ct_kit.domain.identifiers import new_id
from ct_kit.errors import Conflict, FieldError, InvalidRequest

_REUSED = "This Idempotency-Key was already used with another body."


class Keys:
    """Use cases on key records. Each change is in the audit chain before it is in the store."""

    def __init__(self, store: KeyStore, barrier: Barrier, trail: AuditTrail, clock: Clock) -> None:
        self._store = store
        self._barrier = barrier
        self._trail = trail
        self._clock = clock

    async def add(
        self, owner: str, caller: str, request: KeyCreate, idempotency_key: str | None
    ) -> KeyRecord:
        """Seal a key made at the venue. It may only read until the venue vouched for it."""
        if request.passphrase is not None:
            raise _refused_field("passphrase", "Binance keys have none.", "Leave it out.")
        secret_text = request.api_secret.get_secret_value()
        api_key = _api_key(request.api_key)
        digest = self._barrier.digest(
            orjson.dumps([request.venue, request.label, api_key, secret_text])
        )
        if earlier := await self._earlier(owner, idempotency_key, digest):
            return earlier
        try:
            kind, secret_bytes = read_secret(secret_text)
        except SecretRefusedError as refused:
            raise _refused_field(
                "api_secret", str(refused), "Paste the secret as the venue shows it."
            ) from refused
        place = Place(owner, new_id("key"), request.venue, 1)
        with cleared_after(Secret(bytearray(api_key.encode()), secret_bytes)) as secret:
            sealed = await self._barrier.enclose(place, secret)
        record = KeyRecord(
            id=place.record_id,
            owner=owner,
            venue=request.venue,
            label=request.label,
            kind=kind,
            purpose="exchange",
            api_key_hint=hint(api_key),
            state="unverified",
            sealed=sealed,
            created_at=self._clock(),
            idempotency_key=idempotency_key,
            request_digest=digest if idempotency_key else None,
        )
        return await self._add(record, "key_created", caller)

    async def make_pair(
        self, owner: str, caller: str, request: PairCreate, idempotency_key: str | None
    ) -> KeyRecord:
        """Make an Ed25519 pair inside; it signs nothing until it is activated."""
        digest = self._barrier.digest(
            orjson.dumps(["pair", request.venue, request.label, request.purpose])
        )
        if earlier := await self._earlier(owner, idempotency_key, digest):
            return earlier
        place = Place(owner, new_id("key"), request.venue, 1)
        seed, public_key_pem = new_pair()
        with cleared_after(Secret(bytearray(), seed)) as secret:
            sealed = await self._barrier.enclose(place, secret)
        record = KeyRecord(
            id=place.record_id,
            owner=owner,
            venue=request.venue,
            label=request.label,
            kind="ed25519",
            purpose=request.purpose,
            api_key_hint="",
            state="pending",
            sealed=sealed,
            created_at=self._clock(),
            public_key_pem=public_key_pem,
            idempotency_key=idempotency_key,
            request_digest=digest if idempotency_key else None,
        )
        return await self._add(record, "pair_made", caller)

    async def activate(self, owner: str, caller: str, key_id: str, api_key: SecretStr) -> KeyRecord:
        """Add the API key the venue gave for a pair. Repeating it with the same key is harmless."""
        record = await self.get(owner, key_id)
        await self._trail.require_current(record)
        text = _api_key(api_key)
        with cleared_after(await self._barrier.disclose(record)) as secret:
            if record.state != "pending":
                if bytes(secret.api_key) == text.encode():
                    return record
                raise Conflict("key_active", "This key already has its API key.")
            secret.api_key = bytearray(text.encode())
            place = replace(record.place(), version=record.sealed.version + 1)
            sealed = await self._barrier.enclose(place, secret)
        # The bridge itself registers paper keys at the simulator: there is nothing to vouch for.
        state: State = "verified" if record.purpose == "paper" else "unverified"
        activated = replace(record, sealed=sealed, state=state, api_key_hint=hint(text))
        # Two entries: were the new version named before it is stored, a crash between the two
        # would look like a rollback and lose the key.
        activated = await self._replace(record, activated, "pair_activating", caller)
        await self._trail.record(
            "pair_activated", owner, key_id, caller=caller, version=activated.sealed.version
        )
        return activated

    async def report(
        self, owner: str, caller: str, key_id: str, report: VerificationReport
    ) -> KeyRecord:
        """Keep what the bridge learned from the venue about a key."""
        record = await self.get(owner, key_id)
        if record.state == "pending":
            raise Conflict("key_pending", "The key pair waits for its API key.")
        told = report.permissions
        verified = replace(
            record,
            state=report.state,
            state_reason=report.reason,
            permissions=Permissions(**told.model_dump()) if told else None,
            verified_at=self._clock(),
        )
        event = f"key_{report.state}"
        return await self._replace(record, verified, event, caller, report.reason or "")

    async def get(self, owner: str, key_id: str) -> KeyRecord:
        """Return one key of this owner; raises `NotFound` for unknown and foreign ones alike."""
        record = await self._store.get(owner, key_id)
        if record is None:
            raise key_not_found()
        return record

    async def exchange_keys(self, owner: str) -> list[KeyRecord]:
        """Return the owner's exchange keys, oldest first."""
        return await self._store.exchange_keys(owner)

    async def remove(self, owner: str, caller: str, key_id: str) -> None:
        """Destroy a key; its audit stays."""
        record = await self.get(owner, key_id)
        await self._trail.record(
            "key_deleted", owner, key_id, caller=caller, version=record.sealed.version
        )
        await self._store.remove(owner, key_id)

    async def _earlier(self, owner: str, key: str | None, digest: str) -> KeyRecord | None:
        earlier = await self._store.by_idempotency_key(owner, key) if key else None
        if earlier is not None and earlier.request_digest != digest:
            raise InvalidRequest("idempotency_key_reused", _REUSED)
        return earlier

    async def _add(self, record: KeyRecord, event: str, caller: str) -> KeyRecord:
        await self._trail.record(
            event, record.owner, record.id, caller=caller, version=record.sealed.version
        )
        if await self._store.add(record):
            return record
        # The same request arrived twice at once and the other one was first.
        earlier = await self._earlier(
            record.owner, record.idempotency_key, record.request_digest or ""
        )
        if earlier is None:
            raise Conflict("key_changed", "The key was changed meanwhile; try again.")
        return earlier

    async def _replace(
        self, before: KeyRecord, after: KeyRecord, event: str, caller: str, detail: str = ""
    ) -> KeyRecord:
        await self._trail.record(
            event,
            before.owner,
            before.id,
            caller=caller,
            version=before.sealed.version,
            detail=detail,
        )
        changed = replace(after, revision=before.revision + 1)
        if not await self._store.replace(changed, expected_revision=before.revision):
            raise Conflict("key_changed", "The key was changed meanwhile; read it again.")
        return changed


def _api_key(value: SecretStr) -> str:
    text = value.get_secret_value().strip()
    if not (text.isascii() and text.isprintable() and " " not in text and len(text) >= 8):
        raise _refused_field("api_key", "is not an API key.", "Paste it as the venue shows it.")
    return text


def _refused_field(field: str, message: str, remedy: str) -> InvalidRequest:
    fault = FieldError(f"body.{field}", message, remedy)
    return InvalidRequest("key_not_usable", "The key cannot be used as given.", fields=[fault])
