import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ct_gateway.domain.bucket import Buckets, Rate
from ct_gateway.domain.log import EventLog
from ct_gateway.domain.origin import expected_origin, is_same_origin
from ct_gateway.domain.sessions import csrf_matches, csrf_token
from ct_gateway.pipeline.call import Call, Inbound
from ct_gateway.pipeline.match import Table
from ct_gateway.pipeline.shape import check_query
from ct_gateway.routes import OPERATIONS
from ct_kit.errors import CtError


def test_the_csrf_token_is_the_documented_hmac() -> None:
    session_id = "s" * 43
    digest = hmac.new(session_id.encode(), b"ct-csrf-v1", hashlib.sha256).digest()

    assert csrf_token(session_id) == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert csrf_matches(session_id, csrf_token(session_id))
    assert not csrf_matches(session_id, None)
    assert not csrf_matches(session_id, "é")
    assert not csrf_matches(session_id, csrf_token("t" * 43))


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    buckets = Buckets(Rate(burst=3, per_second=2))

    assert [buckets.take("ada", now=10.0) for _ in range(3)] == [0, 0, 0]
    assert buckets.take("ada", now=10.0) == pytest.approx(0.5)
    assert buckets.take("bob", now=10.0) == 0
    assert buckets.take("ada", now=10.5) == 0


def test_forgotten_buckets_are_full_again() -> None:
    buckets = Buckets(Rate(burst=1, per_second=0.001), capacity=2)
    for key in ("a", "b", "c"):
        assert buckets.take(key, now=0) == 0

    assert buckets.take("a", now=0) == 0
    assert buckets.take("c", now=0) > 0


@given(st.lists(st.floats(min_value=0, max_value=1), max_size=60))
def test_a_bucket_never_grants_more_than_its_budget(gaps: list[float]) -> None:
    buckets = Buckets(Rate(burst=5, per_second=3))
    now, granted = 0.0, 0
    for gap in gaps:
        now += gap
        granted += buckets.take("ada", now) == 0

    assert granted <= 5 + 3 * now + 1e-6


@pytest.mark.parametrize(
    ("public", "host", "expected"),
    [
        (None, "127.0.0.1:8080", "http://127.0.0.1:8080"),
        (None, "LOCALHOST:8080", "http://localhost:8080"),
        (None, "[::1]:8080", "http://[::1]:8080"),
        (None, "rebound.example:8080", None),
        (None, "[", None),
        (None, None, None),
        ("https://trade.example", "anything", "https://trade.example"),
    ],
)
def test_the_expected_origin(public: str | None, host: str | None, expected: str | None) -> None:
    assert expected_origin(public, host) == expected


def test_a_client_that_is_no_browser_has_no_origin_to_show() -> None:
    assert is_same_origin(None, None, "http://localhost")
    assert not is_same_origin("http://localhost", "cross-site", "http://localhost")
    assert not is_same_origin("http://localhost", None, None)


def test_a_log_resumes_inside_and_refuses_outside() -> None:
    log = EventLog(base=100, capacity=3)
    for _ in range(5):
        log.append(log.next_number(), "orders", b"")

    assert [number for number, _, _ in log.since(103) or []] == [104, 105]
    assert log.since(105) == []
    assert log.since(102) is not None
    assert log.since(101) is None
    assert log.since(106) is None
    assert log.since(0) is None


def test_nobody_resumes_across_a_gap() -> None:
    log = EventLog(base=0)
    log.append(log.next_number(), "orders", b"")
    before = log.last
    log.forget()

    assert log.since(before) is None
    assert log.since(log.last) == []


@given(st.lists(st.integers(min_value=0, max_value=3), max_size=40), st.integers(0, 60))
def test_what_a_log_returns_has_no_hole(steps: list[int], cursor: int) -> None:
    log = EventLog(base=10, capacity=5)
    for step in steps:
        if step == 0:
            log.forget()
        else:
            log.append(log.next_number(), "orders", b"")

    found = log.since(cursor)

    if found is not None:
        assert [number for number, _, _ in found] == list(range(cursor + 1, log.last + 1))


def test_every_operation_is_found_by_its_own_path() -> None:
    table = Table(OPERATIONS)
    for operation in OPERATIONS:
        path = operation.path.replace("{id}", "abc_1").replace("{symbol}", "BTC-USDT")
        assert table.match(operation.method, path)[0] is operation


@given(st.text(max_size=80))
def test_no_path_breaks_the_table(path: str) -> None:
    try:
        Table(OPERATIONS).match("GET", path)
    except CtError as error:
        assert error.code in {"route_not_found", "invalid_request"}  # noqa: PT017


@given(st.binary(max_size=200), st.sampled_from(["list_orders", "list_accounts"]))
def test_no_query_breaks_the_check(query: bytes, operation_id: str) -> None:
    operation = next(row for row in OPERATIONS if row.id == operation_id)
    call = Call(operation, {}, Inbound([]), query, "127.0.0.1", "req", receive=None)
    try:
        check_query(call)
    except CtError as error:
        assert error.code == "invalid_request"  # noqa: PT017
        assert error.fields  # noqa: PT017


def test_ids_and_rows_of_the_table_are_unique() -> None:
    assert len({row.id for row in OPERATIONS}) == len(OPERATIONS)
    assert len({(row.method, row.path) for row in OPERATIONS}) == len(OPERATIONS)
