"""A user of the public API, the venue's own word, and the comparison of the two."""

import csv
import math
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from ct_kit.contracts.orders import TERMINAL_STATES
from ct_kit.testing import eventually_sync
from ct_local.layout import REPOSITORY
from ct_local.testing import Platform

PASSWORD = "a test user's password"
TOKEN_USED_S = 30.0  # of the 60 s an identity token is valid
NEVER_AT_VENUE = frozenset({"refused", "not_placed"})
MINUTE_MS = 60_000
VENUE_LIMITED = "venue_rate_limited"
WEIGHT_MINUTE_S = 65.0


class User:
    """Somebody signed in at the gateway; every answer is checked."""

    def __init__(self, platform: Platform) -> None:
        self.http = httpx.Client(base_url=f"{platform.base_url}/api/v1", timeout=30)
        self.post(
            "/auth/register",
            {"email": f"user-{secrets.token_hex(6)}@example.org", "password": PASSWORD},
        )
        session = self.get("/auth/session")
        self.id: str = session["user"]["id"]
        self.http.headers["X-CSRF-Token"] = session["csrf_token"]

    def call(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **params: Any
    ) -> httpx.Response:
        """Return the bare answer, whatever it says."""
        headers = {} if key is None else {"Idempotency-Key": key}
        content = {} if body is None else {"json": body}
        return self.http.request(method, path, headers=headers, params=params, **content)

    def get(self, path: str, **params: Any) -> Any:
        return _good(self.call("GET", path, **params))

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        return _good(self.call("POST", path, body, key=key))

    def delete(self, path: str) -> Any:
        return _good(self.call("DELETE", path))

    def refusal(
        self, method: str, path: str, body: Any = None, *, status: int, key: str | None = None
    ) -> dict[str, Any]:
        """Make a call that must be refused so, and return its problem document."""
        answer = self.call(method, path, body, key=key)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        problem: dict[str, Any] = answer.json()
        return problem

    def all_of(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Return the items of every page."""
        items: list[dict[str, Any]] = []
        page = self.get(path, limit=200, **params)
        items += page["items"]
        while page["next_cursor"]:
            page = self.get(path, limit=200, cursor=page["next_cursor"], **params)
            items += page["items"]
        return items

    def open_account(self, **balances: str) -> dict[str, Any]:
        """Open a paper account; its label is its own, so that the venue's account is found."""
        body = {"label": f"account {secrets.token_hex(4)}", "balances": balances}

        def opened() -> dict[str, Any]:
            answer = self.call("POST", "/accounts/paper", body, key=body["label"][8:])
            # Many accounts opened within a minute spend the venue's weight; more comes with the next.
            assert VENUE_LIMITED not in answer.text, answer.text
            account: dict[str, Any] = _good(answer)
            return account

        return eventually_sync(opened, timeout_s=WEIGHT_MINUTE_S)

    def order(self, order_id: str) -> dict[str, Any]:
        order: dict[str, Any] = self.get(f"/orders/{order_id}")
        return order

    def in_state(self, order_id: str, *states: str, timeout_s: float = 15) -> dict[str, Any]:
        """Wait until an order is in one of these states."""

        def reached() -> dict[str, Any]:
            order = self.order(order_id)
            assert order["state"] in states, order
            return order

        return eventually_sync(reached, timeout_s=timeout_s)

    def price(self, symbol: str = "BTC-USDT") -> Decimal:
        return Decimal(self.get(f"/markets/{symbol}")["ticker"]["last"])


class Simulator:
    """The venue behind the platform, through its admin port."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._token_until = 0.0
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{platform.port('simulator')}/admin", timeout=30
        )

    def call(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        if time.monotonic() > self._token_until:
            self._token_until = time.monotonic() + TOKEN_USED_S
            self.http.headers["Authorization"] = f"Bearer {self._platform.operator_token()}"
        content = {} if body is None else {"json": body}
        return _good(self.http.request(method, path, params=params, **content))

    def now_ms(self) -> int:
        now_ms: int = self.call("GET", "/clock")["now_ms"]
        return now_ms

    def step(self, candles: int = 1) -> int:
        """Move the stepped clock on; return the venue's time after it."""
        now_ms: int = self.call("POST", "/clock/step", {"candles": candles})["now_ms"]
        return now_ms

    def fault(
        self, kind: str, method: str | None = None, path: str | None = None, **more: Any
    ) -> None:
        match = {"method": method, "path": path}
        self.call("POST", "/faults", {"kind": kind, "match": match, **more})

    def clear_faults(self) -> None:
        self.call("DELETE", "/faults")

    def account(self, label: str) -> dict[str, Any]:
        """Return the venue's account of one of our accounts, found by its label."""
        found: list[dict[str, Any]] = self.call("GET", "/accounts")["items"]
        (account,) = [item for item in found if item["label"] == label]
        return account

    def truth(self, account_id: str) -> list[dict[str, Any]]:
        """Return every record of an account in the truth log."""
        records: list[dict[str, Any]] = []
        after = 0
        while True:
            page = self.call("GET", "/truth", account_id=account_id, after=after, limit=10_000)
            if not page["items"]:
                return records
            records += page["items"]
            after = page["next_after"]


def _good(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.method} {answer.url}: {answer.text}"
    return answer.json() if answer.content else None


@dataclass(frozen=True, slots=True)
class Books:
    """What the venue and the ledger agree on."""

    orders: list[dict[str, Any]]
    fills: list[dict[str, Any]]
    balances: dict[str, Decimal]


def compare_books(user: User, simulator: Simulator, account: dict[str, Any]) -> Books:
    """Assert that our ledger and the venue's truth log tell the same of an account.

    The same orders once each and in the same state, the same trades with their commissions, and
    the same balances four times: as the venue has them, as our account shows them, as the truth
    log's last word on each asset, and as the opening balances and our fills add up.
    """
    venue = simulator.account(account["label"])
    records = simulator.truth(venue["account_id"])
    orders = user.all_of("/orders", account_id=account["id"])
    fills = user.all_of("/fills", account_id=account["id"])

    ours = {order["id"]: order["client_order_id"] for order in orders}
    placed = {o["client_order_id"]: o for o in orders if o["state"] not in NEVER_AT_VENUE}
    assert len(ours) == len(set(ours.values())), "two orders of ours share a client order id"
    accepted = [record for record in records if record["kind"] == "order"]
    assert Counter(list(placed)) == Counter(record["client_order_id"] for record in accepted)
    assert Counter(_ours(fill, ours) for fill in fills) == Counter(
        _theirs(record) for record in records if record["kind"] == "fill"
    )
    states = _venue_states(records)
    assert {name: _settled(order["state"]) for name, order in placed.items()} == states

    expected = _balances_after(records, fills)
    last_word: dict[str, Decimal] = {}
    for record in records:
        for asset, after in record["balances"].items():
            last_word[asset] = Decimal(after["free"]) + Decimal(after["locked"])
    at_venue = {
        asset: Decimal(held["free"]) + Decimal(held["locked"])
        for asset, held in venue["balances"].items()
    }
    shown = {
        balance["asset"]: Decimal(balance["total"])
        for balance in user.get(f"/accounts/{account['id']}")["balances"]
    }
    for told in (last_word, at_venue, shown):
        assert _without_zeros(told) == _without_zeros(expected)
    return Books(orders, fills, expected)


def _ours(fill: dict[str, Any], client_ids: dict[str, str]) -> tuple[Any, ...]:
    return (
        fill["venue_trade_id"],
        client_ids.get(fill["order_id"]),
        fill["symbol"],
        fill["side"],
        Decimal(fill["price"]),
        Decimal(fill["quantity"]),
        Decimal(fill["commission"]),
        fill["commission_asset"],
        fill["maker"],
        datetime.fromisoformat(fill["at"]),
    )


def _theirs(record: dict[str, Any]) -> tuple[Any, ...]:
    return (
        str(record["trade_id"]),
        record["client_order_id"],
        record["symbol"],
        record["side"].lower(),
        Decimal(record["price"]),
        Decimal(record["quantity"]),
        Decimal(record["commission"]),
        record["commission_asset"],
        record["is_maker"],
        datetime.fromtimestamp(record["time_ms"] / 1000, UTC),
    )


def _venue_states(records: list[dict[str, Any]]) -> dict[str, str]:
    """Return how each order of the truth log stands: working, filled, or how it was closed."""
    left: dict[str, Decimal] = {}
    states: dict[str, str] = {}
    for record in records:
        name = record.get("client_order_id", "")
        if record["kind"] == "order":
            left[name], states[name] = Decimal(record["quantity"]), "working"
        elif record["kind"] == "fill":
            left[name] -= Decimal(record["quantity"])
            states[name] = states[name] if left[name] else "filled"
        elif record["kind"] == "close":
            states[name] = record["status"].lower()
    return states


def _settled(state: str) -> str:
    assert state in {*TERMINAL_STATES, "acked", "open", "partial"}, f"an order is {state}"
    return state if state in TERMINAL_STATES else "working"


def _balances_after(
    records: list[dict[str, Any]], fills: list[dict[str, Any]]
) -> dict[str, Decimal]:
    """Add our fills up onto what the venue's account was opened with."""
    (opened,) = [record for record in records if record["kind"] == "account"]
    balances = {asset: Decimal(amount) for asset, amount in opened["opening"].items()}
    for fill in fills:
        base, quote = fill["symbol"].split("-")
        sign = 1 if fill["side"] == "buy" else -1
        for asset, change in (
            (base, sign * Decimal(fill["quantity"])),
            (quote, -sign * Decimal(fill["quote_quantity"])),
            (fill["commission_asset"], -Decimal(fill["commission"])),
        ):
            balances[asset] = balances.get(asset, Decimal(0)) + change
    return balances


def _without_zeros(balances: dict[str, Decimal]) -> dict[str, Decimal]:
    return {asset: amount for asset, amount in balances.items() if amount}


@pytest.fixture(scope="session")
def new_user() -> Iterator[Callable[[Platform], User]]:
    """Register users; their connections are closed at the end."""
    users: list[User] = []

    def make(platform: Platform) -> User:
        users.append(User(platform))
        return users[-1]

    yield make
    for user in users:
        user.http.close()


@pytest.fixture(scope="session")
def simulator_of() -> Iterator[Callable[[Platform], Simulator]]:
    """Reach the venue of a platform; connections are closed at the end."""
    reached: list[Simulator] = []

    def reach(platform: Platform) -> Simulator:
        reached.append(Simulator(platform))
        return reached[-1]

    yield reach
    for simulator in reached:
        simulator.http.close()


@pytest.fixture(scope="session")
def books() -> Callable[[User, Simulator, dict[str, Any]], Books]:
    return compare_books


@pytest.fixture(scope="session")
def market_data() -> Path:
    """The folder of recorded candles, which is handed out beside the repository."""
    folder = REPOSITORY.parent / "shared" / "market-data" / "ohlcv"
    if not folder.is_dir():
        pytest.skip(f"there are no recorded candles: {folder} is absent")
    return folder


@pytest.fixture(scope="session")
def random_candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording nobody made: a week of BTC-USDT minutes that swing enough for a fast bot."""
    path = tmp_path_factory.mktemp("candles") / "BTCUSDT-1m-random.csv"
    generator = random.Random(20_260_101)
    close = 60_000.0
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["open_time", "open", "high", "low", "close", "volume"])
        for minute in range(10_080):
            opened, close = close, round(close * math.exp(generator.gauss(0, 0.0008)), 2)
            high = round(max(opened, close) * (1 + generator.random() * 4e-4), 2)
            low = round(min(opened, close) * (1 - generator.random() * 4e-4), 2)
            start = 1_750_000_020_000 // MINUTE_MS * MINUTE_MS
            writer.writerow([start + minute * MINUTE_MS, opened, high, low, close, 25.0])
    return path
