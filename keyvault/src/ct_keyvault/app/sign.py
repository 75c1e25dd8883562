"""The one use of a secret: signing an allowed venue call, on record before it leaves."""

import hashlib
from dataclasses import dataclass

from ct_keyvault.app.barrier import Barrier
from ct_keyvault.app.keys import Keys
from ct_keyvault.app.trail import SIGNED, AuditTrail
from ct_keyvault.domain.canonical import ParamsRefusedError, canonical_query
from ct_keyvault.domain.policy import Refusal, decide
from ct_keyvault.domain.rate import SignRate
from ct_keyvault.domain.secret import cleared_after
from ct_keyvault.domain.signing import sign
from ct_keyvault.ports import Clock
from ct_kit.contracts.keys import SignRequest
from ct_kit.errors import FieldError, Forbidden, InvalidRequest, TooManyRequests


@dataclass(frozen=True, slots=True)
class Signed:
    """What the venue needs to accept the call."""

    api_key: str
    query: str
    signature: str

    def __repr__(self) -> str:
        return "Signed(***)"


class Signer:
    """Decides, opens, signs, records; in that order, and answers only after the last."""

    def __init__(
        self, keys: Keys, barrier: Barrier, trail: AuditTrail, rate: SignRate, clock: Clock
    ) -> None:
        self._keys = keys
        self._barrier = barrier
        self._trail = trail
        self._rate = rate
        self._clock = clock

    async def sign(self, owner: str, caller: str, key_id: str, request: SignRequest) -> Signed:
        """Sign one call of the owner's key.

        Raises `Forbidden` for what policy refuses (and records it), `InvalidRequest` for
        parameters that make no unambiguous request, `TooManyRequests` above the owner's rate.
        """
        self._spend(owner)
        record = await self._keys.get(owner, key_id)
        rule = decide(record, request.method, request.path)
        call = f"{request.method} {request.path}"
        version = record.sealed.version
        if isinstance(rule, Refusal):
            await self._trail.record(
                "sign_refused", owner, key_id, caller=caller, version=version, detail=call
            )
            raise Forbidden(rule.code, rule.detail)
        await self._trail.require_current(record)
        with cleared_after(await self._barrier.disclose(record)) as secret:
            api_key = secret.api_key.decode()
            try:
                query = canonical_query(request.params, rule.payload, api_key)
            except ParamsRefusedError as refused:
                fault = FieldError(f"body.params.{refused.field}", refused.detail, refused.remedy)
                detail = "The parameters cannot be signed."
                raise InvalidRequest("params_not_signable", detail, fields=[fault]) from refused
            signature = sign(record.kind, secret.secret, query)
        await self._trail.record(
            SIGNED, owner, key_id, caller=caller, version=version, detail=f"{call} {_mark(query)}"
        )
        return Signed(api_key, query, signature)

    def _spend(self, owner: str) -> None:
        wait_s = self._rate.spend(owner, self._clock().timestamp())
        if wait_s > 0:
            raise TooManyRequests(
                "sign_rate", "Too many signatures for this account.", retry_after_s=wait_s
            )


def _mark(query: str) -> str:
    # Enough to match an entry with the bridge's own record of the call, without its content.
    return hashlib.sha256(query.encode()).hexdigest()[:16]
