"""Routes that weigh a credential: register, sign in, change the password."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from ct_auth.api.user import grant_json, nothing, session_required, signed_in, visitor
from ct_auth.app.door import Door
from ct_auth.app.sessions import SessionDesk
from ct_kit.contracts.auth import LoginRequest, PasswordChange, RegisterRequest, SessionGrant


def routes(door: Door, desk: SessionDesk) -> APIBlueprint:
    """Return the door's routes."""
    api = APIBlueprint("door", __name__, url_prefix="/v1/auth", abp_tags=[Tag(name="door")])

    @api.post("/register", responses={201: SessionGrant})
    def register(body: RegisterRequest) -> Response:
        """Make an account and sign it in."""
        grant = door.register(body.email, body.password.get_secret_value(), visitor())
        return grant_json(grant, 201)

    @api.post("/login", responses={200: SessionGrant})
    def login(body: LoginRequest) -> Response:
        """Sign in."""
        password = body.password.get_secret_value()
        return grant_json(door.sign_in(body.email, password, body.totp, visitor()))

    @api.post("/logout", responses={204: None})
    @session_required
    def logout() -> Response:
        """End this session."""
        here = signed_in()
        desk.end(here.account.id, here.session.ref)
        door.note(here.account.id, "signed_out")
        return nothing()

    @api.post("/password", responses={200: SessionGrant})
    @session_required
    def change_password(body: PasswordChange) -> Response:
        """Set a new password; every other session ends and this one gets a new id."""
        current = body.current_password.get_secret_value()
        new = body.new_password.get_secret_value()
        return grant_json(door.change_password(signed_in(), current, new, visitor()))

    return api
