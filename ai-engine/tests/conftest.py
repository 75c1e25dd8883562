"""A fake bridge that serves candles over real HTTP, and the engine on a real mongod."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import numpy as np
import orjson
import pyarrow as pa
import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from pymongo import MongoClient

from ct_ai_engine import bootstrap
from ct_ai_engine.settings import AiEngineSettings
from ct_ai_engine.worker.bootstrap import worker as build_worker
from ct_kit.domain import Interval
from ct_kit.mongo import database as mongo_database
from ct_kit.mongo import new_id, sync_client
from ct_kit.testing import Identities

NOW_MS = 1_750_000_020_000 - 1_750_000_020_000 % 86_400_000
SYMBOLS = ("BTC-USDT", "ETH-USDT")


def walk(n: int, seed: int, interval_ms: int = 60_000, volatility: float = 0.002) -> Any:
    """Return candles [n, 6] of a martingale with volatility clusters, ending at NOW_MS."""
    generator = np.random.default_rng(seed)
    cluster = np.exp(0.3 * generator.normal(size=n // 50 + 1)).repeat(50)[:n]
    close = 100.0 * np.exp(np.cumsum(generator.normal(0, volatility, n) * cluster))
    opening = np.r_[100.0, close[:-1]]
    high = np.maximum(opening, close) * (1 + abs(generator.normal(0, volatility / 3, n)))
    low = np.minimum(opening, close) * (1 - abs(generator.normal(0, volatility / 3, n)))
    times = NOW_MS - interval_ms * np.arange(n, 0, -1)
    volume = np.exp(generator.normal(3, 0.5, n))
    return np.column_stack([times, opening, high, low, close, volume])


@dataclass
class FakeBridge:
    """Answers as the exchange bridge does; `series` holds candles per (symbol, interval)."""

    url: str = ""
    series: dict[tuple[str, str], Any] = field(default_factory=dict)
    hold: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)

    def candles(self, symbol: str, interval: str) -> Any:
        key = (symbol, interval)
        if key not in self.series:
            step = Interval(interval).milliseconds
            self.series[key] = walk(6_000, seed=SYMBOLS.index(symbol), interval_ms=step)
        return self.series[key]

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        path = environ["PATH_INFO"]
        query = dict(part.split("=", 1) for part in environ["QUERY_STRING"].split("&") if part)
        self.asked.append(path)
        if not environ.get("HTTP_AUTHORIZATION", "").startswith("Bearer "):
            start("401 Unauthorized", [])
            return [b""]
        if path == "/v1/candles.arrow":
            self.hold.wait(30)
            return self._arrow(query, start)
        start("200 OK", [("Content-Type", "application/json")])
        return [orjson.dumps(self._json(path, query))]

    def _arrow(self, query: dict[str, str], start: Callable[..., Any]) -> list[bytes]:
        rows = self.candles(query["symbol"], query["interval"])
        rows = rows[(rows[:, 0] >= int(query["start"])) & (rows[:, 0] < int(query["end"]))]
        names = ("open_time", "open", "high", "low", "close", "volume")
        columns = [pa.array(rows[:, 0].astype(np.int64))]
        columns += [pa.array(rows[:, index]) for index in range(1, 6)]
        table = pa.table(dict(zip(names, columns, strict=True)))
        sink = BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        start(
            "200 OK",
            [("X-CT-Venue", "binance"), ("X-CT-Market", "simulated"), ("X-CT-As-Of", _iso(NOW_MS))],
        )
        return [sink.getvalue()]

    def _json(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        origin = {"venue": "binance", "market": "simulated", "as_of": _iso(NOW_MS), "stale": False}
        if path == "/v1/markets":
            return {"items": [_market(symbol, origin) for symbol in SYMBOLS]}
        symbol = path.split("/")[3]
        if path.endswith("/candles"):
            rows = self.candles(symbol, query["interval"])[-int(query["limit"]) :]
            items = [
                {"open_time": int(row[0]), "closed": True}
                | dict(
                    zip(
                        ("open", "high", "low", "close", "volume"),
                        (f"{value:.8f}" for value in row[1:]),
                        strict=True,
                    )
                )
                for row in rows
            ]
            return origin | {"symbol": symbol, "interval": query["interval"], "items": items}
        if path.endswith("/book"):
            bids, asks = [["99.99", "2"], ["99.0", "5"]], [["100.01", "3"], ["101.0", "5"]]
            return origin | {"symbol": symbol, "bids": bids, "asks": asks}
        return _market(symbol, origin)


def _iso(epoch_ms: int) -> str:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).isoformat().replace("+00:00", "Z")


def _market(symbol: str, origin: dict[str, Any]) -> dict[str, Any]:
    base, quote = symbol.split("-")
    figures = ("last", "bid", "ask", "open_24h", "high_24h", "low_24h", "volume_24h")
    return {
        "instrument": {
            "symbol": symbol,
            "base": base,
            "quote": quote,
            "tick_size": "0.01",
            "step_size": "0.00001",
            "min_quantity": "0.00001",
            "max_quantity": "9000",
            "min_notional": "5",
            "status": "trading",
        },
        "ticker": origin
        | {"symbol": symbol, "change_24h": "0", "quote_volume_24h": "1"}
        | dict.fromkeys(figures, "100"),
    }


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        return


@pytest.fixture
def bridge() -> Iterator[FakeBridge]:
    fake = FakeBridge()
    fake.hold.set()
    with make_server("127.0.0.1", 0, fake, handler_class=_Quiet) as server:
        fake.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield fake
        fake.hold.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(bridge: FakeBridge, identities: Identities, mongo_uri: str) -> AiEngineSettings:
    return AiEngineSettings(
        mongodb_uri=SecretStr(mongo_uri),
        mongodb_prefix=f"t{new_id('ai')[-12:]}_",
        identity_key_file=identities.key_file("ai-engine"),
        identity_trust_dir=identities.trust_dir,
        exchange_bridge_url=bridge.url,
        lease_s=2.0,
        poll_s=0.05,
    )


@dataclass
class Api:
    """The engine's API as the gateway calls it for a user."""

    http: FlaskClient
    identities: Identities

    def call(
        self, method: str, path: str, body: Any = None, user: str | None = "usr_a", **headers: str
    ) -> Any:
        sent = self.identities.headers("gateway", "ai-engine", user) | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.http.open(path, method=method, json=body, headers=sent)


