"""Authenticate: from the session cookie to the session, or 401 with the reason."""

from ct_gateway.domain.sessions import SignedIn, is_session_id
from ct_gateway.pipeline.call import Inbound
from ct_gateway.ports import Sessions
from ct_kit.errors import Unauthenticated


async def authenticate(headers: Inbound, cookie_name: str, sessions: Sessions) -> SignedIn:
    """Return the session of the cookie.

    Raises `Unauthenticated`: `session_required` without a cookie, `session_ended` when auth
    does not know it, and `Unavailable` when auth cannot be asked: login fails closed.
    """
    session_id = presented_session_id(headers, cookie_name)
    if session_id is None:
        raise Unauthenticated("session_required", "Sign in first.")
    session = await sessions.find(session_id)
    if session is None:
        raise Unauthenticated("session_ended", "The session has ended. Sign in again.")
    return session


def presented_session_id(headers: Inbound, cookie_name: str) -> str | None:
    """Read the session id from the cookies; None when absent, malformed, or ambiguous.

    Two cookies of the name mean somebody planted one from a sibling host, so neither counts.
    """
    values = [
        value.strip().strip('"')
        for header in headers.all(b"cookie")
        for name, _, value in (pair.partition("=") for pair in header.split(";"))
        if name.strip() == cookie_name
    ]
    if len(values) != 1 or not is_session_id(values[0]):
        return None
    return values[0]
