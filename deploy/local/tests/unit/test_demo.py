"""The demo speaks the public API's contract, against a gateway that checks every body."""

import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ct_kit.contracts.accounts import PaperAccountCreate
from ct_kit.contracts.ai import BacktestRequest, TrainingRequest
from ct_kit.contracts.auth import RegisterRequest
from ct_kit.contracts.bots import BotCreate
from ct_kit.contracts.orders import OrderRequest
from ct_local.console import Console
from ct_local.demo.api import Api, DemoError
from ct_local.demo.seed import new_credentials, seed

SHAPES = {
    "/auth/register": RegisterRequest,
    "/accounts/paper": PaperAccountCreate,
    "/orders": OrderRequest,
    "/bots": BotCreate,
    "/backtests": BacktestRequest,
    "/trainings": TrainingRequest,
}
SYMBOLS = ("BTC-USDT", "ETH-USDT", "SOL-USDT")


class FakeGateway:
    """Answers as the gateway does; remembers what was made."""

    def __init__(self) -> None:
        self.made: list[tuple[str, dict[str, Any]]] = []
        self.csrf_missing: list[str] = []
        self.busy_once = {"/orders"}
        self.order_state = "filled"

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        if request.method == "POST":
            return self._post(path, request)
        if path == "/auth/session":
            return httpx.Response(200, json={"csrf_token": "token"})
        if path == "/markets":
            return httpx.Response(200, json={"items": [_market(symbol) for symbol in SYMBOLS]})
        if path.startswith("/markets/"):
            return httpx.Response(200, json=_market(path.rsplit("/", 1)[1]))
        if path.startswith("/orders/"):
            return httpx.Response(200, json=self._order())
        assert path == "/jobs/job_1"
        progress = {"phase": "done", "fraction": 1.0}
        return httpx.Response(200, json={"state": "succeeded", "progress": progress, "error": None})

    def _post(self, path: str, request: httpx.Request) -> httpx.Response:
        assert request.headers["Idempotency-Key"]
        if path != "/auth/register" and request.headers.get("X-CSRF-Token") != "token":
            self.csrf_missing.append(path)
        if path in self.busy_once:
            self.busy_once.remove(path)
            return httpx.Response(429, headers={"Retry-After": "0"})
        body = json.loads(request.content or b"{}")
        if path in SHAPES:
            SHAPES[path].model_validate(body)
        self.made.append((path, body))
        return httpx.Response(201, json={**self._order(), "id": "made_1", "job_id": "job_1"})

    def _order(self) -> dict[str, Any]:
        return {
            "state": self.order_state,
            "reason": "the venue said so",
            "side": "buy",
            "symbol": "BTC-USDT",
            "executed_quantity": "1",
            "average_price": "2",
        }


def _market(symbol: str) -> dict[str, Any]:
    return {
        "instrument": {"symbol": symbol, "tick_size": "0.01"},
        "ticker": {"last": "100.005", "stale": False},
    }


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def console() -> Iterator[Console]:
    with io.StringIO() as stream:
        yield Console(stream)


async def test_the_demo_makes_everything_a_page_shows(
    gateway: FakeGateway, console: Console
) -> None:
    async with Api("http://gateway", httpx.MockTransport(gateway)) as api:
        await seed(api, console, new_credentials())

    paths = [path for path, _ in gateway.made]
    assert paths.count("/bots") == 3
    assert sum(path.endswith("/start") for path in paths) == 3
    assert {"/accounts/paper", "/backtests", "/trainings"} <= set(paths)
    assert gateway.csrf_missing == []


async def test_the_resting_order_lies_below_the_price_and_on_the_tick(
    gateway: FakeGateway, console: Console
) -> None:
    async with Api("http://gateway", httpx.MockTransport(gateway)) as api:
        await seed(api, console, new_credentials())
    resting = next(body for path, body in gateway.made if body.get("type") == "limit")
    assert resting["price"] == "97.00"


async def test_an_order_that_does_not_fill_ends_the_demo_with_its_reason(
    gateway: FakeGateway, console: Console
) -> None:
    gateway.order_state = "refused"
    async with Api("http://gateway", httpx.MockTransport(gateway)) as api:
        with pytest.raises(DemoError, match="ended refused: the venue said so"):
            await seed(api, console, new_credentials())


def test_every_demo_has_credentials_of_its_own() -> None:
    first, second = new_credentials(), new_credentials()
    assert first.email != second.email
    assert first.password != second.password
    assert len(first.password) >= 20
