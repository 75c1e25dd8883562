"""Calls to other services: sent once, signed, problems raised, failures told apart."""

import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from ct_kit import errors
from ct_kit.http import ServiceClient, SyncServiceClient
from ct_kit.http.wire import http_errors
from ct_kit.logs import bind_request
from ct_kit.testing import Identities

Call = Callable[..., Awaitable[Any]]
TRANSPORT_FAILURES = {
    httpx.ConnectError: errors.Unavailable,
    httpx.ConnectTimeout: errors.Unavailable,
    httpx.PoolTimeout: errors.Unavailable,
    httpx.UnsupportedProtocol: errors.Unavailable,
    httpx.ReadTimeout: errors.OutcomeUnknown,
    httpx.WriteTimeout: errors.OutcomeUnknown,
    httpx.ReadError: errors.OutcomeUnknown,
    httpx.WriteError: errors.OutcomeUnknown,
    httpx.CloseError: errors.OutcomeUnknown,
    httpx.RemoteProtocolError: errors.OutcomeUnknown,
    httpx.LocalProtocolError: errors.OutcomeUnknown,
    httpx.ProxyError: errors.OutcomeUnknown,
    httpx.DecodingError: errors.UpstreamFailed,
    httpx.TooManyRedirects: errors.UpstreamFailed,
}


class Peer:
    """The other service: answers what it is told and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked = []
        self.answer = httpx.Response(200, json={"ok": True})

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture(params=["async", "sync"])
def call(request: Any, identities: Identities, peer: Peer) -> Any:
    """Call the peer with either client."""
    identity = identities.of("gateway")
    transport = httpx.MockTransport(peer)
    if request.param == "async":

        async def send(method: str, path: str, **options: Any) -> Any:
            async with ServiceClient(
                "http://bots", "bots", identity, transport=transport
            ) as client:
                return await client.request(method, path, **options)
    else:

        async def send(method: str, path: str, **options: Any) -> Any:
            with SyncServiceClient("http://bots", "bots", identity, transport=transport) as client:
                return client.request(method, path, **options)

    return send


async def test_a_call_is_signed_for_the_callee_in_the_users_name(
    call: Call, peer: Peer, identities: Identities
) -> None:
    assert await call("POST", "/v1/bots", subject="usr_1", json={"a": 1}) == {"ok": True}
    (asked,) = peer.asked
    caller = identities.verifier("bots", ["gateway"]).verify_header(asked.headers["authorization"])
    assert (caller.service, caller.user_id) == ("gateway", "usr_1")
    assert json.loads(asked.content) == {"a": 1}
    assert asked.headers["content-type"] == "application/json"


async def test_the_request_id_travels_along(call: Call, peer: Peer) -> None:
    with bind_request("req_12345678"):
        await call("GET", "/v1/bots")
    assert peer.asked[0].headers["x-request-id"] == "req_12345678"


async def test_parameters_that_are_none_are_left_out(call: Call, peer: Peer) -> None:
    await call("GET", "/v1/bots", params={"cursor": None, "limit": 5})
    assert peer.asked[0].url.query == b"limit=5"


async def test_an_empty_answer_is_none(call: Call, peer: Peer) -> None:
    peer.answer = httpx.Response(204)
    assert await call("DELETE", "/v1/bots/1") is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.InvalidRequest),
        (401, errors.Unauthenticated),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (413, errors.TooLarge),
        (422, errors.InvalidRequest),
        (429, errors.TooManyRequests),
        (500, errors.UpstreamFailed),
        (502, errors.UpstreamFailed),
        (503, errors.Unavailable),
        (418, errors.InvalidRequest),
        (599, errors.UpstreamFailed),
    ],
)
async def test_a_problem_is_raised_as_its_error_after_one_attempt(
    call: Call, peer: Peer, status: int, kind: Any
) -> None:
    problem = {
        "code": "x",
        "detail": "Why.",
        "errors": [{"field": "f", "message": "m", "remedy": "r"}],
    }
    peer.answer = httpx.Response(status, json=problem, headers={"Retry-After": "7"})
    with pytest.raises(kind) as caught:
        await call("POST", "/v1/bots", json={})
    assert type(caught.value) is kind
    assert len(peer.asked) == 1
    if status not in (500, 599):
        assert (caught.value.code, caught.value.detail) == ("x", "Why.")
        assert caught.value.fields == (errors.FieldError("f", "m", "r"),)
    if status == 429:
        assert caught.value.retry_after_s == 7


async def test_an_unknown_outcome_stays_unknown_over_two_hops(call: Call, peer: Peer) -> None:
    problem = {"code": "database_outcome_unknown", "detail": "Lost."}
    peer.answer = httpx.Response(503, json=problem)
    with pytest.raises(errors.OutcomeUnknown):
        await call("POST", "/v1/bots", json={})


@pytest.mark.parametrize("code", ["caller_unauthenticated", "caller_forbidden"])
async def test_our_own_refused_token_never_looks_like_the_users_fault(
    call: Call, peer: Peer, code: str
) -> None:
    peer.answer = httpx.Response(401, json={"code": code, "detail": "No."})
    with pytest.raises(errors.UpstreamFailed):
        await call("GET", "/v1/bots")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"", b"\xff", b'"x"'])
async def test_an_error_without_a_problem_document_is_the_upstreams_failure(
    call: Call, peer: Peer, body: bytes
) -> None:
    peer.answer = httpx.Response(404, content=body)
    with pytest.raises(errors.UpstreamFailed):
        await call("GET", "/v1/bots")


async def test_an_answer_that_is_not_json_is_the_upstreams_failure(call: Call, peer: Peer) -> None:
    peer.answer = httpx.Response(200, content=b"<html>")
    with pytest.raises(errors.UpstreamFailed):
        await call("GET", "/v1/bots")


@pytest.mark.parametrize(("theirs", "ours"), TRANSPORT_FAILURES.items())
async def test_a_failure_of_the_line_says_whether_anything_was_sent(
    call: Call, peer: Peer, theirs: type[httpx.RequestError], ours: type[errors.CtError]
) -> None:
    peer.answer = theirs("x")
    with pytest.raises(ours) as caught:
        await call("POST", "/v1/orders", json={})
    assert type(caught.value) is ours
    assert len(peer.asked) == 1


def test_the_table_of_foreign_failures_is_complete() -> None:
    def leaves(kind: Any) -> Any:
        below = kind.__subclasses__()
        return {leaf for sub in below for leaf in leaves(sub)} if below else {kind}

    assert leaves(httpx.RequestError) == set(TRANSPORT_FAILURES)


def test_a_fault_of_ours_is_not_dressed_up() -> None:
    with pytest.raises(KeyError), http_errors("bots"):
        raise KeyError


async def test_money_as_a_json_number_is_refused_before_it_leaves(call: Call, peer: Peer) -> None:
    with pytest.raises(TypeError):
        await call("POST", "/v1/orders", json={"price": Decimal(1)})
    assert peer.asked == []
