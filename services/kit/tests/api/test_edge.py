"""What goes wrong at the edge of a service comes back as a problem document, never as a 5xx."""

import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.errors import AutoReconnect, ServerSelectionTimeoutError

from ct_kit.contracts.problem import Problem
from ct_kit.testing import Identities

GOOD = {"name": "abc", "price": "1.5"}
Reader = Callable[[httpx.Response, int], Problem]
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def problem() -> Reader:
    """Check that an answer is a problem document of this status, and return it."""

    def read(answer: httpx.Response, status: int) -> Problem:
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        document = Problem.model_validate_json(answer.content)
        assert document.status == status
        assert document.type == f"urn:cryptotrade:problem:{document.code}"
        assert document.request_id == answer.headers["x-request-id"]
        assert all(e.field and e.message and e.remedy.endswith(".") for e in document.errors)
        return document

    return read


async def test_a_good_request_is_answered(service: httpx.AsyncClient) -> None:
    answer = await service.post("/v1/tickets/7?limit=3", json=GOOD)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"id": 7, "limit": 3, "name": "abc", "price": "1.5", "extra": {}}


async def test_a_given_request_id_is_kept_and_a_malformed_one_replaced(
    service: httpx.AsyncClient,
) -> None:
    kept = await service.get("/v1/me", headers={"X-Request-Id": "req_from_gateway"})
    assert kept.headers.get_list("x-request-id") == ["req_from_gateway"]
    for bad in ("short", "a b c d e f g h", "x" * 65):
        replaced = await service.get("/v1/me", headers={"X-Request-Id": bad})
        assert replaced.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("InvalidRequest", 422),
        ("Unauthenticated", 401),
        ("Forbidden", 403),
        ("NotFound", 404),
        ("Conflict", 409),
        ("TooLarge", 413),
        ("TooManyRequests", 429),
        ("UpstreamFailed", 502),
        ("Unavailable", 503),
        ("OutcomeUnknown", 503),
    ],
)
async def test_each_error_has_its_status(
    service: httpx.AsyncClient, problem: Reader, name: str, status: int
) -> None:
    answer = await service.get(f"/v1/errors/{name}")
    document = problem(answer, status)
    assert (document.code, document.detail) == ("some_code", "Some detail.")
    assert ("retry-after" in answer.headers) == (name in ("TooManyRequests", "Unavailable"))


async def test_every_wrong_field_is_named_with_a_remedy(
    service: httpx.AsyncClient, problem: Reader
) -> None:
    body = {"name": "x", "price": 1.5, "hack": 1}
    found = problem(await service.post("/v1/tickets/7", json=body), 422)
    assert {e.field for e in found.errors} == {"body.name", "body.price", "body.hack"}
    remedies = {e.field: e.remedy for e in found.errors}
    assert remedies["body.name"] == "Send at least 2 characters."
    assert remedies["body.hack"] == "Remove this field."


async def test_a_missing_field_a_bad_query_and_a_bad_path_say_where_they_are(
    service: httpx.AsyncClient, problem: Reader
) -> None:
    missing = problem(await service.post("/v1/tickets/7", json={"name": "abc"}), 422)
    assert [e.field for e in missing.errors] == ["body.price"]
    query = problem(await service.post("/v1/tickets/7?limit=many", json=GOOD), 422)
    assert [e.field for e in query.errors] == ["query.limit"]
    path = problem(await service.post("/v1/tickets/-1", json=GOOD), 422)
    assert [e.field for e in path.errors] == ["path.ticket_id"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b'"text"',
        b'"{\\"name\\":\\"abc\\",\\"price\\":\\"1\\"}"',
        b"\xff\xfe",
        b'{"name":"a\\u0000b","price":"1"}',
        b'{"name":"\\ud800abc","price":"1"}',
        b'{"name":"abc","price":"1","extra":{"a\\u0000":1}}',
        b'{"name":"abc","price":"1","extra":{"$where":1}}',
        b'{"name":"abc","price":"1","extra":{"n":NaN}}',
        b'{"name":"abc","price":"1","extra":{"n":1e999}}',
        b'{"name":"abc","price":"1","extra":{"n":-Infinity}}',
        b'{"name":"abc","price":"1","extra":{"n":9223372036854775808}}',
        b'{"name":"abc","price":"1","extra":{"n":' + b"9" * 5_000 + b"}}",
        b'{"name":"abc","name":"abd","price":"1"}',
        b'{"name":"abc","price":"1","extra":{"l":' + b"[" * 40 + b"]" * 40 + b"}}",
        b"[" * 100_000,
        b'{"a":' * 20_000,
    ],
    ids=lambda body: repr(body[:40]),
)
async def test_a_hostile_body_is_a_422(
    service: httpx.AsyncClient, problem: Reader, body: bytes
) -> None:
    found = problem(await service.post("/v1/tickets/7", content=body, headers=JSON), 422)
    assert found.errors
    assert all(e.field == "body" or e.field.startswith("body.") for e in found.errors)


async def test_a_body_that_does_not_say_it_is_json_is_a_422(
    service: httpx.AsyncClient, problem: Reader
) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        body = json.dumps(GOOD).encode()
        answer = await service.post("/v1/tickets/7", content=body, headers={"Content-Type": kind})
        found = problem(answer, 422)
        assert "application/json" in found.errors[0].remedy


