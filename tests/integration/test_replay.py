"""A week of real candles, live: the bot decides and fills as the backtest of the same candles does.

Everything between is real: simulator on a stepped clock, bridge, bot, ledger. The clock moves one
candle at a time wherever the backtest decides something, and by a few candles where it is quiet.
That hides nothing: a decision the backtest does not make would stand in the bot's record too many.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ct_kit.domain import Instrument, Symbol
from ct_local.layout import REPOSITORY
from ct_local.testing import Platform
from ct_strategies.backtest.columns import (
    T_FEE,
    T_PRICE,
    T_QUANTITY,
    T_REASON,
    T_SIDE,
    T_SLOT,
    T_TIME,
)
from ct_strategies.backtest.run import Costs, Outcome, run_backtest
from ct_strategies.layout import BUY
from ct_strategies.registry import get_strategy
from ct_strategies.rounding import to_decimal

pytestmark = [pytest.mark.platform, pytest.mark.replay]

MINUTE_MS = 60_000
RECORDING = "BTCUSDT-1m-20240101-20251130.parquet"
FIRST = datetime(2024, 8, 5, tzinfo=UTC)  # begins with the fall of 5 August 2024
WEEK = 7 * 24 * 60
HISTORY = 500  # candles before the first, which the simulator shows as the past
PATIENCE_S = 60.0
ASK_EVERY_S = 0.04  # a question costs a third of what a candle costs; asking faster is slower
MOST_AT_ONCE = 40  # candles of one step; far below what any queue between holds

STRATEGY = "ema_cross"
PARAMETERS = {"fast": 12, "slow": 26}
BUDGET = Decimal(1_000)
COSTS = Costs(taker_fee=0.001, maker_fee=0.001, half_spread_bps=1.0, slippage_bps=0.0)
VENUE_DECIMALS = Decimal("0.00000001")  # the venue cuts commissions off here


@dataclass(frozen=True, slots=True)
class Expected:
    """One decision of the backtest, and the fill it led to."""

    candle: int
    side: str
    quantity: Decimal
    slot: int
    reason: str
    fill_price: Decimal
    fee: Decimal


@dataclass(frozen=True, slots=True)
class Figures:
    """What the run shows, for quoting."""

    first: str
    candles: int
    decisions: int
    fills: int
    largest_price_difference: str
    budget: str
    budget_after: str
    seconds: float
    candles_per_second: float


@pytest.fixture(scope="module")
def week(market_data: Path) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The history, the week, and one more candle, at whose open the week's last order fills."""
    table = pq.read_table(market_data / RECORDING)
    opens = table["open_time"].to_numpy()
    first = int(np.searchsorted(opens, int(FIRST.timestamp() * 1000)))
    kept = table.slice(first - HISTORY, HISTORY + WEEK + 1)
    names = ("open_time", "open", "high", "low", "close", "volume")
    return np.column_stack([kept[name].to_numpy().astype(np.float64) for name in names])


