"""The problem document as the default answer of every operation in an OpenAPI document."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from ct_kit.contracts.problem import Problem
from ct_kit.web.problems import MEDIA_TYPE

_REFERENCE = {"$ref": "#/components/responses/Problem"}
_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")


def with_problems(app: FastAPI) -> None:
    """Let `app.openapi()` declare our problem document instead of FastAPI's own 422 shape."""
    build = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = add_problems(build())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to extend it


def add_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Add the problem answer to every operation of a document and return it."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for stale in ("HTTPValidationError", "ValidationError"):
        schemas.pop(stale, None)
    _, definitions = models_json_schema(
        [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
    )
    schemas.update(definitions["$defs"])
    components.setdefault("responses", {})["Problem"] = {
        "description": "A problem document (RFC 9457) with a stable code.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in document.get("paths", {}).values():
        for method in _METHODS:
            if method in path:
                responses = path[method].setdefault("responses", {})
                if "HTTPValidationError" in str(responses.get("422")):
                    del responses["422"]
                responses.setdefault("default", _REFERENCE)
    return document
