"""Sign-in and sign-out: auth decides, the gateway keeps the id in the cookie alone."""

from datetime import UTC, datetime

from pydantic import BaseModel, ValidationError

from ct_gateway.domain.sessions import SignedIn, csrf_token
from ct_gateway.operations import Upstream
from ct_gateway.pipeline.authenticate import presented_session_id
from ct_gateway.pipeline.call import Answer, Call
from ct_gateway.pipeline.forward import outgoing, to_answer
from ct_gateway.ports import Outgoing, Services
from ct_gateway.upstream.sessions import IntrospectedSessions
from ct_gateway.web.cookies import SessionCookie
from ct_kit.contracts.auth import Session, SessionGrant
from ct_kit.errors import CtError, UpstreamFailed
from ct_kit.logs import get_logger

_log = get_logger(__name__)


class AuthCalls:
    """The calls under /auth that touch the cookie or the memory of sessions."""

    def __init__(
        self, services: Services, sessions: IntrospectedSessions, cookie: SessionCookie
    ) -> None:
        self._services = services
        self._sessions = sessions
        self._cookie = cookie

    async def sign_in(self, call: Call) -> Answer:
        """Register or sign in; the session a browser had before ends with the new one."""
        answer = await self._granting(call)
        before = presented_session_id(call.headers, self._cookie.name)
        if answer.status < 300 and before is not None:
            await self._end_quietly(call, before)
        return answer

    async def sign_out(self, call: Call) -> Answer:
        """End the session at auth, here, and in the browser."""
        reply = await self._services.send(_to_auth(call), whole=True)
        self._sessions.drop(call.signed_in.session_id)
        if reply.status >= 400 and reply.status not in {401, 404}:
            return to_answer(reply)
        return Answer(204, [self._cookie.clear()])

    async def read_session(self, call: Call) -> Answer:
        """Tell the page who is signed in and the token for unsafe calls."""
        return _json(200, _session(call.signed_in))

    async def end_session(self, call: Call) -> Answer:
        """End one of the user's sessions, at once here and in seconds elsewhere."""
        reply = await self._services.send(_to_auth(call), whole=True)
        session = call.signed_in
        self._sessions.drop_user(session.user.id, session_ref=call.parameters["id"])
        answer = to_answer(reply)
        if reply.status < 300 and call.parameters["id"] == session.session_ref:
            answer.headers.append(self._cookie.clear())
        return answer

    async def change_password(self, call: Call) -> Answer:
        """Change the password; every session known here is asked for anew."""
        answer = await self._granting(call)
        if answer.status < 300:
            self._sessions.drop_user(call.signed_in.user.id)
        return answer

    async def _granting(self, call: Call) -> Answer:
        reply = await self._services.send(_to_auth(call), whole=True)
        if reply.status >= 300:
            return to_answer(reply)
        if not reply.body and call.session is not None:
            return _json(call.operation.status, _session(call.session))
        try:
            grant = SessionGrant.model_validate_json(reply.body)
        except ValidationError as error:
            raise UpstreamFailed("auth_failed", "Auth gave an answer of no use.") from error
        session = SignedIn(
            grant.session_id.get_secret_value(), grant.user, grant.session_ref, grant.expires_at
        )
        answer = _json(call.operation.status, _session(session))
        answer.headers.append(
            self._cookie.grant(session.session_id, session.expires_at, datetime.now(UTC))
        )
        return answer

    async def _end_quietly(self, call: Call, session_id: str) -> None:
        self._sessions.drop(session_id)
        logout = Outgoing(
            upstream=Upstream.AUTH,
            method="POST",
            target="/v1/auth/logout",
            request_id=call.request_id,
            timeout_s=2.0,
            headers={"x-ct-session": session_id},
        )
        try:
            await self._services.send(logout, whole=True)
        except CtError as error:
            # The new session stands; the old one still ends by idling. Only the log can tell.
            _log.warning("old_session_not_ended", code=error.code)


def _to_auth(call: Call) -> Outgoing:
    return outgoing(call, upstream=Upstream.AUTH)


def _session(session: SignedIn) -> Session:
    return Session(
        user=session.user,
        csrf_token=csrf_token(session.session_id),
        expires_at=session.expires_at,
        session_ref=session.session_ref,
    )


def _json(status: int, body: BaseModel) -> Answer:
    encoded = body.model_dump_json().encode()
    return Answer(status, [(b"content-type", b"application/json")], encoded)