async def test_a_body_over_the_limit_is_a_413(service: httpx.AsyncClient, problem: Reader) -> None:
    big = b'"' + b"a" * 256 * 1024 + b'"'
    problem(await service.post("/v1/tickets/7", content=big, headers=JSON), 413)


async def test_unknown_paths_and_wrong_methods_are_problems(
    service: httpx.AsyncClient, problem: Reader
) -> None:
    assert problem(await service.get("/v1/nothing"), 404).code == "not_found"
    wrong = await service.put("/v1/me")
    assert problem(wrong, 405).code == "method_not_allowed"
    assert "GET" in wrong.headers["allow"]
    problem(await service.request("BREW", "/v1/me"), 405)


@pytest.mark.parametrize("path", ["/v1/errors/%00", "/v1/me?a=%00", "/v1/me?%00=1"])
async def test_nul_characters_in_the_address_are_a_422(
    service: httpx.AsyncClient, problem: Reader, path: str
) -> None:
    problem(await service.get(path), 422)


async def test_no_address_redirects_by_its_slashes(
    service: httpx.AsyncClient, problem: Reader
) -> None:
    problem(await service.get("/v1/me/"), 404)
    problem(await service.get("/v1//me"), 404)


async def test_a_fault_of_ours_says_nothing_but_its_request_id(
    service: httpx.AsyncClient, problem: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = await service.get("/v1/boom")
    found = problem(answer, 500)
    assert found.code == "internal_error"
    assert "hunter2" not in answer.text
    assert found.request_id in caplog.text
    assert "RuntimeError" in caplog.text


async def test_without_a_token_every_path_is_closed(
    service: httpx.AsyncClient, problem: Reader
) -> None:
    service.headers.pop("authorization")
    for path in ("/v1/me", "/v1/nothing", "/v1/boom", "/openapi.json", "/docs"):
        answer = await service.get(path)
        assert problem(answer, 401).code == "caller_unauthenticated"
        assert answer.headers["www-authenticate"].startswith("Bearer")
    problem(await service.post("/v1/tickets/x", content=b"{"), 401)


async def test_a_caller_that_is_not_on_the_list_is_forbidden(
    service: httpx.AsyncClient, problem: Reader, identities: Identities
) -> None:
    headers = identities.headers("proxy", "bots", "usr_1")
    assert problem(await service.get("/v1/me", headers=headers), 403).code == "caller_forbidden"


async def test_a_route_may_be_for_one_caller_only(
    service: httpx.AsyncClient, problem: Reader, identities: Identities
) -> None:
    problem(await service.get("/v1/private"), 403)
    headers = identities.headers("ai-engine", "bots")
    assert (await service.get("/v1/private", headers=headers)).status_code == 200


async def test_a_route_for_users_refuses_a_call_that_names_none(
    service: httpx.AsyncClient, problem: Reader, identities: Identities
) -> None:
    assert (await service.get("/v1/me")).json() == {"service": "gateway", "owner": "usr_1"}
    headers = identities.headers("gateway", "bots")
    assert problem(await service.get("/v1/me", headers=headers), 403).code == "user_required"


async def test_health_needs_no_token(service: httpx.AsyncClient) -> None:
    service.headers.pop("authorization")
    assert (await service.get("/healthz")).json() == {"status": "alive"}
    assert (await service.get("/readyz")).json() == {"ready": True, "reasons": []}


async def test_not_ready_says_why_without_saying_too_much(
    service: httpx.AsyncClient, faults: Any
) -> None:
    faults.not_ready = RuntimeError("mongodb://u:hunter2@h/")
    answer = await service.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "reasons": ["database: RuntimeError"]}


@pytest.mark.parametrize("fault", [ServerSelectionTimeoutError("x"), AutoReconnect("x")])
async def test_an_outage_of_the_database_is_a_503_wherever_it_appears(
    service: httpx.AsyncClient, problem: Reader, faults: Any, fault: Exception
) -> None:
    faults.by_name["outage"] = fault
    problem(await service.get("/v1/errors/outage"), 503)


async def test_metrics_count_by_template_and_never_by_raw_path(service: httpx.AsyncClient) -> None:
    await service.post("/v1/tickets/7", json=GOOD)
    await service.get("/v1/errors/NotFound")
    await service.get("/v1/secret-path-of-a-scanner")
    service.headers.pop("authorization")
    text = (await service.get("/metrics")).text
    counted = [line for line in text.splitlines() if line.startswith("http_requests_total")]
    assert any("/v1/tickets/" in line and 'status="200"' in line for line in counted)
    assert any("/v1/errors/" in line and 'status="404"' in line for line in counted)
    assert any('route="unmatched"' in line for line in counted)
    assert "scanner" not in text
    assert "NotFound" not in text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.binary(max_size=200) | json_values.map(lambda v: json.dumps(v).encode()))
async def test_no_body_at_all_makes_a_5xx(service: httpx.AsyncClient, body: bytes) -> None:
    answer = await service.post("/v1/tickets/7", content=body, headers=JSON)
    assert answer.status_code < 500
