"""A bridge of our own in place of the exchange bridge, a bot to try things on, two processes."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse

from ct_bots.bootstrap import RunnerProcess, build_api, build_runner
from ct_bots.domain.bot import Bot
from ct_bots.runner.supervisor import RunnerTimes
from ct_bots.runner.tempo import Tempo
from ct_bots.settings import BotsSettings
from ct_bots.tasks import end_tasks
from ct_kit.contracts.markets import CandleUpdate
from ct_kit.contracts.orders import Fill, Order
from ct_kit.domain import Instrument, Symbol, client_order_id
from ct_kit.http import ServiceClient
from ct_kit.testing import Identities, asgi_client, eventually, running

OWNER = "usr_anna"
SYMBOL = "BTC-USDT"
MINUTE = 60_000
START = 1_700_000_040_000
FEE = Decimal("0.001")


@dataclass
class FakeExchange:
    """What the bridge would know: candles, orders by idempotency key, fills. Fills at `price`."""

    closes: list[Decimal] = field(default_factory=list)
    price: Decimal = Decimal(100)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    fills: list[dict[str, Any]] = field(default_factory=list)
    submissions: list[str] = field(default_factory=list)
    refuse_with: tuple[int, str] | None = None
    fill_markets: bool = True
    listeners: list[Any] = field(default_factory=list)
    late_ms: int = 30_000
    """Market time since the last close, as a reader by REST is told: by default too late to act."""
    balance: Decimal = Decimal(10_000)

    def candle(self, index: int) -> dict[str, Any]:
        close = self.closes[index]
        opened = self.closes[index - 1] if index else close
        return {
            "open_time": START + index * MINUTE,
            "open": str(opened),
            "high": str(max(opened, close)),
            "low": str(min(opened, close)),
            "close": str(close),
            "volume": "1",
            "closed": True,
        }

    def origin(self, *, stale: bool = False) -> dict[str, Any]:
        closed_ms = START + len(self.closes) * MINUTE
        at = datetime.fromtimestamp((closed_ms + self.late_ms) / 1000, UTC)
        return {"venue": "binance", "market": "simulated", "as_of": at, "stale": stale}

    def close_candle(self, close: str | Decimal, *, stale: bool = False, tell: bool = True) -> int:
        """Close the next candle, move the price there, tell the feed; return its open time."""
        self.closes.append(Decimal(close))
        self.price = Decimal(close)
        self.fill_crossed()
        if tell:
            self.tell_candle(len(self.closes) - 1, stale=stale)
        return START + (len(self.closes) - 1) * MINUTE

    def tell_candle(self, index: int, *, stale: bool = False) -> None:
        update = CandleUpdate.model_validate(
            {
                **self.origin(stale=stale),
                "symbol": SYMBOL,
                "interval": "1m",
                "candle": self.candle(index),
            }
        )
        for listener in self.listeners:
            if listener.wants_candles(SYMBOL, "1m"):
                listener.on_candle(update)

    def place(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        self.submissions.append(key)
        if key in self.keys:
            return self.orders[self.keys[key]]
        order_id = f"ord_{len(self.orders)}"
        now = datetime.now(UTC)
        order = {
            "id": order_id,
            "account_id": body["account_id"],
            "bot_id": body.get("bot_id"),
            "mode": "paper",
            "venue": "binance",
            "symbol": body["symbol"],
            "side": body["side"],
            "type": body["type"],
            "time_in_force": body.get("time_in_force"),
            "quantity": body["quantity"],
            "quote_quantity": None,
            "price": body.get("price"),
            "state": "open",
            "reason": None,
            "client_order_id": client_order_id(body["account_id"], key, 1),
            "venue_order_id": "1",
            "executed_quantity": "0",
            "executed_quote": "0",
            "average_price": None,
            "history": [],
            "created_at": now,
            "updated_at": now,
        }
        self.orders[order_id] = order
        self.keys[key] = order_id
        if body["type"] == "market" and self.fill_markets:
            self.fill(order_id)
        return order

    def fill(self, order_id: str, quantity: Decimal | None = None, *, tell: bool = True) -> None:
        order = self.orders[order_id]
        whole = Decimal(order["quantity"])
        done = Decimal(order["executed_quantity"])
        amount = whole - done if quantity is None else quantity
        price = Decimal(order["price"] or self.price)
        buy = order["side"] == "buy"
        fill = {
            "id": f"fil_{len(self.fills)}",
            "order_id": order_id,
            "account_id": order["account_id"],
            "bot_id": order["bot_id"],
            "mode": "paper",
            "venue": "binance",
            "venue_trade_id": str(len(self.fills)),
            "symbol": SYMBOL,
            "side": order["side"],
            "price": price,
            "quantity": amount,
            "quote_quantity": price * amount,
            "commission": (amount if buy else price * amount) * FEE,
            "commission_asset": "BTC" if buy else "USDT",
            "maker": False,
            "at": datetime.now(UTC),
        }
        self.fills.append(fill)
        order["executed_quantity"] = str(done + amount)
        order["state"] = "filled" if done + amount == whole else "partial"
        if tell:
            self.tell_fill(fill)
            self.tell_order(order_id)

    def fill_crossed(self) -> None:
        for order_id, order in self.orders.items():
            if order["type"] == "limit" and order["state"] in {"open", "partial"}:
                limit = Decimal(order["price"])
                through = self.price < limit if order["side"] == "buy" else self.price > limit
                if through:
                    self.fill(order_id)

    def cancel(self, order_id: str) -> dict[str, Any]:
        order = self.orders[order_id]
        if order["state"] in {"open", "partial"}:
            order["state"] = "canceled"
            self.tell_order(order_id)
        return order

    def tell_fill(self, fill: dict[str, Any]) -> None:
        for listener in self.listeners:
            listener.on_order_news(fill["bot_id"], Fill.model_validate(fill))

    def tell_order(self, order_id: str) -> None:
        order = self.orders[order_id]
        for listener in self.listeners:
            listener.on_order_news(order["bot_id"], Order.model_validate(order))

    @property
    def app(self) -> FastAPI:
        return _bridge_app(self)


def _problem(status: int, code: str) -> JSONResponse:
    body = {"code": code, "status": status, "detail": f"{code}.", "title": code}
    return JSONResponse(body, status, media_type="application/problem+json")


def _bridge_app(exchange: FakeExchange) -> FastAPI:
    app = FastAPI()

    @app.get("/v1/accounts/{account_id}")
    async def account(account_id: str) -> Any:
        if account_id != "acc_1":
            return _problem(404, "account_not_found")
        return {
            "id": account_id,
            "label": "Paper",
            "mode": "paper",
            "venue": "binance",
            "market": "simulated",
            "created_at": datetime.now(UTC),
            "balances": [
                {
                    "asset": "USDT",
                    "free": str(exchange.balance),
                    "locked": "0",
                    "total": str(exchange.balance),
                    "value": str(exchange.balance),
                }
            ],
            "quote": "USDT",
            "equity": str(exchange.balance),
            "as_of": datetime.now(UTC),
            "stale": False,
        }

    @app.get("/v1/markets/{symbol}")
    async def market(symbol: str) -> Any:
        if symbol != SYMBOL:
            return _problem(404, "market_not_found")
        return {
            "instrument": {
                "symbol": SYMBOL,
                "base": "BTC",
                "quote": "USDT",
                "tick_size": "0.01",
                "step_size": "0.00001",
                "min_quantity": "0.00001",
                "max_quantity": "9000",
                "min_notional": "5",
                "status": "trading",
            },
            "ticker": None,
        }

    @app.get("/v1/markets/{symbol}/candles")
    async def candles(
        symbol: str,
        interval: str,
        start: int | None = None,
        end: int | None = None,
        limit: int = 500,
    ) -> Any:
        all_of = [exchange.candle(index) for index in range(len(exchange.closes))]
        found = [c for c in all_of if end is None or c["open_time"] < end]
        if start is not None:
            found = [c for c in found if c["open_time"] >= start][:limit]
        return {
            **exchange.origin(),
            "symbol": symbol,
            "interval": interval,
            "items": found[-limit:],
        }

    @app.post("/v1/orders", status_code=201)
    async def create(request: Request, idempotency_key: Annotated[str, Header()]) -> Any:
        body = await request.json()
        if exchange.refuse_with is not None:
            exchange.submissions.append(idempotency_key)
            return _problem(*exchange.refuse_with)
        return exchange.place(body, idempotency_key)

    @app.get("/v1/orders")
    async def orders(bot_id: str) -> Any:
        found = [o for o in exchange.orders.values() if o["bot_id"] == bot_id]
        return {"items": found[::-1], "next_cursor": None}

    @app.get("/v1/orders/{order_id}")
    async def order(order_id: str) -> Any:
        return exchange.orders.get(order_id) or _problem(404, "order_not_found")

    @app.delete("/v1/orders/{order_id}")
    async def cancel(order_id: str) -> Any:
        return exchange.cancel(order_id)

    @app.get("/v1/fills")
    async def fills(bot_id: str, order_id: str) -> Any:
        found = [f for f in exchange.fills if (f["bot_id"], f["order_id"]) == (bot_id, order_id)]
        return {
            "items": [
                {k: str(v) if isinstance(v, Decimal) else v for k, v in f.items()} for f in found
            ][::-1],
            "next_cursor": None,
        }

    return app


class FakeFeed:
    """The bridge's feed without a socket: the exchange calls the runner directly."""

    def __init__(self, exchange: FakeExchange) -> None:
        self._exchange = exchange

    async def run(self, listener: Any) -> None:
        self._exchange.listeners.append(listener)
        listener.on_feed(up=True)
        try:
            await asyncio.Event().wait()
        finally:
            self._exchange.listeners.remove(listener)


