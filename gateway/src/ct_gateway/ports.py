"""What the pipeline needs from outside."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Protocol

from ct_gateway.domain.sessions import SignedIn
from ct_gateway.operations import Upstream


class Sessions(Protocol):
    """Who is behind a session id."""

    async def find(self, session_id: str) -> SignedIn | None:
        """Return the live session, or None. At most five seconds old."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One call to a service, complete: nothing of the public request is added later."""

    upstream: Upstream
    method: str
    target: str  # path and query, already encoded
    request_id: str
    timeout_s: float
    user_id: str | None = None
    roles: tuple[str, ...] = ()
    headers: Mapping[str, str] | None = None
    body: bytes = b""


@dataclass(slots=True)
class Reply:
    """A service's answer: whole, or in parts when it is long. Header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    parts: AsyncGenerator[bytes, None] | None = None


class Services(Protocol):
    """The services behind the gateway."""

    async def send(self, outgoing: Outgoing, *, whole: bool = False) -> Reply:
        """Send once and return the answer, whatever its status; `whole` reads it to the end.

        Raises `Unavailable` when the service did not take the call, `OutcomeUnknown` when an
        unsafe call left and no answer came, `UpstreamFailed` for an answer of no use.
        """
