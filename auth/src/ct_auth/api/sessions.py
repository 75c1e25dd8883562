"""Routes on sessions: what the gateway asks of each, and what a person sees of theirs."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from ct_auth.api.user import json, nothing, session_required, signed_in, user_view
from ct_auth.app.door import Door
from ct_auth.app.sessions import SessionDesk
from ct_kit.contracts.auth import Introspection, SessionInfo, SessionList


class SessionPath(BaseModel):
    """A session's public name."""

    id: str = Field(pattern=r"^[a-z0-9_]{1,64}$")


def routes(desk: SessionDesk, door: Door) -> APIBlueprint:
    """Return the routes on sessions."""
    api = APIBlueprint("sessions", __name__, url_prefix="/v1", abp_tags=[Tag(name="sessions")])

    @api.post("/sessions/introspect", responses={200: Introspection})
    @session_required
    def introspect() -> Response:
        """Say whose session X-CT-Session is; 401 where it is nobody's any more."""
        here = signed_in()
        view = Introspection(
            user=user_view(here.account),
            session_ref=here.session.ref,
            expires_at=here.session.expires_at,
        )
        return json(view)

    @api.get("/auth/sessions", responses={200: SessionList})
    @session_required
    def list_sessions() -> Response:
        """List the user's live sessions, newest first."""
        here = signed_in()
        items = [
            SessionInfo(
                id=session.ref,
                created_at=session.created_at,
                last_seen_at=session.last_seen_at,
                expires_at=session.expires_at,
                user_agent=session.user_agent,
                current=session.ref == here.session.ref,
            )
            for session in desk.of_owner(here.account.id)
        ]
        return json(SessionList(items=items))

    @api.delete("/auth/sessions/<id>", responses={204: None})
    @session_required
    def end_session(path: SessionPath) -> Response:
        """End one of the user's sessions."""
        here = signed_in()
        desk.end(here.account.id, path.id)
        door.note(here.account.id, "session_ended", path.id)
        return nothing()

    return api