@pytest.fixture
def client(settings: AiEngineSettings) -> Iterator[MongoClient[dict[str, Any]]]:
    with sync_client(settings.mongodb_uri) as client:
        yield client
        client.drop_database(f"{settings.mongodb_prefix}ai")


@pytest.fixture
def database(settings: AiEngineSettings, client: MongoClient[dict[str, Any]]) -> Any:
    return mongo_database(client, "ai", settings.mongodb_prefix)


@pytest.fixture
def api(settings: AiEngineSettings, identities: Identities, client: Any) -> Iterator[Api]:
    app = bootstrap.api(settings, client)
    yield Api(app.test_client(), identities)
    for callback in app.extensions["ct_kit.stop_callbacks"]:
        callback()


@pytest.fixture
def child_environment(settings: AiEngineSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker's child processes read the test's settings."""
    for name, value in {
        "CT_MONGODB_URI": settings.mongodb_uri.get_secret_value(),
        "CT_IDENTITY_KEY_FILE": str(settings.identity_key_file),
        "CT_IDENTITY_TRUST_DIR": str(settings.identity_trust_dir),
        "CT_EXCHANGE_BRIDGE_URL": settings.exchange_bridge_url,
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def run_worker(
    settings: AiEngineSettings, client: Any, child_environment: None
) -> Iterator[Callable[[], Any]]:
    """Start workers on threads; each is stopped at the end."""
    started: list[tuple[Any, threading.Thread]] = []

    def start() -> Any:
        worker = build_worker(settings, client)
        thread = threading.Thread(target=worker.run, daemon=True)
        thread.start()
        started.append((worker, thread))
        return worker

    yield start
    for worker, thread in started:
        worker.stop()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def backtest_body() -> dict[str, Any]:
    return {
        "symbol": "BTC-USDT",
        "interval": "1m",
        "candles": 3_000,
        "strategy": "ema_cross",
        "parameters": {"fast": 5, "slow": 20},
        "budget": "1000",
    }


@pytest.fixture
def make_walk() -> Callable[..., Any]:
    return walk
