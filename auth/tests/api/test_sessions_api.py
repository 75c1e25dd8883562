from typing import Any

import pytest


def test_sign_out_ends_the_session_for_good(auth: Any) -> None:
    session = auth.register()["session_id"]
    assert auth.call("POST", "/v1/auth/logout", session=session).status_code == 204
    refused = auth.introspect(session)
    assert (refused.status_code, refused.json["code"]) == (401, "session_ended")


def test_an_unused_session_ends_after_half_an_hour_and_use_prolongs_it(auth: Any) -> None:
    session = auth.register()["session_id"]
    for _ in range(3):
        auth.clock.forward(minutes=29)
        assert auth.introspect(session).status_code == 200
    auth.clock.forward(minutes=31)
    assert auth.introspect(session).status_code == 401


def test_no_session_outlives_twelve_hours(auth: Any) -> None:
    session = auth.register()["session_id"]
    for _ in range(12 * 60 // 20 - 1):
        auth.clock.forward(minutes=20)
        assert auth.introspect(session).status_code == 200
    auth.clock.forward(minutes=20)
    assert auth.introspect(session).status_code == 401


def test_last_use_is_written_at_most_once_a_minute(auth: Any, raw: Any) -> None:
    session = auth.register()["session_id"]
    begun = raw["sessions"].find_one()["last_seen_at"]
    auth.clock.forward(seconds=59)
    auth.introspect(session)
    assert raw["sessions"].find_one()["last_seen_at"] == begun
    auth.clock.forward(seconds=1)
    auth.introspect(session)
    assert raw["sessions"].find_one()["last_seen_at"] == auth.clock.now


@pytest.mark.parametrize("session", ["", "x", "a" * 43, "{}", "' or 1=1", "é", "a" * 5000])
def test_no_other_id_opens_a_session(auth: Any, session: str) -> None:
    auth.register()
    assert auth.call("POST", "/v1/sessions/introspect", session=session).status_code == 401


def test_a_person_sees_and_ends_their_sessions_and_nobody_elses(auth: Any) -> None:
    here = auth.register("ada@example.org")
    there = auth.login("ada@example.org").json
    other = auth.register("bob@example.org")
    listed = auth.call("GET", "/v1/auth/sessions", session=here["session_id"]).json["items"]
    assert {one["id"]: one["current"] for one in listed} == {
        here["session_ref"]: True,
        there["session_ref"]: False,
    }
    assert listed[0]["user_agent"] == "Tests/1"

    def end(ref: str) -> Any:
        return auth.call("DELETE", f"/v1/auth/sessions/{ref}", session=here["session_id"])

    foreign, unknown = end(other["session_ref"]), end("ses_unknown")
    assert foreign.status_code == unknown.status_code == 404
    assert {**foreign.json, "request_id": ""} == {**unknown.json, "request_id": ""}
    assert end(there["session_ref"]).status_code == 204
    assert auth.introspect(there["session_id"]).status_code == 401
    assert auth.introspect(other["session_id"]).status_code == 200


def test_a_session_of_another_user_than_the_named_one_is_refused(auth: Any) -> None:
    session = auth.register()["session_id"]
    answer = auth.call("GET", "/v1/auth/sessions", session=session, user="usr_somebody")
    assert (answer.status_code, answer.json["code"]) == (403, "session_mismatch")


def test_the_database_knows_neither_session_ids_nor_passwords(
    auth: Any, raw: Any, password: str
) -> None:
    session = auth.register()["session_id"]
    auth.login(password="wrong-guess-of-mine", address="203.0.113.5")
    stored = str([list(raw[name].find()) for name in raw.list_collection_names()])
    assert "ada@example.org" in stored
    for secret in (session, password, "wrong-guess-of-mine", "203.0.113.5"):
        assert secret not in stored


def test_no_cookie_is_ever_set(auth: Any) -> None:
    auth.register()
    assert auth.login().headers.getlist("Set-Cookie") == []


def test_the_audit_tells_what_happened_newest_first(auth: Any) -> None:
    session = auth.register()["session_id"]
    auth.login(password="wrong")
    auth.login()
    items = auth.call("GET", "/v1/auth/audit", session=session).json["items"]
    assert [item["event"] for item in items] == ["signed_in", "sign_in_failed", "registered"]
    other = auth.register("bob@example.org")["session_id"]
    items = auth.call("GET", "/v1/auth/audit", session=other).json["items"]
    assert [item["event"] for item in items] == ["registered"]
