from typing import Any

import pyotp
import pytest


@pytest.fixture
def enrolled(auth: Any) -> dict[str, Any]:
    """An account with an authenticator, thirty seconds after its first code."""
    session = auth.register()["session_id"]
    enrolment = auth.call("POST", "/v1/auth/totp/enrol", session=session).json
    totp = pyotp.TOTP(enrolment["secret"])
    body = {"code": totp.at(auth.clock.now)}
    confirmed = auth.call("POST", "/v1/auth/totp/confirm", body, session=session)
    assert confirmed.status_code == 200, confirmed.text
    auth.clock.forward(seconds=30)
    return {"session": session, "totp": totp, "codes": confirmed.json["codes"], **enrolment}


def test_the_uri_names_issuer_and_account(enrolled: dict[str, Any]) -> None:
    assert "issuer=CryptoTrade" in enrolled["otpauth_uri"]
    assert "ada%40example.org" in enrolled["otpauth_uri"]


def test_sign_in_asks_for_the_code_only_after_the_right_password(
    auth: Any, enrolled: dict[str, Any]
) -> None:
    assert auth.login(password="wrong").json["code"] == "credentials_wrong"
    asked = auth.login()
    assert (asked.status_code, asked.json["code"]) == (401, "totp_required")
    wrong = auth.login(totp="000000")
    assert (wrong.status_code, wrong.json["code"]) == (401, "totp_invalid")
    right = auth.login(totp=enrolled["totp"].at(auth.clock.now))
    assert right.status_code == 200
    assert right.json["user"]["totp_enabled"] is True


def test_a_code_replayed_in_its_window_is_refused(auth: Any, enrolled: dict[str, Any]) -> None:
    code = enrolled["totp"].at(auth.clock.now)
    assert auth.login(totp=code).status_code == 200
    assert auth.login(totp=code).json["code"] == "totp_invalid"
    earlier = enrolled["totp"].at(auth.clock.now, counter_offset=-1)
    assert auth.login(totp=earlier).json["code"] == "totp_invalid"


def test_a_clock_one_step_off_is_forgiven_and_two_are_not(
    auth: Any, enrolled: dict[str, Any]
) -> None:
    assert auth.login(totp=enrolled["totp"].at(auth.clock.now, counter_offset=2)).status_code == 401
    assert auth.login(totp=enrolled["totp"].at(auth.clock.now, counter_offset=1)).status_code == 200


def test_guessing_codes_is_throttled_and_asking_for_one_is_not(
    auth: Any, enrolled: dict[str, Any]
) -> None:
    assert [auth.login().status_code for _ in range(8)] == [401] * 8
    statuses = [auth.login(totp="000000").status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]


def test_a_recovery_code_works_once(auth: Any, enrolled: dict[str, Any], raw: Any) -> None:
    code = enrolled["codes"][0]
    assert len(set(enrolled["codes"])) == 10
    assert code not in str(raw["factors"].find_one())
    assert auth.login(totp=code).status_code == 200
    assert auth.login(totp=code).json["code"] == "totp_invalid"


def test_disabling_takes_a_code_and_sign_in_no_longer_asks(
    auth: Any, enrolled: dict[str, Any]
) -> None:
    def disable(code: str) -> Any:
        return auth.call(
            "POST", "/v1/auth/totp/disable", {"code": code}, session=enrolled["session"]
        )

    assert disable("000000").status_code == 401
    assert disable(enrolled["totp"].at(auth.clock.now)).status_code == 204
    assert auth.login().status_code == 200


def test_an_enrolled_authenticator_is_not_replaced(auth: Any, enrolled: dict[str, Any]) -> None:
    again = auth.call("POST", "/v1/auth/totp/enrol", session=enrolled["session"])
    assert (again.status_code, again.json["code"]) == (409, "totp_enabled")


def test_an_unconfirmed_one_protects_nothing_and_may_be_begun_anew(auth: Any) -> None:
    session = auth.register()["session_id"]
    secrets = {
        auth.call("POST", "/v1/auth/totp/enrol", session=session).json["secret"] for _ in range(2)
    }
    assert len(secrets) == 2
    wrong = auth.call("POST", "/v1/auth/totp/confirm", {"code": "000000"}, session=session)
    assert wrong.json["code"] == "totp_invalid"
    assert auth.login().status_code == 200
