"""Build the Flask app from what it serves."""

from collections.abc import Callable, Mapping

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.openapi import OpenAPI

from ct_kit.identity import Verifier
from ct_kit.web.flask import create_service_app, on_stop


def create_app(
    blueprint: APIBlueprint,
    verifier: Verifier,
    readiness: Mapping[str, Callable[[], object]],
    stop: Callable[[], None],
) -> OpenAPI:
    """Return the app; `stop` ends its open streams."""
    app = create_service_app(
        "CryptoTrade AI engine", "ai-engine", verifier=verifier, readiness=readiness
    )
    app.register_api(blueprint)
    on_stop(app, stop)
    return app
