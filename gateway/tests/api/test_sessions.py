import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from ct_gateway.domain.sessions import csrf_token

USER = {
    "id": "usr_new",
    "email": "new@example.org",
    "roles": ["trader"],
    "created_at": "2026-01-01T00:00:00Z",
}
CREDENTIALS = {"email": "new@example.org", "password": "correct horse battery"}


def grant(session_id: str) -> Any:
    body = {
        "session_id": session_id,
        "user": USER,
        "session_ref": "ref-new",
        "expires_at": (datetime.now(UTC) + timedelta(hours=12)).isoformat(),
    }
    return lambda _: web.json_response(body, status=201)


@pytest.mark.parametrize(("path", "status"), [("register", 201), ("login", 200)])
async def test_signing_in_puts_the_id_into_the_cookie_alone(
    guest: Any, services: Any, path: str, status: int
) -> None:
    session_id = "n" * 43
    services.on("auth", "POST", f"/v1/auth/{path}", grant(session_id))

    answer = await guest.call("POST", f"/api/v1/auth/{path}", body=CREDENTIALS)

    assert answer.status == status
    assert session_id.encode() not in answer.body
    assert answer.json["csrf_token"] == csrf_token(session_id)
    assert answer.json["user"]["id"] == "usr_new"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"ct_session={session_id}; Max-Age=")
    assert {"Path=/", "HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))
    (seen,) = services.calls("auth")
    assert json.loads(seen.body) == CREDENTIALS


async def test_a_refused_sign_in_passes_auths_words_and_sets_nothing(
    guest: Any, services: Any
) -> None:
    services.on(
        "auth",
        "POST",
        "/v1/auth/login",
        lambda _: web.Response(
            status=401,
            body=b'{"code": "credentials_wrong"}',
            content_type="application/problem+json",
        ),
    )

    answer = await guest.call("POST", "/api/v1/auth/login", body=CREDENTIALS)

    assert (answer.status, answer.code) == (401, "credentials_wrong")
    assert "Set-Cookie" not in answer.headers


async def test_signing_in_again_ends_the_session_before(browser: Any, services: Any) -> None:
    services.on("auth", "POST", "/v1/auth/login", grant("n" * 43))

    await browser.call("POST", "/api/v1/auth/login", body=CREDENTIALS)

    assert browser.session_id not in services.sessions
    assert (await browser.call("GET", "/api/v1/orders")).code == "session_ended"


async def test_the_page_learns_who_is_signed_in(browser: Any) -> None:
    answer = await browser.call("GET", "/api/v1/auth/session")

    assert answer.status == 200
    assert answer.json["user"]["email"] == "usr_ada@example.org"
    assert answer.json["csrf_token"] == csrf_token(browser.session_id)
    assert browser.session_id not in answer.body.decode()


async def test_a_signed_out_cookie_is_refused_at_once(browser: Any) -> None:
    assert (await browser.call("GET", "/api/v1/orders")).status == 200

    answer = await browser.call("POST", "/api/v1/auth/logout")

    assert answer.status == 204
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert (await browser.call("GET", "/api/v1/orders")).code == "session_ended"


async def test_many_calls_ask_auth_once(browser: Any, services: Any) -> None:
    for _ in range(5):
        await browser.call("GET", "/api/v1/orders")

    asked = [seen for seen in services.seen if seen.target == "/v1/sessions/introspect"]
    assert len(asked) == 1


async def test_a_new_password_rotates_the_cookie(browser: Any, services: Any) -> None:
    services.on("auth", "POST", "/v1/auth/password", grant("r" * 43))

    answer = await browser.call(
        "POST", "/api/v1/auth/password", body={"current_password": "x", "new_password": "y" * 12}
    )

    assert answer.status == 200
    assert answer.headers["Set-Cookie"].startswith(f"ct_session={'r' * 43};")


async def test_nobody_gets_in_while_auth_is_away(
    settings: Any, serve: Any, guest: Any, services: Any
) -> None:
    away = settings.model_copy(update={"auth_url": "http://127.0.0.1:9"})
    async with serve(away) as url:
        browser = type(guest)(guest.http, url, services.sign_in("usr_ada"))
        answer = await browser.call("GET", "/api/v1/orders")

    assert (answer.status, answer.code) == (503, "upstream_unavailable")
    assert services.calls("exchange-bridge") == []


KEY = {
    "id": "key_1",
    "venue": "binance",
    "label": "main",
    "kind": "hmac",
    "purpose": "exchange",
    "api_key_hint": "abcd",
    "state": "pending",
    "created_at": "2026-01-01T00:00:00Z",
}


async def test_a_new_key_is_sealed_then_verified(browser: Any, services: Any) -> None:
    services.on("keyvault", "POST", "/v1/keys", lambda _: web.json_response(KEY, status=201))
    services.on(
        "exchange-bridge",
        "POST",
        "/v1/keys/key_1/verify",
        lambda _: web.json_response({**KEY, "state": "verified"}),
    )

    answer = await browser.call("POST", "/api/v1/keys", body={"api_secret": "s3cret"})

    assert (answer.status, answer.json["state"]) == (201, "verified")
    (verify,) = services.calls("exchange-bridge")
    assert verify.user_id == "usr_ada"
    assert b"s3cret" not in verify.body


async def test_a_sealed_key_is_told_even_when_the_venue_cannot_be_asked(
    browser: Any, services: Any
) -> None:
    services.on("keyvault", "POST", "/v1/keys", lambda _: web.json_response(KEY, status=201))
    services.on(
        "exchange-bridge",
        "POST",
        "/v1/keys/key_1/verify",
        lambda _: web.json_response({"code": "venue_down"}, status=503),
    )

    answer = await browser.call("POST", "/api/v1/keys", body={})

    assert (answer.status, answer.json["state"]) == (201, "pending")
