"""The documents of the services are true, and the gateway asks for nothing that is not in them."""

import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ct_gateway.operations import Operation, Upstream
from ct_gateway.routes import OPERATIONS
from ct_local.layout import REPOSITORY
from ct_local.testing_api import Endpoint, document_of, endpoints, gateway_endpoints

FOLDERS = {
    "auth": "auth",
    "keyvault": "keyvault",
    "exchange-bridge": "exchange-bridge",
    "proxy": "proxy",
    "ai-engine": "ai-engine",
    "bots": "services/bots",
    "simulator": "services/simulator",
    "gateway": "gateway",
}
MODULES = sorted(
    [*REPOSITORY.glob("*/src/ct_*/openapi.py"), *REPOSITORY.glob("*/*/src/ct_*/openapi.py")]
)
# What the gateway puts together itself begins with a call to one service.
COMPOSED = {"auth": "auth", "keys": "keyvault"}
ANSWERED_ALONE = {"read_session", "read_status"}
ASKED_BESIDE_THE_TABLE = [
    ("auth", "POST", "/v1/sessions/introspect"),
    ("auth", "POST", "/v1/auth/logout"),
    ("exchange-bridge", "POST", "/v1/keys/{}/verify"),
    ("exchange-bridge", "GET", "/v1/status"),
    ("exchange-bridge", "GET", "/v1/stream"),
    ("bots", "GET", "/v1/stream"),
    ("ai-engine", "GET", "/v1/stream"),
]
FORWARDED = [row for row in OPERATIONS if row.id not in ANSWERED_ALONE]


def test_every_service_has_a_document() -> None:
    described = {str(module.parents[2].relative_to(REPOSITORY)) for module in MODULES}
    assert described == set(FOLDERS.values())


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.parent.name)
def test_the_committed_document_is_what_the_service_says(module: Path, tmp_path: Path) -> None:
    target = tmp_path / "openapi.json"
    command = [sys.executable, "-m", f"{module.parent.name}.openapi", str(target)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=tmp_path).stdout
    said = printed or target.read_bytes()
    assert said == (module.parents[2] / "openapi.json").read_bytes(), "run: make openapi"


@pytest.mark.parametrize("row", FORWARDED, ids=lambda row: row.id)
def test_what_the_gateway_forwards_is_there_in_the_same_shape(row: Operation) -> None:
    public = next(item for item in gateway_endpoints() if item.id == row.id)
    service = COMPOSED[row.tag] if row.upstream is Upstream.SELF else row.upstream.value
    internal = table_of(service)[row.method, anonymous(row.upstream_path)]

    assert name_of(public.definition.get("requestBody")) == name_of(
        internal.definition.get("requestBody")
    )
    if public.body is not None:
        assert shape(public.body, public) == shape(internal.body, internal)
    for place in ("query", "header"):
        asked = {item["name"].lower() for item in public.parameters(place)}
        assert asked <= {item["name"].lower() for item in internal.parameters(place)}
    if row.upstream is not Upstream.SELF and row.response is not None:
        given, told = (answer(item, row.status) for item in (internal, public))
        assert name_of(given) == name_of(told)
        assert shape(schema_of(given), internal) == shape(schema_of(told), public)


@pytest.mark.parametrize(("service", "method", "path"), ASKED_BESIDE_THE_TABLE)
def test_what_the_gateway_asks_beside_its_table_is_there(
    service: str, method: str, path: str
) -> None:
    assert (method, path) in table_of(service)


@cache
def table_of(service: str) -> dict[tuple[str, str], Endpoint]:
    """Return a service's operations by method and path, its parameters without names."""
    document = document_of(REPOSITORY / FOLDERS[service] / "openapi.json")
    return {(item.method, anonymous(item.path)): item for item in endpoints(document)}


def anonymous(path: str) -> str:
    return re.sub(r"{\w+}", "{}", path)


def answer(endpoint: Endpoint, status: int) -> Mapping[str, Any]:
    found: Mapping[str, Any] = endpoint.definition["responses"][str(status)]
    return found


def schema_of(content: Mapping[str, Any] | None) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (content or {}).get("content", {}).get("application/json", {})
    return found.get("schema", {})


def name_of(content: Mapping[str, Any] | None) -> str:
    """Return the component a body or an answer is."""
    return str(schema_of(content).get("$ref", "")).rpartition("/")[2]


def shape(schema: Any, endpoint: Endpoint, above: tuple[str, ...] = ()) -> Any:
    """Return a schema with its references followed, without what only people read."""
    if isinstance(schema, list):
        return [shape(item, endpoint, above) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in above:
            return name
        target = endpoint.document["components"]["schemas"][name]
        return shape(target, endpoint, (*above, name))
    return {
        key: shape(value, endpoint, above)
        for key, value in schema.items()
        if (key not in {"title", "description"} or isinstance(value, Mapping))
        and (key, value) != ("default", None)
    }
