"""Who is signed in, and how records look from outside."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import orjson
from flask import Response, request
from flask_login import UserMixin, current_user, login_required

from ct_auth.app.door import Visitor
from ct_auth.app.sessions import Grant, SignedIn
from ct_auth.domain.accounts import Account
from ct_kit.contracts.auth import SessionGrant, User
from ct_kit.contracts.common import View
from ct_kit.errors import Forbidden
from ct_kit.web.flask import current_caller

SESSION_HEADER = "X-CT-Session"
ADDRESS_HEADER = "X-CT-Client-Address"
_ADDRESS_CHARS = 64

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


class SignedInUser(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """The user of a request, as Flask-Login wants one."""

    def __init__(self, signed_in: SignedIn) -> None:
        self.signed_in = signed_in
        self.id = signed_in.account.id


def session_required(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Let only a live session in; the named user must be its own where one is named."""
    guarded: Callable[Parameters, Answer] = login_required(view)
    return guarded


def signed_in() -> SignedIn:
    """Return the session of this request, inside `session_required`."""
    found: SignedIn = current_user.signed_in
    named = current_caller().user_id
    if named is not None and named != found.account.id:
        raise Forbidden("session_mismatch", "The session belongs to another user.")
    return found


def visitor() -> Visitor:
    """Return where the person is, as the gateway saw it."""
    address = request.headers.get(ADDRESS_HEADER, "unknown")[:_ADDRESS_CHARS]
    return Visitor(address, request.headers.get("User-Agent", ""))


def user_view(account: Account) -> User:
    """Return an account without anything secret."""
    return User(
        id=account.id,
        email=account.email,
        roles=list(account.roles),
        created_at=account.created_at,
        totp_enabled=account.totp_enabled,
    )


def json(view: View, status: int = 200) -> Response:
    """Answer with a wire shape."""
    return _answer(view.model_dump_json(), status)


def grant_json(grant: Grant, status: int = 200) -> Response:
    """Answer with a new session: the one place its id is written in the clear, to the gateway."""
    view = SessionGrant.model_validate(
        {
            "session_id": grant.session_id,
            "user": user_view(grant.account),
            "session_ref": grant.session.ref,
            "expires_at": grant.session.expires_at,
        }
    )
    revealed = {**view.model_dump(mode="json"), "session_id": grant.session_id}
    return _answer(orjson.dumps(revealed), status)


def _answer(body: bytes | str, status: int) -> Response:
    answer = Response(body, status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def nothing() -> Response:
    """Answer that it is done."""
    return Response(status=204)
