"""Sessions as auth knows them, remembered for three seconds."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import ValidationError

from ct_gateway.domain.sessions import SignedIn
from ct_gateway.operations import Upstream
from ct_gateway.ports import Outgoing, Services
from ct_kit.contracts.auth import Introspection
from ct_kit.domain.identifiers import new_id
from ct_kit.errors import UpstreamFailed
from ct_kit.logs import current_request_id

FRESH_S = 3.0
"""A logout at another replica is noticed within five seconds: this, and the call's own time."""
_CAPACITY = 10_000

_Digest = bytes
_Entry = tuple[SignedIn | None, float]


class IntrospectedSessions:
    """Ask auth once per session and three seconds, however many calls wait for the answer."""

    def __init__(
        self,
        services: Services,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._services = services
        self._clock = clock
        self._now = now
        self._entries: OrderedDict[_Digest, _Entry] = OrderedDict()
        self._asking: dict[_Digest, asyncio.Task[SignedIn | None]] = {}
        self._listeners: list[Callable[[str], None]] = []

    def on_end(self, listener: Callable[[str], None]) -> None:
        """Call `listener(session_ref)` as soon as a session is dropped here."""
        self._listeners.append(listener)

    async def find(self, session_id: str) -> SignedIn | None:
        """Return the live session, or None; raises `Unavailable` when auth cannot be asked."""
        digest = _digest(session_id)
        entry = self._entries.get(digest)
        if entry is not None and self._clock() < entry[1]:
            return self._alive(entry[0])
        task = self._asking.get(digest)
        if task is None:
            task = asyncio.create_task(self._ask(session_id))
            self._asking[digest] = task
            task.add_done_callback(lambda done: self._asked(digest, done))
        # Shielded: the caller who asked first may hang up, the others still wait.
        return self._alive(await asyncio.shield(task))

    def drop(self, session_id: str) -> None:
        """Forget a session that ended here, and an answer about it still under way."""
        digest = _digest(session_id)
        self._asking.pop(digest, None)
        entry = self._entries.pop(digest, None)
        if entry is not None and entry[0] is not None:
            self._tell(entry[0].session_ref)

    def drop_user(self, user_id: str, *, session_ref: str | None = None) -> None:
        """Forget the sessions of a user, or the one of that public name."""
        for digest, (session, _) in list(self._entries.items()):
            if session is None or session.user.id != user_id:
                continue
            if session_ref is None or session.session_ref == session_ref:
                del self._entries[digest]
                self._asking.pop(digest, None)
                self._tell(session.session_ref)

    def _alive(self, session: SignedIn | None) -> SignedIn | None:
        return session if session is not None and session.expires_at > self._now() else None

    def _asked(self, digest: _Digest, task: asyncio.Task[SignedIn | None]) -> None:
        if self._asking.get(digest) is not task:
            return  # dropped meanwhile: its answer is about a session that ended
        del self._asking[digest]
        if not task.cancelled() and task.exception() is None:
            self._entries[digest] = (task.result(), self._clock() + FRESH_S)
            self._entries.move_to_end(digest)
            if len(self._entries) > _CAPACITY:
                self._entries.popitem(last=False)

    async def _ask(self, session_id: str) -> SignedIn | None:
        reply = await self._services.send(
            Outgoing(
                upstream=Upstream.AUTH,
                method="POST",
                target="/v1/sessions/introspect",
                request_id=current_request_id() or new_id("req"),
                timeout_s=5.0,
                headers={"X-CT-Session": session_id},
            ),
            whole=True,
        )
        if reply.status in {401, 404}:
            return None
        if reply.status != 200:
            raise UpstreamFailed("auth_failed", "Auth could not say who is signed in.")
        try:
            found = Introspection.model_validate_json(reply.body)
        except ValidationError as error:
            raise UpstreamFailed("auth_failed", "Auth gave an answer of no use.") from error
        return SignedIn(session_id, found.user, found.session_ref, found.expires_at)

    def _tell(self, session_ref: str) -> None:
        for listener in self._listeners:
            listener(session_ref)


def _digest(session_id: str) -> _Digest:
    # The cache holds no index of credentials that a memory dump could read off.
    return hashlib.sha256(session_id.encode()).digest()
