"""Who may not call at all: nobody signed in, no CSRF token, another site."""

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from ct_local.testing import Platform
from ct_local.testing_api import PREFIX, Endpoint, Person, problem_faults

pytestmark = pytest.mark.platform

FOREIGN = {
    "another site": {"Origin": "https://evil.example"},
    "no site": {"Origin": "null"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "a longer name": {"Origin": "http://127.0.0.1.evil.example"},
    "a sibling": {"Sec-Fetch-Site": "same-site"},
    "a link from elsewhere": {"Sec-Fetch-Site": "cross-site"},
}
UNKNOWN_SESSION = "ct_session=" + "A" * 43


def assert_refused(answer: httpx.Response, status: int, code: str) -> None:
    assert problem_faults(answer) == []
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("cookie", "code"),
    [
        (None, "session_required"),
        ("ct_session=", "session_required"),
        ("ct_session=short", "session_required"),
        (UNKNOWN_SESSION, "session_ended"),
        (f"{UNKNOWN_SESSION}; {UNKNOWN_SESSION}", "session_required"),
    ],
    ids=["none", "empty", "short", "unknown", "two"],
)
def test_nobody_signed_in_gets_nothing(
    anyone: httpx.Client, private_operation: Endpoint, cookie: str | None, code: str
) -> None:
    answer = anyone.request(
        private_operation.method,
        private_operation.address(),
        headers={} if cookie is None else {"Cookie": cookie},
    )
    assert_refused(answer, 401, code)


@pytest.mark.parametrize(
    ("token", "code"),
    [(None, "csrf_missing"), ("", "csrf_wrong"), ("A" * 43, "csrf_wrong")],
    ids=["none", "empty", "invented"],
)
def test_a_change_needs_the_sessions_csrf_token(
    person: Person, private_change: Endpoint, token: str | None, code: str
) -> None:
    answer = person.http.request(
        private_change.method,
        private_change.address(),
        headers={} if token is None else {"X-CSRF-Token": token},
    )
    assert_refused(answer, 403, code)


def test_another_sessions_csrf_token_is_none(
    person: Person, stranger: Person, private_change: Endpoint
) -> None:
    headers = {"X-CSRF-Token": stranger.csrf}
    answer = person.http.request(private_change.method, private_change.address(), headers=headers)
    assert_refused(answer, 403, "csrf_wrong")


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_a_change_from_another_site_is_refused_with_the_right_cookie_and_token(
    person: Person, change: Endpoint, headers: dict[str, str]
) -> None:
    answer = person.call(change.method, change.address(), headers=headers)
    assert_refused(answer, 403, "origin_refused")


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_a_stream_from_another_site_is_refused_and_alarms_nobody(
    platform: Platform, person: Person, headers: dict[str, str]
) -> None:
    before = platform.log("gateway").count('"level": "error"')
    with pytest.raises(InvalidStatus) as refused:
        open_stream(person.base_url, {"Cookie": person.cookie, **headers})
    assert refused.value.response.status_code == 403
    assert platform.log("gateway").count('"level": "error"') == before


@pytest.mark.parametrize("cookie", [None, UNKNOWN_SESSION], ids=["none", "unknown"])
def test_a_stream_without_a_session_is_refused(platform: Platform, cookie: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        open_stream(platform.base_url, {} if cookie is None else {"Cookie": cookie})
    assert refused.value.response.status_code == 401


def open_stream(base_url: str, headers: dict[str, str]) -> None:
    address = base_url.replace("http", "ws", 1) + PREFIX + "/stream"
    with connect(address, additional_headers=headers):
        pass
