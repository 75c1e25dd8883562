from typing import Any

import pytest
import yarl


async def test_a_guest_is_refused_everywhere_but_at_the_door(guest: Any, services: Any) -> None:
    for method, path in (
        ("GET", "/api/v1/orders"),
        ("GET", "/api/v1/auth/session"),
        ("GET", "/api/v1/status"),
        ("GET", "/api/v1/markets"),
        ("POST", "/api/v1/risk/halt"),
    ):
        answer = await guest.call(method, path)
        assert (answer.status, answer.code) == (401, "session_required"), path
    assert services.calls("exchange-bridge") == []


async def test_a_session_auth_does_not_know_has_ended(guest: Any) -> None:
    answer = await guest.as_user("x" * 43).call("GET", "/api/v1/orders")

    assert (answer.status, answer.code) == (401, "session_ended")


async def test_two_session_cookies_count_as_none(browser: Any) -> None:
    cookie = f"ct_session={browser.session_id}; ct_session={'y' * 43}"

    answer = await browser.call("GET", "/api/v1/orders", headers={"Cookie": cookie})

    assert (answer.status, answer.code) == (401, "session_required")


async def test_a_malformed_cookie_is_not_asked_about(guest: Any, services: Any) -> None:
    await guest.as_user("$ne").call("GET", "/api/v1/orders")

    assert services.seen == []


CROSS_SITE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://sub.localhost"},
    {"Origin": "https://127.0.0.1"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "file://"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Host": "evil.example", "Origin": "http://evil.example"},
    {"X-CSRF-Token": "0" * 43},
    {"X-CSRF-Token": ""},
    {"X-CSRF-Token": None},
]
BODIES = [
    ("application/json", b"{}"),
    ("application/x-www-form-urlencoded", b"a=b"),
    ("multipart/form-data; boundary=x", b"--x--"),
    ("text/plain", b"{}"),
    (None, b""),
]


@pytest.mark.parametrize("change", CROSS_SITE, ids=str)
@pytest.mark.parametrize(("content_type", "body"), BODIES, ids=str)
async def test_no_cross_site_shape_changes_anything(
    browser: Any, services: Any, change: Any, content_type: Any, body: bytes
) -> None:
    headers = browser.headers() | {"X-HTTP-Method-Override": "DELETE"} | change
    if content_type:
        headers["Content-Type"] = content_type
    headers = {name: value for name, value in headers.items() if value is not None}

    for path in ("/api/v1/orders", "/api/v1/bots/bot_1/start", "/api/v1/auth/logout"):
        answer = await browser.call("POST", path, data=body, headers=headers)
        assert answer.status == 403, answer.body
        assert answer.code in {"origin_refused", "csrf_missing", "csrf_wrong"}
    assert [seen for seen in services.seen if seen.target != "/v1/sessions/introspect"] == []


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "text/plain", "application/json; charset=utf-16", None],
)
async def test_only_json_is_read(browser: Any, services: Any, content_type: Any) -> None:
    headers = browser.headers(**({"Content-Type": content_type} if content_type else {}))

    for path in ("/api/v1/orders", "/api/v1/auth/login"):
        answer = await browser.call("POST", path, data=b"{}", headers=headers)
        assert (answer.status, answer.code) == (415, "unsupported_media_type")
    assert services.calls("exchange-bridge") == []


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "field"),
    [
        ("GET", "/api/v1/orders?state=bogus", 422, "invalid_request", "query.state"),
        ("GET", "/api/v1/orders?limit=0", 422, "invalid_request", "query.limit"),
        ("GET", "/api/v1/orders?limit=5&limit=6", 422, "invalid_request", "query.limit"),
        ("GET", "/api/v1/orders?surprise=1", 422, "invalid_request", "query.surprise"),
        ("GET", "/api/v1/accounts?x=1", 422, "invalid_request", "query.x"),
        ("GET", "/api/v1/orders?a=%ff", 422, "invalid_request", "query.string"),
        ("GET", "/api/v1/portfolio/report.csv", 422, "invalid_request", "query.year"),
        ("GET", "/api/v1/markets/btc", 422, "invalid_request", "path.symbol"),
        ("GET", "/api/v1/orders/a%20b", 422, "invalid_request", "path.id"),
        ("GET", f"/api/v1/orders/{'a' * 65}", 422, "invalid_request", "path.id"),
        ("GET", "/api/v1/orders/..%2f..%2fadmin", 404, "route_not_found", None),
        ("GET", "/api/v1/", 404, "route_not_found", None),
        ("GET", "/api/v1/nothing", 404, "route_not_found", None),
        ("GET", "/api/v2/orders", 404, "not_found", None),
        ("TRACE", "/api/v1/orders", 405, "method_not_allowed", None),
        ("OPTIONS", "/api/v1/orders", 405, "method_not_allowed", None),
        ("PUT", "/api/v1/orders", 405, "method_not_allowed", None),
        ("GET", "/api/v1/stream", 426, "upgrade_required", None),
    ],
)
async def test_a_malformed_address_is_refused_with_field_and_remedy(
    browser: Any, services: Any, method: str, path: str, status: int, code: str, field: Any
) -> None:
    answer = await browser.call(method, yarl.URL(path, encoded=True))

    assert (answer.status, answer.code) == (status, code)
    if field:
        (error,) = answer.json["errors"]
        assert error["field"] == field
        assert error["remedy"]
    assert services.calls("exchange-bridge") == []


