"""What a signed-in browser is to the gateway."""

import base64
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from ct_kit.contracts.auth import User

_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{32,128}", re.ASCII)
_CSRF_MESSAGE = b"ct-csrf-v1"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session auth has vouched for. `session_id` is a credential: never log it."""

    session_id: str
    user: User
    session_ref: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"SignedIn(user={self.user.id!r}, session_ref={self.session_ref!r})"


def is_session_id(text: str) -> bool:
    """Say whether a cookie value could be one of auth's session ids (256 random bits)."""
    return _SESSION_ID.fullmatch(text) is not None


def csrf_token(session_id: str) -> str:
    """Derive the CSRF token of a session: base64url(HMAC-SHA256(session id, "ct-csrf-v1")).

    Derived, so nothing is stored; keyed with the cookie's value, which a page of another
    origin can neither read nor choose.
    """
    digest = hmac.digest(session_id.encode(), _CSRF_MESSAGE, "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def csrf_matches(session_id: str, presented: str | None) -> bool:
    """Compare a presented CSRF token in constant time."""
    return presented is not None and hmac.compare_digest(
        csrf_token(session_id).encode(), presented.encode()
    )
