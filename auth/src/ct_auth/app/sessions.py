"""Sessions: opaque outside, hashed inside, ended by idling, age, sign-out or a new password."""

from dataclasses import dataclass, replace

from ct_auth.domain.accounts import (
    LAST_SEEN_EVERY,
    Account,
    Session,
    SessionLimits,
    digest,
    new_session_id,
)
from ct_auth.ports import Accounts, Clock, Sessions
from ct_kit.domain.identifiers import new_id
from ct_kit.errors import NotFound

_USER_AGENT_CHARS = 300


@dataclass(frozen=True, slots=True)
class Grant:
    """A new session; `session_id` is known here, to the gateway and in the cookie only."""

    session_id: str
    account: Account
    session: Session

    def __repr__(self) -> str:
        return f"Grant({self.session.ref!r})"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A live session and whose it is."""

    account: Account
    session: Session


class SessionDesk:
    """Grants, finds, lists and ends sessions."""

    def __init__(
        self, sessions: Sessions, accounts: Accounts, limits: SessionLimits, clock: Clock
    ) -> None:
        self._sessions = sessions
        self._accounts = accounts
        self._limits = limits
        self._clock = clock

    def grant(self, account: Account, user_agent: str) -> Grant:
        """Begin a session under a new id: none that was known before sign-in is ever kept."""
        now = self._clock()
        session_id = new_session_id()
        session = Session(
            id_hash=digest(session_id),
            ref=new_id("ses"),
            owner=account.id,
            created_at=now,
            last_seen_at=now,
            idle_until=now + self._limits.idle,
            expires_at=now + self._limits.absolute,
            user_agent=user_agent[:_USER_AGENT_CHARS],
        )
        self._sessions.add(session)
        return Grant(session_id, account, session)

    def find(self, session_id: str) -> SignedIn | None:
        """Return the live session behind an id and move its idle limit on."""
        session = self._sessions.get(digest(session_id))
        now = self._clock()
        if session is None or not session.is_live(now):
            return None
        account = self._accounts.get(session.owner)
        if account is None:
            return None
        if now - session.last_seen_at >= LAST_SEEN_EVERY:
            session = replace(session, last_seen_at=now, idle_until=now + self._limits.idle)
            self._sessions.touch(session.id_hash, session.last_seen_at, session.idle_until)
        return SignedIn(account, session)

    def of_owner(self, owner: str) -> list[Session]:
        """Return the owner's live sessions, newest first."""
        return self._sessions.of_owner(owner, self._clock())

    def end(self, owner: str, ref: str) -> None:
        """End one session; raises `NotFound` for unknown and foreign ones alike."""
        if not self._sessions.remove(owner, ref):
            raise NotFound("session_not_found", "There is no such session.")

    def end_all(self, owner: str) -> None:
        """End every session of the owner."""
        self._sessions.remove_all(owner)
