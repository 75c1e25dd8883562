"""A simulator for tests: in process, or on real ports in a thread of its own."""

import asyncio
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import numpy as np
import pytest

from ct_kit.domain.enums import Market as MarketKind
from ct_kit.testing import Identities
from ct_simulator.adapters.truth_log import TruthLog
from ct_simulator.app.exchange import Exchange
from ct_simulator.app.history import History
from ct_simulator.app.market import Market
from ct_simulator.bootstrap import Simulator, build
from ct_simulator.domain.candles import Candles
from ct_simulator.domain.clock import ClockMode, VirtualClock
from ct_simulator.domain.ledger import Account
from ct_simulator.domain.listing import LISTINGS
from ct_simulator.domain.prices.replay import ReplayPrices
from ct_simulator.server import listen, serve
from ct_simulator.settings import SimulatorSettings


@dataclass
class Bench:
    """An exchange over hand-made candles and a stepped clock, without any wire."""

    market: Market
    history: History
    exchange: Exchange
    truth: TruthLog
    folder: Path
    account: Account = field(init=False)

    def __post_init__(self) -> None:
        opening = {"USDT": Decimal(10_000), "BTC": Decimal(1)}
        self.account = self.exchange.open_account("acc_1", "test", opening, None)

    def balance(self, asset: str) -> tuple[Decimal, Decimal]:
        balance = self.account.balance(asset)
        return balance.free, balance.locked

    def step(self) -> None:
        clock, source = self.market.clock, self.market.source
        following = source.next_open(source.open_at(clock.now_ms()))
        assert following is not None
        clock.move_to(following)
        self.exchange.settle_all()


@pytest.fixture
def candles_of() -> Callable[..., Candles]:
    """Make one-minute candles from (open, high, low, close, volume) rows."""

    def make(*rows: tuple[float, float, float, float, float]) -> Candles:
        columns = np.array(rows, dtype=np.float64).T
        times = 1_700_000_040_000 + 60_000 * np.arange(len(rows), dtype=np.int64)
        return Candles(times, *columns)

    return make


@pytest.fixture
def bench_of(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Build a bench over candles; the clock stands at the open of the first."""
    with ExitStack() as stack:

        def make(candles: Candles, best_level_quote: float = 5_000_000.0) -> Bench:
            source = ReplayPrices("BTC-USDT", candles)
            clock = VirtualClock(ClockMode.STEPPED, start_ms=source.first_open)
            market = Market(
                source,
                clock,
                {"BTC-USDT": LISTINGS["BTC-USDT"]},
                half_spread_bps=1.0,
                best_level_quote=best_level_quote,
            )
            truth = TruthLog(tmp_path / "truth.jsonl")
            stack.callback(truth.close)
            fee = Decimal("0.001")
            exchange = Exchange(market, truth.rebuild(), truth, maker_fee=fee, taker_fee=fee)
            return Bench(market, History(market), exchange, truth, tmp_path)

        yield make


@dataclass
class Wall:
    """A wall clock that tests set."""

    now_ms: float = 1_795_000_000_000.0

    def __call__(self) -> float:
        return self.now_ms


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def settings_of(tmp_path: Path, identities: Identities) -> Callable[..., SimulatorSettings]:
    def make(**changes: Any) -> SimulatorSettings:
        values: dict[str, Any] = {
            "identity_key_file": identities.key_file("simulator"),
            "identity_trust_dir": identities.trust_dir,
            "data_dir": tmp_path / "data",
            "market": MarketKind.SIMULATED,
            "seed": 7,
        }
        return SimulatorSettings(**{**values, **changes})

    return make


@dataclass
class Client:
    """Calls the Binance port in process, signing with an HMAC key."""

    http: httpx.AsyncClient
    wall: Wall
    api_key: str
    secret: str
    account_id: str

    def sign(self, params: dict[str, Any]) -> str:
        query = urlencode({"timestamp": int(self.wall.now_ms), **params})
        digest = hmac.new(self.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
        return f"{query}&signature={digest}"

    async def signed(self, method: str, path: str, **params: Any) -> httpx.Response:
        headers = {"X-MBX-APIKEY": self.api_key}
        return await self.http.request(method, f"{path}?{self.sign(params)}", headers=headers)

    async def public(self, path: str, **params: Any) -> httpx.Response:
        return await self.http.get(path, params=params)

    async def order(self, **params: Any) -> httpx.Response:
        return await self.signed("POST", "/api/v3/order", **{"symbol": "BTCUSDT", **params})


@dataclass
class InProcess:
    """A simulator without sockets: both apps behind httpx."""

    simulator: Simulator
    wall: Wall
    admin: httpx.AsyncClient
    binance: httpx.AsyncClient
    operator: dict[str, str]

    async def client(self, **balances: str) -> Client:
        balances = balances or {"USDT": "100000", "BTC": "1"}
        account = await self.admin.post(
            "/admin/accounts", json={"label": "test", "balances": balances}, headers=self.operator
        )
        account_id = account.json()["account_id"]
        key = await self.admin.post(
            f"/admin/accounts/{account_id}/keys", json={"kind": "hmac"}, headers=self.operator
        )
        return Client(
            self.binance, self.wall, key.json()["api_key"], key.json()["api_secret"], account_id
        )


@pytest.fixture
def in_process(
    settings_of: Callable[..., SimulatorSettings], identities: Identities, wall: Wall
) -> Iterator[Callable[..., InProcess]]:
    with ExitStack() as stack:

        def make(**changes: Any) -> InProcess:
            simulator = build(settings_of(**changes), wall=wall)
            stack.callback(simulator.close)
            return InProcess(
                simulator,
                wall,
                _asgi(simulator.admin),
                _asgi(simulator.binance),
                identities.headers("operator", "simulator"),
            )

        yield make


def _asgi(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://simulator")


@dataclass
class Running:
    """A simulator on real ports."""

    admin_url: str
    binance_url: str
    stream_url: str
    identities: Identities

    def admin(self, method: str, path: str, **options: Any) -> Any:
        headers = self.identities.headers("operator", "simulator")
        answer = httpx.request(method, self.admin_url + path, headers=headers, **options)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def account(self, **balances: str) -> tuple[str, str, str]:
        """Open an account and return its id, API key and secret."""
        balances = balances or {"USDT": "100000", "BTC": "1"}
        body = {"label": "test", "balances": balances}
        account_id = self.admin("POST", "/admin/accounts", json=body)["account_id"]
        key = self.admin("POST", f"/admin/accounts/{account_id}/keys", json={"kind": "hmac"})
        return account_id, key["api_key"], key["api_secret"]


@pytest.fixture
def running(
    settings_of: Callable[..., SimulatorSettings], identities: Identities
) -> Iterator[Callable[..., Running]]:
    """Start simulators on free ports, each in a thread with its own event loop."""
    with ExitStack() as stack:

        def make(**changes: Any) -> Running:
            admin, binance = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
            loop = asyncio.new_event_loop()
            stop = asyncio.Event()
            simulator = build(settings_of(**changes))
            thread = threading.Thread(
                target=loop.run_until_complete, args=(serve(simulator, admin, binance, stop),)
            )
            thread.start()

            def end() -> None:
                loop.call_soon_threadsafe(stop.set)
                thread.join(10)
                assert not thread.is_alive()
                loop.close()
                admin.close()
                binance.close()

            stack.callback(end)
            ports = admin.getsockname()[1], binance.getsockname()[1]
            return Running(
                f"http://127.0.0.1:{ports[0]}",
                f"http://127.0.0.1:{ports[1]}",
                f"ws://127.0.0.1:{ports[1]}",
                identities,
            )

        yield make