@pytest.fixture(scope="module")
def recording(
    week: np.ndarray[Any, np.dtype[np.float64]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("recording") / "BTCUSDT-1m-week.parquet"
    columns = {"open_time": pa.array(week[:, 0].astype(np.int64))}
    for index, name in enumerate(("open", "high", "low", "close", "volume"), start=1):
        columns[name] = pa.array(week[:, index])
    pq.write_table(pa.table(columns), path)
    return path


def backtest(week: np.ndarray[Any, np.dtype[np.float64]], instrument: Instrument) -> Outcome:
    strategy = get_strategy(STRATEGY)
    params = strategy.parse(PARAMETERS)
    seen = week[HISTORY - strategy.warmup_candles(params) :]
    return run_backtest(strategy, params, instrument, BUDGET, costs=COSTS, candles=seen)


def expectations(outcome: Outcome, instrument: Instrument) -> list[Expected]:
    """Read the decisions off the trades: with nothing refused, each decision is one trade."""
    reasons = get_strategy(STRATEGY).reasons
    return [
        Expected(
            candle=int(trade[T_TIME]) - MINUTE_MS,
            side="buy" if trade[T_SIDE] == BUY else "sell",
            quantity=to_decimal(float(trade[T_QUANTITY]), instrument.step_size),
            slot=int(trade[T_SLOT]),
            reason=reasons[int(trade[T_REASON])],
            fill_price=to_decimal(float(trade[T_PRICE]), instrument.tick_size),
            fee=Decimal(repr(float(trade[T_FEE]))),
        )
        for trade in outcome.trades
    ]


def instrument_of(user: Any) -> Instrument:
    view = user.get("/markets/BTC-USDT")["instrument"]
    return Instrument(
        symbol=Symbol.parse(view["symbol"]),
        venue="binance",
        tick_size=Decimal(view["tick_size"]),
        step_size=Decimal(view["step_size"]),
        min_quantity=Decimal(view["min_quantity"]),
        max_quantity=Decimal(view["max_quantity"]),
        min_notional=Decimal(view["min_notional"]),
    )


def start_bot(user: Any, account: dict[str, Any]) -> str:
    bot = user.post(
        "/bots",
        {
            "label": "Replayed",
            "strategy": STRATEGY,
            "account_id": account["id"],
            "symbol": "BTC-USDT",
            "interval": "1m",
            "budget": str(BUDGET),
            "parameters": PARAMETERS,
        },
    )
    bot_id: str = user.post(f"/bots/{bot['id']}/start")["id"]
    return bot_id


def await_candle(user: Any, bot_id: str, open_time: int) -> None:
    """Wait until the bot is done with a candle: decided, sent, and its fills applied."""

    deadline = time.monotonic() + PATIENCE_S
    while True:
        bot = user.get(f"/bots/{bot_id}")
        assert bot["state"] in {"created", "running"}, bot["state_reason"]
        if bot["last_candle"] == open_time:
            return
        assert time.monotonic() < deadline, f"candle {open_time} is not done: {bot}"
        time.sleep(ASK_EVERY_S)


def replay(user: Any, simulator: Any, bot_id: str, stops: set[int], first: int) -> None:
    """Step through the week, waiting for the bot at every stop and every few candles."""
    last = first + (WEEK - 1) * MINUTE_MS
    await_candle(user, bot_id, first - MINUTE_MS)
    waiting = 0
    for candle in range(first, last + MINUTE_MS, MINUTE_MS):
        waiting += 1
        if candle in stops or waiting == MOST_AT_ONCE or candle == last:
            assert simulator.step(waiting) == candle + MINUTE_MS
            await_candle(user, bot_id, candle)
            waiting = 0


def test_a_replayed_week_is_decided_and_filled_as_its_backtest(
    start_platform: Callable[..., Platform],
    week: np.ndarray[Any, np.dtype[np.float64]],
    recording: Path,
    new_user: Callable[[Platform], Any],
    simulator_of: Callable[[Platform], Any],
    books: Callable[..., Any],
) -> None:
    platform = start_platform(
        CT_MARKET="replay",
        CT_REPLAY=str(recording),
        CT_SIMULATOR_CLOCK="stepped",
        CT_SIMULATOR_REPLAY_WARMUP=str(HISTORY),
        CT_GATEWAY_LIMIT_SCALE="1000",
    )
    user, simulator = new_user(platform), simulator_of(platform)
    instrument = instrument_of(user)
    outcome = backtest(week, instrument)
    assert outcome.refused == 0
    expected = expectations(outcome, instrument)
    account = user.open_account(USDT=str(BUDGET))
    bot_id = start_bot(user, account)

    began = time.monotonic()
    replay(user, simulator, bot_id, {e.candle for e in expected}, int(week[HISTORY, 0]))
    seconds = time.monotonic() - began

    agreed = books(user, simulator, account)
    decisions = list(reversed(user.all_of(f"/bots/{bot_id}/decisions")))
    decided = [(d["candle"], target) for d in decisions for target in d["targets"]]
    assert len(expected) > 0
    assert [_decision(candle, target) for candle, target in decided] == [
        (e.candle, "market", e.side, e.quantity, None, e.slot, e.reason) for e in expected
    ]

    by_order = {fill["order_id"]: fill for fill in agreed.fills}
    fills = [by_order[target["order_id"]] for _, target in decided]
    assert len(agreed.fills) == len(fills) == len(expected)
    differences = [
        abs(Decimal(fill["price"]) - e.fill_price) for fill, e in zip(fills, expected, strict=True)
    ]
    assert max(differences) <= instrument.tick_size
    for fill, e in zip(fills, expected, strict=True):
        assert (fill["side"], Decimal(fill["quantity"])) == (e.side, e.quantity)
        assert Decimal(fill["commission"]) == _cut(e.fee), (fill, e)
        assert _ms(fill["at"]) == e.candle + MINUTE_MS, "filled at the open of the next candle"

    figures = Figures(
        first=FIRST.isoformat(),
        candles=WEEK,
        decisions=len(decided),
        fills=len(fills),
        largest_price_difference=f"{max(differences):f}",
        budget=f"{BUDGET:f}",
        budget_after=f"{agreed.balances['USDT'].normalize():f}",
        seconds=round(seconds, 1),
        candles_per_second=round(WEEK / seconds, 1),
    )
    _publish(figures)
    platform.stop()


def _decision(candle: int, target: dict[str, Any]) -> tuple[Any, ...]:
    quantity, price = target["quantity"], target["price"]
    return (
        candle,
        target["action"],
        target["side"],
        None if quantity is None else Decimal(quantity),
        None if price is None else Decimal(price),
        target["slot"],
        target["reason"],
    )


def _cut(fee: Decimal) -> Decimal:
    """Cut a fee to the venue's decimals; the kernel's float may lie a hair below the exact one."""
    nearest = fee.quantize(VENUE_DECIMALS / 1_000)
    return nearest.quantize(VENUE_DECIMALS, ROUND_DOWN)


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def _publish(figures: Figures) -> None:
    folder = REPOSITORY / "test-results"
    folder.mkdir(exist_ok=True)
    (folder / "replay.json").write_text(json.dumps(asdict(figures), indent=2) + "\n")
