"""The public API as tests read and call it. No product code imports this.

What there is to call comes from the committed OpenAPI document, so a new operation is tested
from the day it is in there.
"""

import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self

import httpx

from ct_local.layout import REPOSITORY

PREFIX = "/api/v1"
PROBLEM = "application/problem+json"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS = ("get", "post", "put", "patch", "delete")

ENDING_THE_SESSION = {
    "logout": "ends the session all other calls are made in",
    "change_password": "ends every session, and nobody knows the new password",
}
"""Operations that are not called at random, and why; they are tested by hand."""

Json = Any

# One of these fits every pattern of the contracts; a new pattern asks for one more.
_TEXTS = ("sample-text", "1", "BTC-USDT", "ema_cross", "BTC", "123456", "job_1")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of an OpenAPI document."""

    method: str
    path: str
    """Below the public prefix for the gateway, as written in the document for services."""
    definition: Mapping[str, Any] = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        """Return the operation's name."""
        return str(self.definition["operationId"])

    @property
    def public(self) -> bool:
        """Say whether nobody has to be signed in for it."""
        return not self.definition["security"]

    @property
    def unsafe(self) -> bool:
        """Say whether it may change something."""
        return self.method not in SAFE_METHODS

    @property
    def body(self) -> Mapping[str, Any] | None:
        """Return the schema of the body, None where none belongs."""
        content = self.definition.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        return None if schema is None else resolved(schema, self.document)

    @property
    def takes_input(self) -> bool:
        """Say whether there is anything in a call that could be wrong."""
        return self.body is not None or bool(self.definition.get("parameters"))

    def parameters(self, place: str) -> list[Mapping[str, Any]]:
        """Return the parameters in "path", "query" or "header"."""
        return [item for item in self.definition.get("parameters", ()) if item["in"] == place]

    def address(self, **values: str) -> str:
        """Return the path with its parameters filled in; a sample stands for what is not given."""
        path = self.path
        for parameter in self.parameters("path"):
            name = parameter["name"]
            value = values.get(name) or sample(parameter["schema"], self.document)
            path = path.replace(f"{{{name}}}", value)
        return path

    def sample_body(self) -> Json:
        """Return a body with every required field, valid by the schema; None where none belongs."""
        return None if self.body is None else sample(self.body, self.document)


@cache
def gateway_document() -> dict[str, Any]:
    """Return the committed document of the public API."""
    return document_of(REPOSITORY / "gateway" / "openapi.json")


def document_of(file: Path) -> dict[str, Any]:
    """Read a committed OpenAPI document."""
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


@cache
def gateway_endpoints() -> tuple[Endpoint, ...]:
    """Return every public operation but the stream, which is no HTTP call."""
    return tuple(item for item in endpoints(gateway_document(), PREFIX) if item.id != "open_stream")


def endpoints(document: Mapping[str, Any], prefix: str = "") -> Iterator[Endpoint]:
    """Give the operations of a document, with `prefix` taken off their paths."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield Endpoint(method.upper(), path.removeprefix(prefix), item[method], document)


def resolved(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a schema's reference into its document."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def branches(schema: Mapping[str, Any], document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the schemas a value may fit, `anyOf` taken apart."""
    plain = resolved(schema, document)
    if "anyOf" not in plain:
        return [plain]
    return [found for part in plain["anyOf"] for found in branches(part, document)]


def sample(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Json:
    """Return one small value that fits, objects with their required fields only."""
    plain = branches(schema, document)[0]
    if "const" in plain:
        return plain["const"]
    if "enum" in plain:
        return plain["enum"][0]
    match plain.get("type"):
        case "object":
            return _sample_object(plain, document)
        case "array":
            return [sample(plain["items"], document)] * plain.get("minItems", 0)
        case "integer" | "number":
            return plain.get("minimum", 1)
        case "boolean":
            return True
        case "string":
            return _sample_text(plain)
    raise AssertionError(f"no sample for {plain}")


def _sample_object(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Json:
    named = schema.get("properties", {})
    value = {name: sample(named[name], document) for name in schema.get("required", ())}
    kinds = schema.get("patternProperties") or {"": schema.get("additionalProperties")}
    while len(value) < schema.get("minProperties", 0):
        pattern, shape = next(iter(kinds.items()))
        value[_sample_text({"pattern": pattern})] = sample(shape, document)
    return value


def _sample_text(schema: Mapping[str, Any]) -> str:
    pattern = re.compile(schema.get("pattern", ""), re.ASCII)
    shortest = schema.get("minLength", 0)
    for text in _TEXTS:
        grown = text if "pattern" in schema else text.ljust(shortest, "x")
        if pattern.search(grown) and len(grown) >= shortest:
            return grown
    raise AssertionError(f"no sample for {schema}")


class Person:
    """Somebody with an account, signed in: the cookie is kept, the CSRF token sent."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.http = httpx.Client(base_url=base_url + PREFIX, timeout=30)
        self.email = f"{secrets.token_hex(8)}@example.org"
        self.password = secrets.token_urlsafe(18)
        self.id = ""
        self.csrf = ""

    @classmethod
    def registered(cls, base_url: str) -> Self:
        """Make an account at a gateway."""
        person = cls(base_url)
        person.enter("/auth/register")
        return person

    def enter(self, door: str = "/auth/login") -> None:
        """Sign in, or register."""
        credentials = {"email": self.email, "password": self.password}
        answer = self.http.post(door, json=credentials)
        assert answer.is_success, answer.text  # noqa: S101 - this is a test's own library
        session = answer.json()
        self.id, self.csrf = session["user"]["id"], session["csrf_token"]

    @property
    def cookie(self) -> str:
        """Return the Cookie header."""
        return "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())

    def call(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Call below the public prefix; `arguments` are httpx's."""
        headers = httpx.Headers(arguments.pop("headers", None))
        if method not in SAFE_METHODS:
            headers.setdefault("X-CSRF-Token", self.csrf)
        return self.http.request(method, path, headers=headers, **arguments)

    def get(self, path: str, **params: str) -> Json:
        """Return the JSON of a reading call that must succeed."""
        return _json(self.call("GET", path, params=params))

    def post(self, path: str, body: Json = None) -> Json:
        """Return the JSON of a call that must succeed."""
        return _json(self.call("POST", path, json=body))

    def leave(self) -> None:
        """Close the connections; the session stays."""
        self.http.close()


def _json(answer: httpx.Response) -> Json:
    assert answer.is_success, f"{answer.request.url}: {answer.text}"  # noqa: S101 - see above
    return answer.json()


def problem_faults(answer: httpx.Response) -> list[str]:
    """Say what keeps an answer from being a refusal as the API promises it; empty when it is."""
    if not 400 <= answer.status_code < 500:
        return [f"answered {answer.status_code}: {answer.text[:300]}"]
    if answer.headers.get("content-type") != PROBLEM:
        return [f"is {answer.headers.get('content-type')}, not a problem document"]
    problem = answer.json()
    faults = [f"has no {name}" for name in ("code", "title", "detail") if not problem.get(name)]
    if problem.get("status") != answer.status_code:
        faults.append(f"says status {problem.get('status')}, is {answer.status_code}")
    if problem.get("request_id") != answer.headers.get("x-request-id"):
        faults.append("names another request id than its header")
    if problem.get("code") == "invalid_request" and not problem.get("errors"):
        faults.append("names no field")
    faults += [
        f"says nothing in {name} of {error}"
        for error in problem.get("errors", ())
        for name in ("field", "message", "remedy")
        if not error.get(name)
    ]
    return faults
