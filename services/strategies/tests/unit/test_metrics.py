"""Metrics against numbers worked out by hand."""

from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from ct_strategies.backtest.metrics import hold_curve, max_drawdown, measure, round_trips
from ct_strategies.backtest.run import Costs, Outcome, run_backtest
from ct_strategies.registry import get_strategy
from ct_strategies.spec import Instrument, Vector


def _trade(side: float, quantity: float, price: float, fee: float) -> list[float]:
    return [0.0, side, quantity, price, fee, 0.0, 0.0, 0.0, 0.0]


def _outcome(equity: list[float], trades: list[list[float]]) -> Outcome:
    table = np.array(trades) if trades else np.empty((0, 9))
    return Outcome(table, np.array(equity), 0.0, 0.0, len(equity), 2, 0, [])


def _candles(closes: list[float], spacing_ms: float = 86_400_000.0) -> Vector:
    rows = [[i * spacing_ms, c, c, c, c, 1.0] for i, c in enumerate(closes)]
    return np.array(rows)


def test_drawdown_is_measured_from_the_running_peak() -> None:
    assert max_drawdown(np.array([100.0, 120.0, 90.0, 130.0, 117.0])) == pytest.approx(0.25)


def test_round_trips_use_the_average_cost_with_fees() -> None:
    trades = np.array(
        [_trade(1, 1.0, 100.0, 0.0), _trade(1, 1.0, 110.0, 0.0), _trade(-1, 1.0, 120.0, 0.12)]
    )
    # average cost 105: 120 - 0.12 - 105
    assert round_trips(trades) == pytest.approx([14.88])


def test_a_hand_worked_equity_curve_gives_the_known_ratios() -> None:
    outcome = _outcome([110.0, 99.0, 108.9], [_trade(1, 1.0, 100.0, 0.001)])
    metrics = measure(outcome, _candles([100.0, 110.0, 120.0]), 100.0, Costs())

    # returns +10 %, -10 %, +10 %: mean 1/30, population deviation sqrt(0.08 / 9)
    assert metrics.net_return == pytest.approx(0.089)
    assert metrics.sharpe == pytest.approx((1 / 30) / np.sqrt(0.08 / 9) * np.sqrt(365.25))
    # losses 0, -0.1, 0: root mean square sqrt(0.01 / 3)
    assert metrics.sortino == pytest.approx((1 / 30) / np.sqrt(0.01 / 3) * np.sqrt(365.25))
    assert metrics.max_drawdown == pytest.approx(0.1)
    assert metrics.exposure == pytest.approx(2 / 3)
    assert metrics.turnover == pytest.approx(1.0)
    assert metrics.fees == pytest.approx(0.1)
    assert metrics.days == pytest.approx(3.0)


def test_a_yearly_rate_is_not_stated_for_a_short_run() -> None:
    metrics = measure(_outcome([101.0, 102.0], []), _candles([1.0, 1.0]), 100.0, Costs())
    assert metrics.annual_return is None


def test_a_year_of_plus_ten_percent_is_ten_percent_a_year() -> None:
    equity = list(np.linspace(100.0, 110.0, 1461))
    candles = _candles([1.0] * 1461, spacing_ms=21_600_000.0)  # 365.25 days of 6 hours
    assert measure(_outcome(equity, []), candles, 100.0, Costs()).annual_return == pytest.approx(
        0.1
    )


def test_nothing_traded_leaves_the_ratios_undefined_and_everything_finite() -> None:
    metrics = measure(_outcome([100.0, 100.0], []), _candles([1.0, 2.0]), 100.0, Costs())
    assert metrics.sharpe is None
    assert metrics.sortino is None
    assert metrics.win_rate is None
    assert metrics.profit_factor is None


def test_buy_and_hold_pays_spread_and_fee_once() -> None:
    costs = Costs(taker_fee=0.001, half_spread_bps=100.0)
    assert hold_curve(_candles([100.0, 202.0]), 1000.0, costs)[-1] == pytest.approx(
        1000.0 / 101.0 * 0.999 * 202.0
    )


def test_a_ledger_worked_by_hand(instrument: Instrument) -> None:
    """Fast EMA(2) and slow EMA(3) cross up on the rise and down on the fall."""
    strategy = get_strategy("ema_cross")
    params = strategy.parse({"fast": 2, "slow": 3, "reserve_percent": 0})
    closes = [10.0, 9.0, 8.0, 7.0, 9.0, 12.0, 13.0, 6.0, 5.0, 5.0]
    rows = [
        [i * 60_000.0, opening, max(opening, close), min(opening, close), close, 1.0]
        for i, (opening, close) in enumerate(zip([10.0, *closes], closes, strict=False))
    ]
    costs = Costs(taker_fee=0.001, half_spread_bps=0.0)
    outcome = run_backtest(
        strategy, params, instrument, Decimal(1000), costs=costs, candles=np.array(rows), warmup=0
    )
    # Averages: at the close of row 5 (12) fast 10.43 > slow 9.87, where before 7.30 < 7.75 and
    # 8.43 > 8.37 at row 4. So the cross is at row 4: buy floor(1000 / 9, 0.00001) at the open of
    # row 5 (9). At row 7 fast 8.0 < slow 8.8: sell at the open of row 8 (6).
    bought = 111.11111
    assert outcome.trades[:, 1].tolist() == [1.0, -1.0]
    assert outcome.trades[0, [2, 3]].tolist() == [bought, 9.0]
    assert outcome.trades[0, 4] == pytest.approx(bought * 0.001)
    sold = 110.99999  # 111.11111 * 0.999 = 110.99999889 floored to the step
    assert outcome.trades[1, [2, 3]].tolist() == [sold, 6.0]
    cash = 1000.0 - bought * 9.0 + sold * 6.0 * 0.999
    assert outcome.quote == pytest.approx(cash, rel=1e-12)
    assert outcome.equity[-1] == pytest.approx(cash + outcome.base * 5.0, rel=1e-12)


def test_minimum_budget_is_what_the_smallest_order_needs() -> None:
    strategy = get_strategy("grid")
    steps = SimpleNamespace(
        tick_size=Decimal("0.01"),
        step_size=Decimal("0.001"),
        min_quantity=Decimal("0.001"),
        min_notional=Decimal(5),
    )
    assert strategy.minimum_budget(strategy.parse({"levels": 10}), steps) == Decimal("50.01")
