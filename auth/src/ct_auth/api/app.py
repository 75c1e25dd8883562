"""Builds auth's Flask application from its use cases.

Flask-Login finds the signed-in user by the session id the gateway sends in `X-CT-Session`.
Flask's own session, a signed cookie in the browser, is not used: there is no key to sign it.
"""

from collections.abc import Callable

from flask import Request, request
from flask_login import LoginManager
from flask_openapi3.openapi import OpenAPI

from ct_auth.api import door, factors, sessions
from ct_auth.api.user import SESSION_HEADER, SignedInUser
from ct_auth.app.door import Door
from ct_auth.app.second_factor import SecondFactor
from ct_auth.app.sessions import SessionDesk
from ct_auth.errors import SessionEnded
from ct_auth.ports import Audit
from ct_kit.identity import Verifier
from ct_kit.web.flask import Check, create_service_app
from ct_kit.web.requests import PUBLIC_PATHS

CALLERS = ("gateway",)


def create_app(
    *,
    door_app: Door,
    second_factor: SecondFactor,
    desk: SessionDesk,
    audit: Audit,
    verifier: Verifier,
    store_ready: Check,
    store_alive: Check,
) -> OpenAPI:
    """Build the application; only the gateway gets past its door."""
    app = create_service_app(
        "CryptoTrade auth",
        "auth",
        verifier=verifier,
        readiness={"indexes": store_ready, "database": store_alive},
    )
    app.before_request(_needs(store_ready))
    _use_server_side_sessions(app, desk)
    app.register_api(door.routes(door_app, desk))
    app.register_api(sessions.routes(desk, door_app))
    app.register_api(factors.routes(second_factor, door_app, audit))
    return app


def _needs(store_ready: Check) -> Callable[[], None]:
    # Without its unique index two accounts could share an e-mail, so nothing is served before.
    def require_store() -> None:
        if request.path not in PUBLIC_PATHS:
            store_ready()

    return require_store


def _use_server_side_sessions(app: OpenAPI, desk: SessionDesk) -> None:
    def load(call: Request) -> SignedInUser | None:
        session_id = call.headers.get(SESSION_HEADER)
        found = desk.find(session_id) if session_id else None
        return SignedInUser(found) if found else None

    def refuse() -> None:
        raise SessionEnded

    manager = LoginManager()
    manager.session_protection = None  # it compares cookies we do not have
    manager.request_loader(load)
    manager.unauthorized_handler(refuse)
    manager.init_app(app)
