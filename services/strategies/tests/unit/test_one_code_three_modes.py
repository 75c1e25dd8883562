"""The live stepper, interpreted or compiled, and the backtest kernel decide alike."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from ct_strategies.backtest.columns import T_PRICE, T_QUANTITY, T_SIDE, T_SLOT, T_TIME
from ct_strategies.backtest.run import Backtest, Costs, run_backtest
from ct_strategies.layout import CLOSE, HIGH, LOW
from ct_strategies.registry import get_strategy
from ct_strategies.spec import Instrument, Params, Strategy, Vector

BUDGET = Decimal(10_000)


def _ledger(trades: Vector) -> list[tuple[int, str, Decimal, Decimal, int]]:
    return [
        (
            int(row[T_TIME]),
            "buy" if row[T_SIDE] > 0 else "sell",
            Decimal(repr(float(row[T_QUANTITY]))),
            Decimal(repr(float(row[T_PRICE]))),
            int(row[T_SLOT]),
        )
        for row in trades
    ]


@pytest.mark.parametrize("seed", range(5))
def test_a_live_bot_fills_exactly_as_its_backtest(
    case: tuple[Strategy, Params],
    seed: int,
    make_walk: Callable[..., Vector],
    live: Callable[..., Any],
    instrument: Instrument,
) -> None:
    strategy, params = case
    candles = make_walk(2_000, seed)
    costs = Costs(taker_fee=0.001, maker_fee=0.0008, half_spread_bps=1.0, slippage_bps=0.5)

    exchange = live(strategy, params, candles, costs=costs)
    outcome = run_backtest(strategy, params, instrument, BUDGET, costs=costs, candles=candles)

    assert _ledger(outcome.trades) == exchange.fills
    assert len(exchange.fills) > 0
    assert outcome.quote == pytest.approx(float(exchange.quote), rel=1e-9)
    assert outcome.base == pytest.approx(float(exchange.base), abs=1e-9)


def test_plain_python_and_numba_give_the_same_state_to_the_last_bit(
    case: tuple[Strategy, Params], make_walk: Callable[..., Vector], live: Callable[..., Any]
) -> None:
    strategy, params = case
    candles = make_walk(1_500, seed=11)

    plain = live(strategy, params, candles)
    native = live(strategy, params, candles, compiled=True)

    assert plain.stepper.state == native.stepper.state
    assert plain.targets == native.targets


@pytest.mark.parametrize("cut", [1, 40, 700, 1_499])
def test_a_backtest_in_two_pieces_equals_the_whole(
    case: tuple[Strategy, Params],
    cut: int,
    make_walk: Callable[..., Vector],
    instrument: Instrument,
) -> None:
    strategy, params = case
    candles = make_walk(1_500, seed=5)
    whole = run_backtest(strategy, params, instrument, BUDGET, costs=Costs(), candles=candles)

    pieces = Backtest(strategy, params, instrument, BUDGET, costs=Costs())
    pieces.feed(candles[:cut])
    pieces.feed(candles[cut:])

    assert np.array_equal(pieces.outcome().trades, whole.trades)
    assert np.array_equal(pieces.outcome().equity, whole.equity)
    assert pieces.outcome().state == whole.state


def test_future_candles_never_change_a_past_decision(
    case: tuple[Strategy, Params], make_walk: Callable[..., Vector], instrument: Instrument
) -> None:
    strategy, params = case
    candles = make_walk(1_200, seed=3)
    changed = candles.copy()
    changed[800:, 1:5] *= 1.7
    before = candles[800, 0]

    one = run_backtest(strategy, params, instrument, BUDGET, costs=Costs(), candles=candles)
    two = run_backtest(strategy, params, instrument, BUDGET, costs=Costs(), candles=changed)

    past_one = one.trades[one.trades[:, T_TIME] < before]
    past_two = two.trades[two.trades[:, T_TIME] < before]
    assert np.array_equal(past_one, past_two)
    assert np.array_equal(one.equity[:800], two.equity[:800])


def test_a_higher_fee_never_raises_the_equity_of_the_same_trades(
    make_walk: Callable[..., Vector], instrument: Instrument
) -> None:
    # A strategy whose decisions do not depend on its cash, so that only the fee differs.
    strategy = get_strategy("ema_cross")
    params = strategy.parse({"fast": 3, "slow": 8, "reserve_percent": 20})
    candles = make_walk(1_500, seed=8, volatility=0.001)
    finals = [
        run_backtest(
            strategy,
            params,
            instrument,
            BUDGET,
            costs=Costs(taker_fee=fee, maker_fee=fee),
            candles=candles,
        ).equity[-1]
        for fee in (0.0, 0.0005, 0.001, 0.004)
    ]
    assert finals == sorted(finals, reverse=True)


def test_the_budget_is_never_exceeded(
    case: tuple[Strategy, Params], make_walk: Callable[..., Vector], live: Callable[..., Any]
) -> None:
    strategy, params = case
    exchange = live(strategy, params, make_walk(2_000, seed=21))
    spent, worst = Decimal(0), Decimal(0)
    for _, side, quantity, price, _ in exchange.fills:
        spent += quantity * price if side == "buy" else -quantity * price
        worst = max(worst, spent)
    assert exchange.quote >= 0
    assert worst <= BUDGET + max(BUDGET - exchange.quote, Decimal(0)) + 1


def test_every_order_stands_on_the_venues_steps(
    case: tuple[Strategy, Params],
    make_walk: Callable[..., Vector],
    live: Callable[..., Any],
    instrument: Instrument,
) -> None:
    strategy, params = case
    for _, target in live(strategy, params, make_walk(1_000, seed=2)).targets:
        if target.quantity is not None:
            assert target.quantity % instrument.step_size == 0
            assert target.quantity >= instrument.min_quantity
        if target.price is not None:
            assert target.price % instrument.tick_size == 0
            assert target.quantity * target.price >= instrument.min_notional


def test_a_limit_order_fills_only_where_the_price_trades_through(
    case: tuple[Strategy, Params], make_walk: Callable[..., Vector], instrument: Instrument
) -> None:
    strategy, params = case
    candles = make_walk(1_500, seed=4)
    rows = {int(row[0]): row for row in candles}
    outcome = run_backtest(strategy, params, instrument, BUDGET, costs=Costs(), candles=candles)
    for trade in outcome.trades:
        candle = rows[int(trade[T_TIME])]
        assert np.isfinite(candle[CLOSE])
        if trade[8] == 1.0 and trade[T_SIDE] > 0:
            assert candle[LOW] < trade[T_PRICE]
        if trade[8] == 1.0 and trade[T_SIDE] < 0:
            assert candle[HIGH] > trade[T_PRICE]
