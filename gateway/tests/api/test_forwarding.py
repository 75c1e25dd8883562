import json
from typing import Any

import pytest
from aiohttp import web

from ct_kit.testing import free_port


async def test_a_call_reaches_its_service_with_our_identity_and_the_users(
    browser: Any, services: Any
) -> None:
    answer = await browser.call("GET", "/api/v1/orders?state=open&limit=5")

    assert answer.status == 200
    assert answer.json == {"service": "exchange-bridge"}
    (seen,) = services.calls("exchange-bridge")
    assert (seen.method, seen.target) == ("GET", "/v1/orders?state=open&limit=5")
    assert (seen.user_id, seen.roles) == ("usr_ada", ("trader",))
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_body_goes_through_byte_for_byte(browser: Any, services: Any) -> None:
    body = b'{ "label":"grid",  "budget": "100.00" }'
    headers = browser.headers(**{"Content-Type": "application/json", "Idempotency-Key": "k-1"})

    answer = await browser.call("POST", "/api/v1/bots", data=body, headers=headers)

    assert answer.status == 200
    (seen,) = services.calls("bots")
    assert seen.body == body
    assert seen.values("Idempotency-Key") == ["k-1"]
    assert seen.values("X-CSRF-Token") == []
    assert seen.values("Cookie") == []