async def test_a_body_beyond_the_limit_is_refused(browser: Any, services: Any) -> None:
    body = b'{"label": "' + b"x" * 256 * 1024 + b'"}'

    answer = await browser.call(
        "POST",
        "/api/v1/bots",
        data=body,
        headers=browser.headers(**{"Content-Type": "application/json"}),
    )

    assert (answer.status, answer.code) == (413, "body_too_large")
    assert services.calls("bots") == []


async def test_a_body_where_none_belongs_is_refused(browser: Any, services: Any) -> None:
    assert (await browser.call("POST", "/api/v1/bots/bot_1/start", body={})).status == 200

    answer = await browser.call("POST", "/api/v1/bots/bot_1/start", body={"budget": "1"})

    assert (answer.status, answer.code) == (422, "body_unexpected")
    assert [seen.body for seen in services.calls("bots")] == [b""]


async def test_nothing_sent_needs_no_type(browser: Any) -> None:
    headers = browser.headers(**{"Content-Type": "application/octet-stream"})

    assert (await browser.call("POST", "/api/v1/bots/bot_1/stop", headers=headers)).status == 200
    refused = await browser.call("POST", "/api/v1/bots/bot_1/stop", headers=headers, data=b"a=b")
    assert refused.status == 415


async def test_a_viewer_looks_and_changes_nothing(guest: Any, services: Any) -> None:
    viewer = guest.as_user(services.sign_in("usr_eve", ("viewer",)))

    assert (await viewer.call("GET", "/api/v1/orders")).status == 200
    answer = await viewer.call("POST", "/api/v1/orders", body={})

    assert (answer.status, answer.code) == (403, "role_missing")


async def test_guessing_at_the_door_is_slowed_down(guest: Any, services: Any) -> None:
    answers = [
        await guest.call("POST", "/api/v1/auth/login", body={"email": "a@b.example"})
        for _ in range(22)
    ]

    last = answers[-1]
    assert (last.status, last.code) == (429, "credentials_rate_exceeded")
    assert int(last.headers["Retry-After"]) >= 1
    assert len(services.calls("auth", "/v1/auth/login")) == 20


async def test_every_answer_carries_the_security_headers(browser: Any) -> None:
    for path in ("/", "/api/v1/orders", "/api/v1/nothing", "/api/docs", "/healthz"):
        headers = (await browser.call("GET", path)).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers


async def test_https_adds_strict_transport_and_the_host_cookie(
    settings: Any, serve: Any, guest: Any, services: Any
) -> None:
    secure = settings.model_copy(update={"public_origin": "https://trade.example"})
    session_id = services.sign_in("usr_ada")
    async with serve(secure) as url:
        browser = type(guest)(guest.http, url)
        plain = await browser.call(
            "GET", "/api/v1/orders", headers={"Cookie": f"ct_session={session_id}"}
        )
        answer = await browser.call(
            "GET", "/api/v1/orders", headers={"Cookie": f"__Host-ct_session={session_id}"}
        )

    assert plain.status == 401
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
