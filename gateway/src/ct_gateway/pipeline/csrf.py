"""CSRF: an unsafe call of a session carries the token only our page could read."""

from ct_gateway.domain.sessions import csrf_matches
from ct_gateway.pipeline.call import Call
from ct_kit.errors import Forbidden


def require_csrf(call: Call) -> None:
    """Refuse an unsafe call without the session's X-CSRF-Token (`csrf_missing`, `csrf_wrong`)."""
    if not call.operation.unsafe:
        return
    presented = call.headers.single(b"x-csrf-token")
    if presented is None:
        raise Forbidden(
            "csrf_missing", "Send the csrf_token of GET /api/v1/auth/session as X-CSRF-Token."
        )
    if not csrf_matches(call.signed_in.session_id, presented):
        raise Forbidden("csrf_wrong", "The X-CSRF-Token is not that of this session.")
