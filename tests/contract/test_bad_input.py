"""What nobody should send is refused by every operation, with the field and the remedy."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from ct_local.testing_api import PREFIX, Endpoint, Person, branches, problem_faults

pytestmark = pytest.mark.platform

JSON = {"Content-Type": "application/json"}
LARGEST_BODY = 256 * 1024
KINDS: dict[str, Any] = {
    "object": {"a": 1},
    "array": ["a"],
    "string": "text",
    "number": 1.5,
    "boolean": True,
    "null": None,
}
UNREADABLE = {
    "cut short": b'{"a": ',
    "not JSON at all": b"a=1",
    "a comment": b'{"a": 1} // b',
    "NaN": b'{"a": NaN}',
    "a number of 400 digits": b'{"a": ' + b"9" * 400 + b"}",
    "the same name twice": b'{"a": 1, "a": 2}',
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a thousand levels": b"[" * 1_000 + b"]" * 1_000,
    "an empty body": b"",
    "only blanks": b"  \n ",
    "a list": b"[]",
    "a text": b'"text"',
    "a number": b"1",
    "null": b"null",
}


def send(person: Person, operation: Endpoint, body: Any) -> httpx.Response:
    # escaped as ASCII: httpx's own encoder cannot write a lone surrogate
    content = json.dumps(body).encode()
    return person.call(operation.method, operation.address(), content=content, headers=JSON)


def properties(operation: Endpoint) -> dict[str, list[str]]:
    """Return the JSON types each field of the body takes."""
    assert operation.body
    return {
        name: [str(part.get("type")) for part in branches(schema, operation.document)]
        for name, schema in operation.body["properties"].items()
    }


def assert_refused(answer: httpx.Response, *, field: str | None = None) -> None:
    assert problem_faults(answer) == []
    if field is not None:
        assert answer.status_code == 422, answer.text
        named = [error["field"] for error in answer.json()["errors"]]
        assert any(name == field or name.startswith(f"{field}.") for name in named), answer.text


def test_a_missing_field_is_named(person: Person, operation_with_body: Endpoint) -> None:
    body = operation_with_body.sample_body()
    assert operation_with_body.body
    for name in operation_with_body.body.get("required", ()):
        without = {key: value for key, value in body.items() if key != name}
        assert_refused(send(person, operation_with_body, without), field=f"body.{name}")


def test_an_extra_field_is_named(person: Person, operation_with_body: Endpoint) -> None:
    for name in ("owner", "is_admin", "__proto__", "a b", "ä"):
        body = {**operation_with_body.sample_body(), name: "x"}
        assert_refused(send(person, operation_with_body, body), field=f"body.{name}")


def test_a_field_of_the_wrong_type_is_named(person: Person, operation_with_body: Endpoint) -> None:
    sample = operation_with_body.sample_body()
    for name, types in properties(operation_with_body).items():
        taken = {"number"} if "integer" in types else set()
        for kind in KINDS.keys() - set(types) - taken:
            answer = send(person, operation_with_body, {**sample, name: KINDS[kind]})
            assert_refused(answer, field=f"body.{name}")
        if "integer" in types:
            answer = send(person, operation_with_body, {**sample, name: 1.5})
            assert_refused(answer, field=f"body.{name}")


def test_a_number_written_as_text_is_no_number(
    person: Person, operation_with_body: Endpoint
) -> None:
    for name, types in properties(operation_with_body).items():
        if {"integer", "number"} & set(types):
            body = {**operation_with_body.sample_body(), name: "5"}
            assert_refused(send(person, operation_with_body, body), field=f"body.{name}")


def test_operators_of_the_database_are_refused(
    person: Person, operation_with_body: Endpoint
) -> None:
    sample = operation_with_body.sample_body()
    for operator in ({"$gt": ""}, {"$ne": None}, {"$where": "sleep(1000)"}, {"a.b": 1}):
        for name in properties(operation_with_body):
            assert_refused(send(person, operation_with_body, {**sample, name: operator}))
        assert_refused(send(person, operation_with_body, {**sample, **operator}))
        assert_refused(send(person, operation_with_body, operator))


def test_a_wrong_parameter_of_a_strategy_is_named(
    person: Person, strategy_operation: Endpoint
) -> None:
    sample = strategy_operation.sample_body()
    for strategy in person.get("/strategies")["items"]:
        for name, schema in strategy["parameters"]["properties"].items():
            wrong = [value for kind, value in KINDS.items() if kind != schema["type"]]
            if schema["type"] in {"integer", "number"}:
                wrong = [*KINDS.values(), schema["minimum"] - 1, schema["maximum"] + 1, "5"]
                wrong.remove(KINDS["number"])
            for value in wrong:
                body = {**sample, "strategy": strategy["id"], "parameters": {name: value}}
                answer = send(person, strategy_operation, body)
                assert_refused(answer, field=f"body.parameters.{name}")
        body = {**sample, "strategy": strategy["id"], "parameters": {"surprise": 1}}
        answer = send(person, strategy_operation, body)
        assert_refused(answer, field="body.parameters.surprise")


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "a\udfffb"], ids=["NUL", "high", "low"])
def test_text_no_database_holds_is_refused(
    person: Person, operation_with_body: Endpoint, text: str
) -> None:
    sample = operation_with_body.sample_body()
    for name, types in properties(operation_with_body).items():
        if "string" in types:
            assert_refused(send(person, operation_with_body, {**sample, name: text}))
        if "object" in types:
            assert_refused(send(person, operation_with_body, {**sample, name: {text: text}}))
    assert_refused(send(person, operation_with_body, {**sample, text: "x"}))


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_is_no_object_of_json_is_refused(
    person: Person, operation_with_body: Endpoint, body: bytes
) -> None:
    address = operation_with_body.address()
    answer = person.call(operation_with_body.method, address, content=body, headers=JSON)
    assert_refused(answer)
    assert answer.status_code in {400, 422}


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
def test_an_oversized_body_is_refused(
    person: Person, operation_with_body: Endpoint, *, chunked: bool
) -> None:
    name = next(iter(properties(operation_with_body)))
    body = {**operation_with_body.sample_body(), name: "x" * LARGEST_BODY}
    content = json.dumps(body).encode()

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(content), 65_536):
            yield content[start : start + 65_536]

    answer = person.call(
        operation_with_body.method,
        operation_with_body.address(),
        content=pieces() if chunked else content,
        headers=JSON,
    )
    assert_refused(answer)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/json; charset=utf-16",
    ],
)
def test_a_body_not_declared_as_json_is_refused(
    person: Person, operation_with_body: Endpoint, content_type: str | None
) -> None:
    answer = person.call(
        operation_with_body.method,
        operation_with_body.address(),
        content=json.dumps(operation_with_body.sample_body()).encode(),
        headers={} if content_type is None else {"Content-Type": content_type},
    )
    assert_refused(answer)
    assert answer.status_code == 415


def test_a_call_without_a_body_takes_none(person: Person, operation_without_body: Endpoint) -> None:
    for body in ({"a": 1}, ["a"], {"$gt": ""}):
        answer = send(person, operation_without_body, body)
        assert_refused(answer)
        assert answer.status_code == 422


def test_unknown_and_repeated_query_parameters_are_named(
    person: Person, operation: Endpoint
) -> None:
    for query in ("surprise=1", "surprise=1&surprise=2", "a[$gt]=1", "surprise"):
        path = f"{operation.address()}?{query}"
        # nothing to do for the operation: the query is looked at before its body
        assert_refused(person.call(operation.method, path))


def test_query_parameters_of_the_wrong_shape_are_named(person: Person, operation: Endpoint) -> None:
    for parameter in operation.parameters("query"):
        for value in ("", "\N{ZERO WIDTH SPACE}", "'\"<>", "x" * 3_000, "+1e999", "\ud800", "\0"):
            raw = "".join(f"%{byte:02x}" for byte in value.encode(errors="surrogatepass"))
            path = f"{operation.address()}?{parameter['name']}={raw}"
            assert_refused(person.call(operation.method, path))


HOSTILE_SEGMENTS = {
    "nothing": "",
    "a dot": ".",
    "two dots": "..",
    "encoded dots": "%2e%2e",
    "encoded slash": "a%2Fb",
    "way out": "..%2f..%2fv1%2fstream",
    "backslashes": "..%5c..%5cv1",
    "twice encoded": "%252e%252e%252f",
    "NUL": "a%00b",
    "line break": "a%0d%0aX-User-Id:%20x",
    "blank": "a%20b",
    "not UTF-8": "%ff%fe",
    "overlong UTF-8": "%c0%ae%c0%ae",
    "lone surrogate": "%ed%a0%80",
    "emoji": "%F0%9F%98%80",
    "operator": "%7B%22%24gt%22%3A%22%22%7D",
    "a template": "{id}",
    "65 characters": "a" * 65,
    "5000 characters": "a" * 5_000,
    "matrix": "a;b=c",
    "unknown": "nobody-has-this",
    "full-width digits": "%EF%BC%91",
}


@pytest.mark.parametrize("segment", HOSTILE_SEGMENTS.values(), ids=HOSTILE_SEGMENTS)
def test_an_id_that_nothing_has_is_refused(
    person: Person, operation_with_parameter: Endpoint, segment: str
) -> None:
    parameter = operation_with_parameter.parameters("path")[0]["name"]
    path = operation_with_parameter.path.replace(f"{{{parameter}}}", segment)
    body = operation_with_parameter.sample_body()

    answer = send_verbatim(person, operation_with_parameter.method, path, body)

    assert_refused(answer)
    assert answer.status_code in {404, 422}


def send_verbatim(person: Person, method: str, path: str, body: Any) -> httpx.Response:
    """Send a path exactly as written: httpx would resolve its dots and encode the rest."""
    connection = http.client.HTTPConnection(urlsplit(person.base_url).netloc, timeout=30)
    headers = {"Cookie": person.cookie, "X-CSRF-Token": person.csrf, **JSON}
    content = None if body is None else json.dumps(body)
    try:
        connection.request(method, PREFIX + path, content, headers)
        answer = connection.getresponse()
        return httpx.Response(
            answer.status, headers=dict(answer.getheaders()), content=answer.read()
        )
    finally:
        connection.close()
