from typing import Any

import pytest

from ct_kit.errors import Unavailable
from ct_kit.testing import eventually
from ct_proxy.ports import AuditRow


async def test_an_allowed_call_is_sent_once_to_the_resolved_address(proxy: Any) -> None:
    answer = await proxy.call(url="https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=5")
    assert answer.status_code == 200
    assert answer.headers["X-CT-Upstream-Status"] == "200"
    assert answer.headers["X-CT-Upstream-Content-Type"] == "application/json"
    assert answer.content == b'{"serverTime":1}'
    ((address, method, allowed),) = proxy.wire.sent
    assert (address, method) == ("8.8.8.8", "GET")
    assert allowed.target == "/api/v3/depth?symbol=BTCUSDT&limit=5"
    assert proxy.resolver.asked == 1


@pytest.mark.parametrize("status", [301, 302, 307, 400, 418, 429, 500, 503])
async def test_whatever_the_venue_says_is_passed_on_without_another_try(
    settings: Any, running: Any, status: int
) -> None:
    async with running(settings) as proxy:
        proxy.wire.status = status
        answer = await proxy.call()
        assert answer.status_code == 200
        assert answer.headers["X-CT-Upstream-Status"] == str(status)
        assert len(proxy.wire.sent) == 1


async def test_a_restricted_location_is_shown_and_not_evaded(proxy: Any) -> None:
    proxy.wire.status = 451
    for _ in range(5):
        await proxy.call()
    assert {allowed.route.id for _, _, allowed in proxy.wire.sent} == {"direct"}
    status = (await proxy.get("/v1/status")).json()
    assert status["restricted"] == {"api.binance.com": "direct"}


async def test_rebinding_a_name_that_flips_between_outside_and_inside_never_connects_inside(
    proxy: Any,
) -> None:
    flips = [["8.8.8.8"], ["127.0.0.1"], ["8.8.8.8", "169.254.169.254"], ["::1"]]
    proxy.resolver.answers = flips * 50
    statuses = [(await proxy.call()).status_code for _ in range(200)]
    assert statuses.count(200) == 50
    assert statuses.count(403) == 150
    assert {address for address, _, _ in proxy.wire.sent} == {"8.8.8.8"}
    assert proxy.resolver.asked == 200  # once per call: the address checked is the one used


async def test_every_attempt_leaves_its_rows(proxy: Any, audit: Any) -> None:
    await proxy.call()
    await proxy.call(url="https://127.0.0.1/?signature=canary")
    await proxy.call(caller="ai-engine", role="signed")
    proxy.resolver.answers = [["10.0.0.1"]]
    await proxy.call()

    async def rows() -> list[tuple[Any, ...]]:
        found = [row async for row in audit.find({}, sort=[("_id", 1)])]
        assert "canary" not in str(found)
        assert len(found) == 5
        fields = ("caller", "verdict", "rule", "host", "address", "status", "bytes_in")
        return [tuple(row[name] for name in fields) for row in found]

    bridge, host = "exchange-bridge", "api.binance.com"
    assert sorted(await eventually(rows), key=str) == sorted(
        [
            (bridge, "allowed", "route:direct", host, "8.8.8.8", None, 0),
            (bridge, "answered", "route:direct", host, "8.8.8.8", 200, 16),
            (bridge, "refused", "host", "127.0.0.1", None, None, 0),
            ("ai-engine", "refused", "role_of_caller", None, None, None, 0),
            (bridge, "refused", "address", host, None, None, 0),
        ],
        key=str,
    )


async def test_what_cannot_be_put_on_record_does_not_leave(settings: Any, running: Any) -> None:
    class FullDisk:
        async def add(self, row: AuditRow) -> None:
            raise Unavailable("database_unavailable", f"No room for {row.verdict}.")

    async with running(settings, audit=FullDisk()) as proxy:
        assert (await proxy.call()).status_code == 503
        assert proxy.wire.sent == []


async def test_refusals_are_problems_with_their_rule(proxy: Any) -> None:
    answer = await proxy.call(role="signed", url="https://api.binance.com/api/v3/account")
    assert answer.status_code == 403
    assert answer.json()["code"] == "egress_refused"
    assert "no_signed_route" in answer.json()["detail"]
    stream = await proxy.call(url="wss://stream.binance.com:9443/ws")
    assert "rule stream" in stream.json()["detail"]


async def test_a_name_without_an_answer_means_nothing_was_sent(proxy: Any) -> None:
    proxy.resolver.answers = [[]]
    answer = await proxy.call()
    assert (answer.status_code, answer.json()["code"]) == (503, "egress_unavailable")


async def test_decide_says_what_would_happen_and_sends_nothing(proxy: Any) -> None:
    allowed = (await proxy.call("/v1/decide")).json()
    assert (allowed["allowed"], allowed["rule"], allowed["route"]) == (
        True,
        "route:direct",
        "direct",
    )
    refused = (await proxy.call("/v1/decide", url="https://evil.example/")).json()
    assert (refused["allowed"], refused["rule"]) == (False, "host")
    assert proxy.wire.sent == []
    assert proxy.resolver.asked == 0


async def test_the_built_in_route_carries_public_data_only(proxy: Any) -> None:
    assert (await proxy.get("/v1/routes")).json()["items"] == [
        {
            "id": "direct",
            "kind": "direct",
            "country": None,
            "venues": ["binance"],
            "market_data": True,
            "signed": False,
        }
    ]


async def test_only_listed_services_get_in(proxy: Any) -> None:
    assert (await proxy.http.get("/v1/status")).status_code == 401
    assert (await proxy.get("/v1/status", caller="bots")).status_code == 403
    assert (await proxy.http.get("/readyz")).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"route": "office"},
        {"role": "admin"},
        {"method": "CONNECT"},
        {"url": ""},
        {"url": "x" * 9_000},
        {"headers": [["a b", "c"]]},
        {"headers": {"a": "b"}},
        {"body": "x" * 70_000},
    ],
)
async def test_malformed_requests_are_422_with_field_and_remedy(
    proxy: Any, change: dict[str, Any]
) -> None:
    answer = await proxy.call(**change)
    assert answer.status_code == 422
    assert all(error["field"] and error["remedy"] for error in answer.json()["errors"])