FORGED = [
    ("X-User-Id", "usr_eve"),
    ("x-user-id", "usr_eve"),
    ("X_User_Id", "usr_eve"),
    ("X-User-Roles", "admin"),
    ("X-CT-Session", "stolen"),
    ("X-Ct-User", "usr_eve"),
    ("X_CT_Session", "stolen"),
    ("X-CT-Client-Address", "6.6.6.6"),
    ("X-Forwarded-For", "6.6.6.6"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-User", "root"),
    ("X_Forwarded_For", "6.6.6.6"),
    ("Forwarded", "for=6.6.6.6"),
    ("X-Real-IP", "6.6.6.6"),
    ("X-Original-URL", "/v1/keys"),
    ("X-Rewrite-URL", "/v1/keys"),
    ("X-HTTP-Method-Override", "DELETE"),
    ("X-Remote-User", "root"),
    ("Remote-User", "root"),
    ("X-Authenticated-User", "root"),
    ("Authorization", "Bearer forged"),
    ("authorization", "Basic cm9vdDpyb290"),
    ("Proxy-Authorization", "Basic cm9vdDpyb290"),
    ("Connection", "keep-alive, X-Request-Id, Authorization"),
    ("Keep-Alive", "timeout=99"),
    ("TE", "trailers"),
    ("Trailer", "X-User-Id"),
    ("X-Request-Id", "forged-request-id"),
    ("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ("Range", "bytes=0-1"),
    ("Host", "localhost:1"),
]


@pytest.mark.parametrize(("name", "value"), FORGED)
async def test_no_identity_or_connection_header_from_outside_passes(
    browser: Any, services: Any, name: str, value: str
) -> None:
    headers = [*browser.headers().items(), (name, value), (name, value)]
    if name == "Host":
        headers = [*browser.headers().items(), (name, value)]

    await browser.call("GET", "/api/v1/accounts", headers=headers)

    for seen in services.calls("exchange-bridge"):
        assert seen.user_id == "usr_ada"
        allowed = {"host", "accept", "authorization", "x-request-id", "content-type"}
        assert {key.lower() for key, _ in seen.headers} <= allowed
        assert value not in [held for _, held in seen.headers]
        assert len(seen.values("Authorization")) == 1


async def test_only_auth_learns_the_session_and_the_address(browser: Any, services: Any) -> None:
    await browser.call("GET", "/api/v1/auth/sessions")

    (seen,) = services.calls("auth")
    assert seen.values("X-CT-Session") == [browser.session_id]
    assert seen.values("X-CT-Client-Address") == ["127.0.0.1"]


async def test_a_services_own_headers_stay_inside(browser: Any, services: Any) -> None:
    services.on(
        "exchange-bridge",
        "GET",
        "/v1/portfolio/report.csv",
        lambda _: web.Response(
            text="a,b",
            headers={
                "Content-Type": "text/csv",
                "Content-Disposition": "attachment; filename=report.csv",
                "Set-Cookie": "ct_session=planted",
                "X-CT-Secret": "1",
                "Access-Control-Allow-Origin": "*",
            },
        ),
    )

    answer = await browser.call("GET", "/api/v1/portfolio/report.csv?year=2026")

    assert answer.body == b"a,b"
    assert answer.headers["Content-Disposition"] == "attachment; filename=report.csv"
    for name in ("Set-Cookie", "X-CT-Secret", "Access-Control-Allow-Origin"):
        assert name not in answer.headers


async def test_a_services_problem_passes_unchanged(browser: Any, services: Any) -> None:
    problem = {"status": 422, "code": "below_min_notional", "errors": [{"field": "body.price"}]}
    services.on(
        "exchange-bridge",
        "POST",
        "/v1/orders",
        lambda _: web.Response(
            status=422, body=json.dumps(problem), content_type="application/problem+json"
        ),
    )

    answer = await browser.call("POST", "/api/v1/orders", body={})

    assert (answer.status, answer.code) == (422, "below_min_notional")
    assert answer.json == problem


async def test_a_refusal_of_the_gateway_itself_never_looks_like_a_sign_out(
    browser: Any, services: Any
) -> None:
    services.on(
        "bots",
        "GET",
        "/v1/bots",
        lambda _: web.json_response({"code": "caller_unauthenticated"}, status=401),
    )

    answer = await browser.call("GET", "/api/v1/bots")

    assert (answer.status, answer.code) == (502, "upstream_refused_gateway")


async def test_long_answers_arrive_whole(browser: Any, services: Any) -> None:
    text = "x" * 3_000_000
    services.on("ai-engine", "GET", "/v1/jobs/job_1", lambda _: web.Response(text=text))

    answer = await browser.call("GET", "/api/v1/jobs/job_1")

    assert answer.body == text.encode()


async def test_one_call_serves_everybody_who_asks_for_the_same_market(
    browser: Any, services: Any
) -> None:
    other = browser.as_user(services.sign_in("usr_bob"))

    for caller in (browser, other, browser):
        assert (await caller.call("GET", "/api/v1/markets/BTC-USDT")).status == 200

    assert len(services.calls("exchange-bridge")) == 1


async def test_a_dead_service_is_named_and_nothing_was_done(
    settings: Any, serve: Any, guest: Any, services: Any
) -> None:
    broken = settings.model_copy(update={"bots_url": f"http://127.0.0.1:{free_port()}"})
    async with serve(broken) as url:
        browser = type(guest)(guest.http, url, services.sign_in("usr_ada"))
        answer = await browser.call("GET", "/api/v1/bots")
        started = await browser.call("POST", "/api/v1/bots/bot_1/start")

    assert (answer.status, answer.code) == (503, "upstream_unavailable")
    assert "bots" in answer.json["detail"]
    assert (started.status, started.code) == (503, "upstream_unavailable")


async def test_a_lost_answer_to_a_change_is_told_as_unknown_and_sent_once(
    browser: Any, services: Any
) -> None:
    class HangUp(web.Response):
        async def prepare(self, request: Any) -> Any:
            request.transport.abort()
            return await super().prepare(request)

    services.on("exchange-bridge", "POST", "/v1/orders", lambda _: HangUp(text=""))
    services.on("exchange-bridge", "DELETE", "/v1/orders/ord_1", lambda _: HangUp(text=""))

    created = await browser.call("POST", "/api/v1/orders", body={})
    cancelled = await browser.call("DELETE", "/api/v1/orders/ord_1")

    assert (created.status, created.code) == (503, "outcome_unknown")
    assert (cancelled.status, cancelled.code) == (503, "outcome_unknown")
    assert len(services.calls("exchange-bridge")) == 2
