from typing import Any

import pytest
from argon2 import PasswordHasher

from ct_auth.adapters.hashing import Argon2Hasher


def test_the_first_account_is_the_admin_and_the_next_a_trader(auth: Any) -> None:
    assert auth.register("ada@example.org")["user"]["roles"] == ["admin", "trader"]
    assert auth.register("bob@example.org")["user"]["roles"] == ["trader"]


def test_registering_signs_in(auth: Any) -> None:
    grant = auth.register("Ada@Example.org")
    found = auth.introspect(grant["session_id"])
    assert found.status_code == 200
    assert found.json["user"] == grant["user"]
    assert found.json["user"]["email"] == "ada@example.org"
    assert found.json["session_ref"] == grant["session_ref"]
    assert len(grant["session_id"]) == 43  # 256 bits


def test_an_email_is_taken_in_any_case(auth: Any) -> None:
    auth.register("ada@example.org")
    body = {"email": "ADA@example.org", "password": "plinth-gravel-oboe"}
    answer = auth.call("POST", "/v1/auth/register", body)
    assert (answer.status_code, answer.json["code"]) == (409, "email_taken")


@pytest.mark.parametrize("password", ["Password1234!", "ada@example.org", "short"])
def test_a_weak_password_is_refused_with_its_field_and_remedy(auth: Any, password: str) -> None:
    body = {"email": "ada@example.org", "password": password}
    answer = auth.call("POST", "/v1/auth/register", body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "body.password"
    assert answer.json["errors"][0]["remedy"]
    assert password not in answer.text.replace("ada@example.org such as", "") or password == "short"


def test_sign_in_begins_another_session(auth: Any) -> None:
    first = auth.register()
    again = auth.login()
    assert again.status_code == 200
    assert again.json["session_id"] != first["session_id"]
    assert auth.introspect(first["session_id"]).status_code == 200


def test_unknown_account_and_wrong_password_look_the_same(auth: Any) -> None:
    auth.register()
    answers = [auth.login(password="wrong"), auth.login("nobody@example.org")]
    assert [answer.status_code for answer in answers] == [401, 401]
    bodies = [{**answer.json, "request_id": ""} for answer in answers]
    assert bodies[0] == bodies[1]
    assert bodies[0]["code"] == "credentials_wrong"


def test_ten_thousand_guesses_from_five_hundred_addresses_get_twenty_weighed_and_the_owner_in(
    auth: Any, raw: Any
) -> None:
    auth.register(address="192.0.2.7")
    weighed = 0
    # The budget is spent early; the rest only shows that it stays spent.
    for guess in range(120):
        answer = auth.login(password=f"guess {guess}", address=f"203.0.113.{guess % 50}")
        assert answer.status_code in {401, 429}
        weighed += answer.status_code == 401
        auth.clock.forward(seconds=1)
    assert weighed == 20
    refused = auth.login(address="203.0.113.99")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert auth.login(address="192.0.2.7").status_code == 200


def test_guesses_on_an_unknown_account_are_throttled_alike(auth: Any) -> None:
    statuses = [auth.login("nobody@example.org").status_code for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2


def test_the_right_password_clears_the_failures_of_its_address(auth: Any) -> None:
    auth.register()
    for _ in range(3):
        for _ in range(4):
            assert auth.login(password="wrong").status_code == 401
        assert auth.login().status_code == 200


def test_after_the_pause_another_guess_is_weighed(auth: Any) -> None:
    auth.register()
    for _ in range(5):
        auth.login(password="wrong")
    assert auth.login().status_code == 429
    auth.clock.forward(seconds=11)
    assert auth.login().status_code == 200


def test_a_new_password_ends_every_session_and_rotates_this_one(auth: Any, password: str) -> None:
    here = auth.register()["session_id"]
    elsewhere = auth.login().json["session_id"]
    body = {"current_password": password, "new_password": "plinth-gravel-oboe"}
    answer = auth.call("POST", "/v1/auth/password", body, session=here)
    assert answer.status_code == 200
    assert auth.introspect(here).status_code == 401
    assert auth.introspect(elsewhere).status_code == 401
    assert auth.introspect(answer.json["session_id"]).status_code == 200
    assert auth.login().status_code == 401
    assert auth.login(password="plinth-gravel-oboe").status_code == 200


def test_a_wrong_current_password_changes_nothing(auth: Any, password: str) -> None:
    here = auth.register()["session_id"]
    body = {"current_password": "wrong", "new_password": "plinth-gravel-oboe"}
    answer = auth.call("POST", "/v1/auth/password", body, session=here)
    assert (answer.status_code, answer.json["code"]) == (401, "credentials_wrong")
    assert auth.login().status_code == 200


def test_a_hash_of_other_parameters_is_renewed_at_sign_in(
    auth: Any, raw: Any, password: str
) -> None:
    auth.register()
    older = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(password)
    raw["users"].update_one({}, {"$set": {"password_hash": older}})
    assert auth.login().status_code == 200
    assert "m=64,t=1,p=1" in raw["users"].find_one()["password_hash"]
    assert auth.login().status_code == 200


def test_by_default_a_hash_costs_46_mib(settings: Any) -> None:
    hasher = Argon2Hasher(
        memory_kib=settings.hash_memory_kib, passes=settings.hash_passes, at_once=1
    )
    stored = hasher.hash("x")
    assert stored.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert hasher.verify(stored, "x")
    assert not hasher.verify(stored, "y")
    assert not hasher.verify(None, "the password of nobody")


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {"email": "ada@example.org"},
        {"email": {"$gt": ""}, "password": "x"},
        {"email": "ada@example.org", "password": "x", "roles": ["admin"]},
        {"email": "ada@example.org", "password": "x" * 129},
        {"email": "no-at-sign", "password": "x"},
    ],
)
def test_malformed_bodies_are_422_with_field_and_remedy(auth: Any, body: Any) -> None:
    for path in ("/v1/auth/login", "/v1/auth/register"):
        answer = auth.call("POST", path, body)
        assert answer.status_code == 422, answer.text
        assert all(error["field"] and error["remedy"] for error in answer.json["errors"])


def test_only_the_gateway_gets_in(auth: Any) -> None:
    assert auth.client.post("/v1/auth/login", json={}).status_code == 401
    assert auth.login(caller="bots").status_code == 403
    assert auth.client.get("/healthz").status_code == 200
    assert auth.client.get("/readyz").status_code == 200
