"""A new exchange key: sealed by the vault first, then shown to the venue by the bridge."""

from ct_gateway.operations import Upstream
from ct_gateway.pipeline.call import Answer, Call
from ct_gateway.pipeline.forward import outgoing, to_answer
from ct_gateway.ports import Outgoing, Reply, Services
from ct_kit.contracts.keys import Key
from ct_kit.errors import CtError
from ct_kit.logs import get_logger

_log = get_logger(__name__)


class KeyCalls:
    """The calls under /keys that need more than one service."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def create(self, call: Call) -> Answer:
        """Seal the key and have it verified.

        The key is sealed and listed even when the venue cannot be asked now; its state says
        so, and POST /keys/{id}/verify asks again.
        """
        sealed = await self._services.send(outgoing(call, upstream=Upstream.KEYVAULT), whole=True)
        if sealed.status >= 300:
            return to_answer(sealed)
        verified = await self._verify(call, Key.model_validate_json(sealed.body).id)
        if verified is None:
            return to_answer(sealed)
        answer = to_answer(verified)
        answer.status = sealed.status
        return answer

    async def _verify(self, call: Call, key_id: str) -> Reply | None:
        session = call.signed_in
        verify = Outgoing(
            upstream=Upstream.BRIDGE,
            method="POST",
            target=f"/v1/keys/{key_id}/verify",
            request_id=call.request_id,
            timeout_s=call.operation.timeout_s,
            user_id=session.user.id,
            roles=tuple(session.user.roles),
        )
        try:
            reply = await self._services.send(verify, whole=True)
        except CtError as error:
            _log.warning("key_not_verified", key_id=key_id, code=error.code)
            return None
        if reply.status != 200:
            _log.warning("key_not_verified", key_id=key_id, status=reply.status)
            return None
        return reply