@dataclass
class World:
    """An API process and as many runners as a test starts, on one database."""

    settings: BotsSettings
    identities: Identities
    exchange: FakeExchange
    api: httpx.AsyncClient
    tempo: Tempo
    times: RunnerTimes
    _stack: contextlib.AsyncExitStack

    def bridge(self) -> ServiceClient:
        return ServiceClient(
            "http://bridge",
            "exchange-bridge",
            self.identities.of("bots"),
            transport=httpx.ASGITransport(self.exchange.app),
        )

    def headers(self, owner: str = OWNER, **extra: str) -> dict[str, str]:
        return {**self.identities.headers("gateway", "bots", owner), **extra}

    async def call(
        self, method: str, path: str, json: Any = None, owner: str = OWNER, **headers: str
    ) -> httpx.Response:
        return await self.api.request(
            method, path, json=json, headers=self.headers(owner, **headers)
        )

    async def runner(self, name: str = "runner-1") -> "Running":
        process = await build_runner(
            self.settings,
            bridge=self.bridge(),
            feed=FakeFeed(self.exchange),
            name=name,
            times=self.times,
            tempo=self.tempo,
        )
        found = Running(process, asyncio.create_task(process.runner.run()))
        self._stack.push_async_callback(found.stop)
        return found

    async def make_bot(self, **changes: Any) -> str:
        body = {
            "label": "Trend",
            "strategy": "ema_cross",
            "account_id": "acc_1",
            "symbol": SYMBOL,
            "interval": "1m",
            "budget": "1000",
            "parameters": {"fast": 2, "slow": 3},
            **changes,
        }
        answer = await self.call("POST", "/v1/bots", body)
        assert answer.status_code == 201, answer.text
        bot_id: str = answer.json()["id"]
        return bot_id

    async def verb(self, bot_id: str, verb: str) -> dict[str, Any]:
        answer = await self.call("POST", f"/v1/bots/{bot_id}/{verb}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def bot(self, bot_id: str) -> dict[str, Any]:
        body: dict[str, Any] = (await self.call("GET", f"/v1/bots/{bot_id}")).json()
        return body

    async def events(self, bot_id: str) -> list[dict[str, Any]]:
        items = (await self.call("GET", f"/v1/bots/{bot_id}/events?limit=200")).json()["items"]
        return list(reversed(items))

    async def codes(self, bot_id: str) -> list[str]:
        return [event["code"] for event in await self.events(bot_id)]

    async def decisions(self, bot_id: str) -> list[dict[str, Any]]:
        answer = await self.call("GET", f"/v1/bots/{bot_id}/decisions?limit=200")
        return list(reversed(answer.json()["items"]))

    async def until_state(self, bot_id: str, state: str) -> dict[str, Any]:
        async def reached() -> dict[str, Any] | None:
            bot = await self.bot(bot_id)
            return bot if bot["state"] == state else None

        found = await eventually(reached)
        assert found is not None
        return found

    async def until_candle(self, bot_id: str, open_time: int) -> dict[str, Any]:
        async def reached() -> dict[str, Any] | None:
            bot = await self.bot(bot_id)
            return bot if bot["last_candle"] == open_time else None

        found = await eventually(reached)
        assert found is not None
        return found

    async def until_event(self, bot_id: str, code: str) -> None:
        async def logged() -> bool:
            return code in await self.codes(bot_id)

        await eventually(logged)

    async def feed_closes(self, bot_id: str, closes: list[str]) -> None:
        """Close candles one by one, each after the bot is done with the one before."""
        for close in closes:
            await self.until_candle(bot_id, self.exchange.close_candle(close))


@dataclass
class Running:
    """A runner and its task."""

    process: RunnerProcess
    task: "asyncio.Task[None]"

    async def stop(self) -> None:
        """Stop as on SIGTERM: leases are given back."""
        if self.task.done():
            return
        await end_tasks([self.task])
        await self.process.aclose()

    async def kill(self) -> None:
        """Stop as on SIGKILL: nothing is given back, nothing more is written."""
        runner: Any = self.process.runner

        async def nothing(*_: Any) -> None:
            return None

        runner._leases.release = nothing
        runner._runs.commit = _dead
        runner._runs.add_equity = nothing
        await self.stop()


async def _dead(*_: Any) -> bool:
    await asyncio.Event().wait()
    return False


@pytest.fixture
def exchange() -> FakeExchange:
    return FakeExchange()


@pytest.fixture
def settings(mongo_uri: str, mongo_prefix: str, identities: Identities) -> BotsSettings:
    return BotsSettings(
        mongodb_uri=mongo_uri,
        mongodb_prefix=mongo_prefix,
        identity_key_file=identities.key_file("bots"),
        identity_trust_dir=identities.trust_dir,
    )


@pytest.fixture
async def world(
    settings: BotsSettings, identities: Identities, exchange: FakeExchange
) -> AsyncIterator[World]:
    tempo = Tempo(
        settle_s=1.0,
        crossed_s=0.3,
        first_look_s=0.1,
        look_s=0.1,
        retry_s=0.05,
        equity_flush_s=0.02,
    )
    times = RunnerTimes(lease_ttl_s=4.0, renew_s=0.3, poll_s=0.02, jitter_s=0.0)
    async with contextlib.AsyncExitStack() as stack:
        bridge = ServiceClient(
            "http://bridge",
            "exchange-bridge",
            identities.of("bots"),
            transport=httpx.ASGITransport(exchange.app),
        )
        app = build_api(settings, bridge=bridge)
        await stack.enter_async_context(running(app))
        api = await stack.enter_async_context(asgi_client(app))
        yield World(settings, identities, exchange, api, tempo, times, stack)


@pytest.fixture
def instrument() -> Instrument:
    return Instrument(
        symbol=Symbol.parse(SYMBOL),
        venue="binance",
        tick_size=Decimal("0.01"),
        step_size=Decimal("0.00001"),
        min_quantity=Decimal("0.00001"),
        max_quantity=Decimal(9000),
        min_notional=Decimal(5),
    )


@pytest.fixture
def new_bot() -> Callable[..., Bot]:
    """Make a bot value; keyword arguments replace fields."""

    def make(**changes: Any) -> Bot:
        now = datetime.now(UTC)
        parameters = {"fast": 2, "slow": 3, "reserve_percent": 1.0}
        bot = Bot(
            id="bot_1",
            owner=OWNER,
            label="Trend",
            strategy="ema_cross",
            account_id="acc_1",
            mode="paper",
            symbol=SYMBOL,
            interval="1m",
            budget=Decimal(1000),
            parameters=parameters,
            parameters_version=1,
            active_parameters=parameters,
            active_version=1,
            state="running",
            state_reason=None,
            exit=None,
            control_version=1,
            created_at=now,
            updated_at=now,
        )
        return replace(bot, **changes)

    return make
