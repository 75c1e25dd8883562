"""The demo's story: an account, orders that fill, bots that run, a backtest, a model."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from ct_local.console import Console
from ct_local.demo import content
from ct_local.demo.api import Api, DemoError

_POLL_S = 0.5
_MARKET_WITHIN_S = 60.0
_ORDER_WITHIN_S = 30.0
_JOB_WITHIN_S = 240.0
_DONE = frozenset({"filled", "canceled", "expired", "refused", "not_placed"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the visitor signs in with; printed once, stored nowhere in clear."""

    email: str
    password: str


def new_credentials() -> Credentials:
    """Return an address of its own and a password of 120 random bits."""
    return Credentials(f"demo-{secrets.token_hex(3)}@example.org", secrets.token_urlsafe(15))


async def seed(api: Api, console: Console, who: Credentials) -> None:
    """Do everything the demo shows; raises DemoError at the first thing that does not work."""
    await api.register(who.email, who.password)
    console.say("demo", f"registered {who.email}")
    symbols = {order["symbol"] for order in content.MARKET_ORDERS}
    await _until(console, "prices", lambda: _prices(api, symbols), _MARKET_WITHIN_S)
    account = await api.post(
        "/accounts/paper", {"label": "Demo account", "balances": content.BALANCES}
    )
    console.say("demo", "paper account with 10,000 USDT and 0.1 BTC")
    account_id = account["id"]
    await _trade(api, console, account_id)
    await _start_bots(api, console, account_id)
    await _run_job(api, console, "/backtests", content.BACKTEST)
    await _run_job(api, console, "/trainings", content.TRAINING)


async def _trade(api: Api, console: Console, account_id: str) -> None:
    for wanted in content.MARKET_ORDERS:
        await _fill(api, console, {"account_id": account_id, "type": "market", **wanted})
    market = await api.get(f"/markets/{content.RESTING_SYMBOL}")
    tick = Decimal(market["instrument"]["tick_size"])
    wanted_price = Decimal(market["ticker"]["last"]) * Decimal(content.RESTING_BELOW)
    price = (wanted_price / tick).to_integral_value(ROUND_DOWN) * tick
    await api.post(
        "/orders",
        {
            "account_id": account_id,
            "symbol": content.RESTING_SYMBOL,
            "side": "buy",
            "type": "limit",
            "quantity": content.RESTING_QUANTITY,
            "price": str(price),
            "time_in_force": "GTC",
        },
    )
    console.say("demo", f"a limit order rests at {price}")


async def _fill(api: Api, console: Console, request: dict[str, Any]) -> None:
    order_id = (await api.post("/orders", request))["id"]
    order = await _until(console, "a fill", lambda: _settled(api, order_id), _ORDER_WITHIN_S)
    if order["state"] != "filled":
        raise DemoError(f"order {order_id} ended {order['state']}: {order['reason']}")
    console.say(
        "demo",
        f"{order['side']} {_short(order['executed_quantity'])} {order['symbol']} "
        f"at {_short(order['average_price'])}",
    )


async def _start_bots(api: Api, console: Console, account_id: str) -> None:
    for wanted in content.BOTS:
        bot = await api.post(
            "/bots",
            {
                "label": wanted.label,
                "strategy": wanted.strategy,
                "account_id": account_id,
                "symbol": wanted.symbol,
                "interval": "1m",
                "budget": wanted.budget,
                "parameters": wanted.parameters,
            },
        )
        await api.post(f"/bots/{bot['id']}/start")
        console.say("demo", f"bot started: {wanted.label}")


async def _run_job(api: Api, console: Console, path: str, request: dict[str, Any]) -> None:
    job_id = (await api.post(path, request))["job_id"]
    told = ""

    async def finished() -> Any | None:
        nonlocal told
        job = await api.get(f"/jobs/{job_id}")
        progress = f"{job['progress']['phase']} {job['progress']['fraction']:.0%}"
        if progress != told:
            told = progress
            console.say("demo", f"{path.strip('/')[:-1]}: {progress}")
        return job if job["state"] in {"succeeded", "failed", "cancelled"} else None

    job = await _until(console, f"the result of {path}", finished, _JOB_WITHIN_S)
    if job["state"] != "succeeded":
        raise DemoError(f"the job of {path} {job['state']}: {job['error']}")


def _short(figure: str) -> str:
    return f"{Decimal(figure).normalize():f}"


async def _prices(api: Api, symbols: set[str]) -> bool | None:
    markets = (await api.get("/markets"))["items"]
    fresh = {
        market["instrument"]["symbol"]
        for market in markets
        if market["ticker"] and not market["ticker"]["stale"]
    }
    return symbols <= fresh or None


async def _settled(api: Api, order_id: str) -> Any | None:
    order = await api.get(f"/orders/{order_id}")
    return order if order["state"] in _DONE else None


async def _until(
    console: Console, what: str, ask: Callable[[], Awaitable[Any | None]], within_s: float
) -> Any:
    deadline = console.elapsed_s + within_s
    while (answer := await ask()) is None:
        if console.elapsed_s > deadline:
            raise DemoError(f"{what} did not come within {within_s:.0f} s")
        await asyncio.sleep(_POLL_S)
    return answer
