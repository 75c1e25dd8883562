"""Measure a backtest: what it earned, what it risked, what it cost.

Conventions: returns are simple returns of the account's value from candle to candle, after the
warm-up; the Sharpe and Sortino ratios are annualised by sqrt(candles per year) with a risk-free
rate of 0 and the population standard deviation; a figure that is not defined is None, never NaN.
"""

import math
from dataclasses import dataclass

import numpy as np

from ct_strategies.backtest.columns import T_FEE, T_PRICE, T_QUANTITY, T_SIDE
from ct_strategies.backtest.run import Costs, Outcome
from ct_strategies.layout import CLOSE, OPEN, OPEN_TIME
from ct_strategies.spec import Vector

YEAR_MS = 365.25 * 86_400_000.0
MIN_CAGR_DAYS = 90.0  # below this a yearly rate says more about the exponent than the strategy


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of one backtest; fractions, not percent, and quote amounts as named.

    A round trip is a sale against the average cost of what was held; win rate and profit factor
    count round trips. Turnover is the value traded over the budget.
    """

    net_return: float
    annual_return: float | None
    max_drawdown: float
    sharpe: float | None
    sortino: float | None
    exposure: float
    turnover: float
    trades: int
    round_trips: int
    win_rate: float | None
    profit_factor: float | None
    fees: float
    hold_return: float
    days: float


def measure(outcome: Outcome, candles: Vector, budget: float, costs: Costs) -> Metrics:
    """Return the metrics of a run over `candles` [n, 6], the same that were fed."""
    decided = slice(len(candles) - outcome.decided, None)
    value = np.concatenate([[budget], outcome.equity[decided]])
    times = candles[decided, OPEN_TIME]
    spacing = float(np.median(np.diff(candles[:, OPEN_TIME]))) if len(candles) > 1 else 0.0
    years = (float(times[-1] - times[0]) + spacing) / YEAR_MS if len(times) else 0.0
    net = float(value[-1] / budget - 1.0)
    returns = np.diff(value) / value[:-1] if (value[:-1] > 0).all() else np.empty(0)
    per_year = YEAR_MS / spacing if spacing > 0 else 0.0
    gains = round_trips(outcome.trades)
    won, lost = float(gains[gains > 0].sum()), float(-gains[gains < 0].sum())
    amounts = outcome.trades[:, T_QUANTITY] * outcome.trades[:, T_PRICE]
    hold = hold_curve(candles[decided], budget, costs)
    return Metrics(
        net_return=net,
        annual_return=_annual(net, years),
        max_drawdown=max_drawdown(value),
        sharpe=_ratio(returns, returns, per_year),
        sortino=_ratio(returns, np.minimum(returns, 0.0), per_year),
        exposure=outcome.exposed / outcome.decided if outcome.decided else 0.0,
        turnover=float(amounts.sum()) / budget,
        trades=len(outcome.trades),
        round_trips=len(gains),
        win_rate=float((gains > 0).mean()) if len(gains) else None,
        profit_factor=won / lost if lost > 0 else None,
        fees=float(fees_in_quote(outcome.trades).sum()),
        hold_return=float(hold[-1] / budget - 1.0) if len(hold) else 0.0,
        days=years * YEAR_MS / 86_400_000.0,
    )


def max_drawdown(value: Vector) -> float:
    """Return the deepest fall from a running peak, as a fraction of the peak (0 to 1)."""
    if not len(value):
        return 0.0
    peak = np.maximum.accumulate(value)
    return float(np.max((peak - value) / peak))


def fees_in_quote(trades: Vector) -> Vector:
    """Return each trade's fee in quote; a buy's fee, paid in base, at the trade's price."""
    rate = np.where(trades[:, T_SIDE] > 0, trades[:, T_PRICE], 1.0)
    fees: Vector = trades[:, T_FEE] * rate
    return fees


def round_trips(trades: Vector) -> Vector:
    """Return the gain in quote of each sale over the average cost of what it sold, fees in."""
    held = cost = 0.0
    gains = []
    for side, quantity, price, fee in trades[:, [T_SIDE, T_QUANTITY, T_PRICE, T_FEE]]:
        if side > 0:
            held += quantity - fee
            cost += quantity * price
        elif held > 0:
            part = min(quantity / held, 1.0)
            gains.append(quantity * price - fee - cost * part)
            cost *= 1.0 - part
            held = max(held - quantity, 0.0)
    return np.array(gains)


def hold_curve(candles: Vector, budget: float, costs: Costs) -> Vector:
    """Return the value of buying with the whole budget at the first open, at each close."""
    if not len(candles):
        return np.empty(0)
    shift, fee = costs.vector()[2], costs.taker_fee
    base = budget / (candles[0, OPEN] * (1.0 + shift)) * (1.0 - fee)
    curve: Vector = base * candles[:, CLOSE]
    return curve


def _annual(net: float, years: float) -> float | None:
    if years * 365.25 < MIN_CAGR_DAYS or net <= -1.0:
        return None
    exponent = math.log1p(net) / years
    return math.expm1(exponent) if exponent < 50.0 else None


def _ratio(returns: Vector, risk_of: Vector, per_year: float) -> float | None:
    """Return mean over root mean square deviation, annualised; None where nothing moved.

    For Sharpe `risk_of` is the returns; for Sortino (1994) it is the losses alone, whose target
    is 0, so the deviation is taken from 0 and not from their mean.
    """
    if len(returns) < 2:
        return None
    centre = float(returns.mean()) if risk_of is returns else 0.0
    risk = math.sqrt(float(np.mean((risk_of - centre) ** 2)))
    # Constant returns leave a risk that is only float noise.
    if risk <= 1e-15:
        return None
    return float(returns.mean()) / risk * math.sqrt(per_year)
