"""Write the OpenAPI 3.1 document of the public API from the table of operations.

`python -m ct_gateway.openapi [FILE]` writes `gateway/openapi.json`, which is committed:
the frontend's types come from it, and a test fails when it is stale.
"""

import json
import re
import sys
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from ct_gateway.operations import Access, Operation, RateClass
from ct_gateway.paths import PATH_PARAMETERS
from ct_gateway.routes import OPERATIONS, PUBLIC_PREFIX
from ct_kit.contracts import markets, stream
from ct_kit.contracts.problem import Problem

Schema = dict[str, Any]
References = Mapping[tuple[Any, JsonSchemaMode], Schema]
_REF = "#/components/schemas/{model}"
_DEFAULT_FILE = Path(__file__).resolve().parents[2] / "openapi.json"
_STREAM_SHAPES: tuple[tuple[type[BaseModel], JsonSchemaMode], ...] = (
    (stream.StreamCommand, "validation"),
    (stream.StreamMessage, "serialization"),
    (markets.CandleUpdate, "serialization"),
)
_IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body give the same answer; another body gives 422.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"},
}


class _PlainSchema(GenerateJsonSchema):
    """Schemas without pydantic's title on every property: the key already names it."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Leave titles to models alone."""
        del schema
        return False


def document() -> Schema:
    """Build the document; equal input gives equal output, key for key."""
    references, schemas = _schemas()
    paths: dict[str, Schema] = {}
    for operation in OPERATIONS:
        path = paths.setdefault(PUBLIC_PREFIX + operation.path, {})
        path[operation.method.lower()] = _operation(operation, references)
    paths[f"{PUBLIC_PREFIX}/stream"] = {"get": _stream()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "CryptoTrade",
            "version": "1.0.0",
            "description": (
                "Decimals are strings, times are ISO 8601 in UTC, candle times are epoch "
                "milliseconds. Unsafe calls of a session carry X-CSRF-Token. Every refusal is "
                "a problem document (RFC 9457) with a stable code."
            ),
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(row.tag for row in OPERATIONS)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Problem": _problem_response("Refused or failed; see `code`.")},
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "ct_session",
                    "description": "`__Host-ct_session` over HTTPS.",
                },
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
            },
        },
    }


@cache
def render() -> str:
    """Give the document as it is committed."""
    return json.dumps(document(), indent=1, sort_keys=False, ensure_ascii=False) + "\n"


def _schemas() -> tuple[References, Schema]:
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = dict.fromkeys(_STREAM_SHAPES)
    for operation in OPERATIONS:
        if operation.request:
            wanted[operation.request, "validation"] = None
        if operation.response:
            wanted[operation.response, "serialization"] = None
    wanted[Problem, "serialization"] = None
    references, definitions = models_json_schema(
        list(wanted), ref_template=_REF, schema_generator=_PlainSchema
    )
    schemas = definitions["$defs"]
    return references, {name: schemas[name] for name in sorted(schemas)}


def _operation(operation: Operation, references: References) -> Schema:
    result: Schema = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
    }
    parameters = _path_parameters(operation) + _query_parameters(operation)
    if operation.idempotent_by_key:
        parameters.append(_IDEMPOTENCY_KEY)
    if parameters:
        result["parameters"] = parameters
    if operation.request:
        schema = references[operation.request, "validation"]
        result["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    result["responses"] = _responses(operation, references)
    result["security"] = _security(operation)
    return result


def _security(operation: Operation) -> list[Schema]:
    if operation.access is Access.PUBLIC:
        return []
    return [{"session": [], "csrf": []} if operation.unsafe else {"session": []}]


def _path_parameters(operation: Operation) -> list[Schema]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": f"^{PATH_PARAMETERS[name].pattern}$"},
        }
        for name in re.findall(r"{(\w+)}", operation.path)
    ]


def _query_parameters(operation: Operation) -> list[Schema]:
    if operation.query is None:
        return []
    shape = operation.query.model_json_schema(schema_generator=_PlainSchema)
    required = set(shape.get("required", ()))
    parameters = []
    for name, schema in shape["properties"].items():
        # "absent" is how a query says null
        branches = [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]
        plain = {key: value for key, value in schema.items() if key not in {"anyOf", "title"}}
        if branches:
            plain = {key: value for key, value in plain.items() if key != "default"} | branches[0]
        parameter: Schema = {"name": name, "in": "query", "required": name in required}
        if "description" in plain:
            parameter["description"] = plain.pop("description")
        parameters.append(parameter | {"schema": plain})
    return parameters


def _responses(operation: Operation, references: References) -> Schema:
    success: Schema = {"description": HTTPStatus(operation.status).phrase}
    if operation.response:
        schema = references[operation.response, "serialization"]
        success["content"] = {operation.media_type: {"schema": schema}}
    elif operation.status != HTTPStatus.NO_CONTENT:
        success["content"] = {operation.media_type: {"schema": {"type": "string"}}}
    responses: Schema = {str(operation.status): success}
    for status in _refusals(operation):
        responses[str(status)] = {"$ref": "#/components/responses/Problem"}
    responses["default"] = {"$ref": "#/components/responses/Problem"}
    return responses


def _refusals(operation: Operation) -> list[int]:
    statuses = {422, 429, 503}  # a query nobody asked for is 422 everywhere
    if operation.access is not Access.PUBLIC or operation.rate is RateClass.CREDENTIALS:
        statuses |= {401}
    if operation.unsafe:
        statuses |= {403, 409, 413, 415}
    if operation.request or "{" in operation.path:
        statuses |= {404}
    return sorted(statuses)


def _problem_response(description: str) -> Schema:
    schema = {"$ref": _REF.format(model="Problem")}
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": schema}},
    }


def _stream() -> Schema:
    return {
        "operationId": "open_stream",
        "summary": "WebSocket: send StreamCommand, receive StreamMessage",
        "tags": ["stream"],
        "responses": {
            "101": {"description": "Switching Protocols"},
            "default": {"$ref": "#/components/responses/Problem"},
        },
        "security": [{"session": []}],
    }


def main() -> None:
    """Write the document to the file named, or beside the package's sources."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else _DEFAULT_FILE
    target.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
