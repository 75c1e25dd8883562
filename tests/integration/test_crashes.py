"""Every service killed by force, one after the other, while a bot trades and orders are placed."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from ct_kit.contracts.orders import TERMINAL_STATES
from ct_kit.domain import client_order_id
from ct_kit.testing import eventually_sync
from ct_local.testing import Platform

pytestmark = pytest.mark.platform

SPEED = 60  # a candle a second, so that the bot decides all the time
BETWEEN_ORDERS_S = 0.15
MOST_KILLS = 3  # one that is back within the second that a status holds is down longer next time
HEALED_WITHIN_S = 60.0
SETTLED_WITHIN_S = 60.0  # lookups every 2.5 s, and an absence is proved after the venue's deadline
ASK_EVERY_S = 0.1

# who is named by GET /status while a process is down: itself, the venue that the simulator plays,
# or one of those that the database serves
OWN_DATA = frozenset({"auth", "keyvault", "exchange-bridge", "proxy", "ai-engine", "bots"})
NAMED_AS = {
    **{name: {name} for name in (*OWN_DATA, "bots-runner", "ai-worker")},
    "simulator": {"binance"},
    "mongod": OWN_DATA,
}


@dataclass
class Trader:
    """Somebody at a desk: places orders one after the other and repeats what got no answer.

    Each order has its own Idempotency-Key, and a repetition carries the same one, as the page
    does it. Only an answer from 400 to 499 (not 429) says that an order was refused.
    """

    user: Any
    account: dict[str, Any]
    accepted: list[str] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    repeated: int = 0
    fault: BaseException | None = None
    _end: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        if self._thread is not None:
            self._thread.join()
        if self.fault is not None:
            raise self.fault

    def _run(self) -> None:
        try:
            for number in itertools.count():
                if self._end.is_set():
                    return
                self._place(number)
                self._end.wait(BETWEEN_ORDERS_S)
        except BaseException as error:  # noqa: BLE001 - told by `stop`, on the test's own thread
            self.fault = error

    def _place(self, number: int) -> None:
        key = f"desk-{number}"
        body = self._body(number)
        while True:
            try:
                answer = self.user.call("POST", "/orders", body, key=key)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.is_success:
                self.accepted.append(key)
                if body["type"] == "limit":
                    self._take_back(answer.json()["id"])
                return
            if answer is not None and 400 <= answer.status_code < 500:
                problem = answer.json()
                assert answer.status_code != httpx.codes.UNAUTHORIZED, problem
                self.refused.append(problem)
                return
            self.repeated += 1
            time.sleep(ASK_EVERY_S)

    def _body(self, number: int) -> dict[str, Any]:
        side = "buy" if number % 2 else "sell"
        body = {
            "account_id": self.account["id"],
            "symbol": "BTC-USDT",
            "side": side,
            "type": "market",
            "quantity": "0.001",
        }
        if number % 3:
            return body
        far = "50000" if side == "buy" else "70000"
        return {**body, "type": "limit", "price": far, "time_in_force": "GTC"}

    def _take_back(self, order_id: str) -> None:
        """Ask once; an order that stays because the answer was lost may rest."""
        try:
            self.user.call("DELETE", f"/orders/{order_id}")
        except httpx.TransportError:
            self.repeated += 1


@dataclass
class Trading:
    """A platform on which a bot and somebody at a desk trade."""

    platform: Platform
    user: Any
    simulator: Any
    account: dict[str, Any]
    bot_id: str
    trader: Trader

    def unwell(self) -> set[str] | None:
        """Name the services and venues that are not well; None while the gateway is away.

        While auth is away nobody's session can be known, and the refusal itself names it.
        """
        try:
            answer = self.user.call("GET", "/status")
        except httpx.TransportError:
            return None
        told = answer.json()
        if not answer.is_success:
            assert answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR, told
            return {name for name in OWN_DATA if name in told["detail"].lower()}
        services = {item["name"] for item in told["services"] if item["state"] != "up"}
        return services | {item["venue"] for item in told["venues"] if item["state"] == "down"}

    def kill(self, name: str) -> bool:
        """Kill a service, wait until it is back, and say whether it was named meanwhile."""
        killed = self.platform.kill(name)
        deadline = time.monotonic() + HEALED_WITHIN_S
        noticed = False
        while not self._is_back(name, killed):
            unwell = self.unwell()
            noticed |= (
                unwell is None if name == "gateway" else bool(NAMED_AS[name] & (unwell or set()))
            )
            assert time.monotonic() < deadline, f"{name} did not come back"
            time.sleep(ASK_EVERY_S)
        return noticed

    def _is_back(self, name: str, killed: int) -> bool:
        entry = next(e for e in self.platform.status()["services"] if e["name"] == name)
        return entry["pid"] not in {None, killed} and entry["state"] == "ready"

    def bot(self) -> dict[str, Any]:
        bot: dict[str, Any] = self.user.get(f"/bots/{self.bot_id}")
        return bot


@pytest.fixture(scope="module")
def trading(
    start_platform: Callable[..., Platform],
    random_candles: Path,
    new_user: Callable[[Platform], Any],
    simulator_of: Callable[[Platform], Any],
) -> Iterator[Trading]:
    platform = start_platform(
        CT_MARKET="replay",
        CT_REPLAY=str(random_candles),
        CT_REPLAY_SPEED=str(SPEED),
        CT_GATEWAY_LIMIT_SCALE="1000",
    )
    user = new_user(platform)
    account = user.open_account(USDT="100000", BTC="2")
    bot = user.post(
        "/bots",
        {
            "label": "Crash test",
            "strategy": "ema_cross",
            "account_id": account["id"],
            "symbol": "BTC-USDT",
            "interval": "1m",
            "budget": "1000",
            "parameters": {"fast": 2, "slow": 3},
        },
    )
    user.post(f"/bots/{bot['id']}/start")
    trader = Trader(user, account)
    trader.start()
    yield Trading(platform, user, simulator_of(platform), account, bot["id"], trader)
    trader.stop()
    platform.stop()


@pytest.mark.parametrize("name", [*sorted(NAMED_AS), "gateway"])
def test_a_killed_service_is_named_and_comes_back(trading: Trading, name: str) -> None:
    _await(lambda: trading.unwell() == set(), HEALED_WITHIN_S)
    seen = trading.bot()["last_candle"] or 0
    placed = len(trading.trader.accepted)

    assert any(trading.kill(name) for _ in range(MOST_KILLS)), (
        f"nobody noticed that {name} was down"
    )

    _await(lambda: trading.unwell() == set(), HEALED_WITHIN_S)
    assert trading.user.get("/auth/session")["user"]["id"] == trading.user.id
    _await(lambda: len(trading.trader.accepted) > placed + 3, HEALED_WITHIN_S)
    _await(lambda: (trading.bot()["last_candle"] or 0) > seen, HEALED_WITHIN_S)
    assert trading.bot()["state"] == "running"


def test_after_it_all_nothing_is_lost_doubled_or_stuck(
    trading: Trading, books: Callable[..., Any]
) -> None:
    trading.trader.stop()
    trading.user.post(f"/bots/{trading.bot_id}/pause")
    user, account = trading.user, trading.account

    agreed = eventually_sync(
        lambda: books(user, trading.simulator, account), timeout_s=SETTLED_WITHIN_S
    )

    by_client_id = {order["client_order_id"]: order for order in agreed.orders}
    for key in trading.trader.accepted:
        assert client_order_id(account["id"], key, 1) in by_client_id, f"{key} was lost"
    refused = [problem["code"] for problem in trading.trader.refused]
    assert set(refused) <= {"stale_market", "insufficient_balance"}, refused
    hand = [order for order in agreed.orders if order["bot_id"] is None]
    assert len(hand) <= len(trading.trader.accepted) + len(refused)
    assert trading.trader.repeated > 0, "no kill met an order: the test proves nothing"
    _assert_bot_agrees(trading, agreed)
    assert any(order["state"] in TERMINAL_STATES for order in agreed.orders)


def _assert_bot_agrees(trading: Trading, agreed: Any) -> None:
    """Each order of the bot stands behind one target of one decision, and its book adds up."""
    bot = trading.bot()
    orders = {order["id"] for order in agreed.orders if order["bot_id"] == bot["id"]}
    fills = [fill for fill in agreed.fills if fill["bot_id"] == bot["id"]]
    decisions = trading.user.all_of(f"/bots/{bot['id']}/decisions")
    targets = [t["order_id"] for d in decisions for t in d["targets"] if t["order_id"]]
    assert len(fills) > 0
    assert len(targets) == len(set(targets)), "one order stands behind two targets"
    assert set(targets) == orders
    candles = [d["candle"] for d in decisions if d["trigger"] == "candle"]
    assert len(candles) == len(set(candles)), "a candle was decided on twice"
    held = Decimal(0)
    for fill in fills:
        if fill["side"] == "buy":
            held += Decimal(fill["quantity"]) - Decimal(fill["commission"])
        else:
            held -= Decimal(fill["quantity"])
    assert Decimal(bot["position"]["base"]) == held
    codes = {event["code"] for event in trading.user.all_of(f"/bots/{bot['id']}/events")}
    assert "failed" not in codes


def _await(condition: Callable[[], object], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not met within {timeout_s:g} s"
        time.sleep(ASK_EVERY_S)
