from typing import Any

import pytest
import yarl

from ct_kit.testing import eventually


@pytest.mark.parametrize("path", ["/", "/bots", "/bots/bot_1/edit", "/login"])
async def test_the_app_owns_paths_without_extension(guest: Any, path: str) -> None:
    answer = await guest.call("GET", path)

    assert answer.status == 200
    assert b"<title>CryptoTrade</title>" in answer.body
    assert answer.headers["Cache-Control"] == "no-cache"


async def test_hashed_assets_are_kept_for_ever_and_sent_packed(guest: Any) -> None:
    path = "/assets/app-1a2b3c4d.js"
    packed = await guest.http.get(f"{guest.url}{path}", headers={"Accept-Encoding": "br"})
    plain = await guest.call("GET", path, headers={"Accept-Encoding": "identity"})
    again = await guest.call("GET", path, headers={"If-None-Match": plain.headers["ETag"]})

    assert packed.headers["Content-Encoding"] == "br"
    assert packed.headers["Content-Length"] == "6"
    assert plain.body == b"export {}"
    assert plain.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in plain.headers["Cache-Control"]
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/missing.js",
        "/assets/../../secret",
        "/%2e%2e/%2e%2e/etc/passwd.txt",
        "/api/none",
        "/a%00.js",
    ],
)
async def test_nothing_outside_the_build_is_served(guest: Any, path: str) -> None:
    answer = await guest.call("GET", yarl.URL(path, encoded=True))

    assert answer.status in {404, 422} or b"<title>CryptoTrade</title>" in answer.body
    assert b"root:" not in answer.body


async def test_a_page_that_is_not_built_says_what_to_do(
    settings: Any, serve: Any, guest: Any, tmp_path: Any
) -> None:
    async with serve(settings.model_copy(update={"frontend_dir": tmp_path / "none"})) as url:
        answer = await type(guest)(guest.http, url).call("GET", "/")

    assert answer.status == 503
    assert b"make run" in answer.body


async def test_the_documentation_needs_no_script(guest: Any) -> None:
    page = await guest.call("GET", "/api/docs")
    document = await guest.call("GET", "/api/v1/openapi.json")

    assert b"/api/v1/orders/{id}" in page.body
    assert b"<script" not in page.body
    assert document.json["openapi"] == "3.1.0"


async def test_the_status_names_what_is_down(browser: Any, services: Any) -> None:
    services.not_ready.add("bots")

    async def settled() -> Any:
        answer = (await browser.call("GET", "/api/v1/status")).json
        states = {item["name"]: item for item in answer["services"]}
        return (answer, states) if states["gateway"]["state"] == "up" else None

    answer, states = await eventually(settled)

    assert answer["state"] == "degraded"
    assert (states["bots"]["state"], states["bots"]["reason"]) == ("not_ready", "mongodb: down")
    assert states["auth"]["state"] == "up"
    assert answer["market"] == "simulated"


async def test_health_is_public_and_metrics_name_routes_not_paths(browser: Any) -> None:
    await browser.call("GET", "/api/v1/orders/ord_1234")

    assert (await browser.call("GET", "/healthz")).status == 200
    assert (await browser.call("GET", "/readyz")).json["ready"] is True
    metrics = (await browser.call("GET", "/metrics")).body.decode()
    assert 'route="/orders/{id}"' in metrics
    assert "ord_1234" not in metrics
