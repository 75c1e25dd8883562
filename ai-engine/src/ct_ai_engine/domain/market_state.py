"""Measure a market from its candles and book: volatility, trend, regime, ties to BTC, liquidity."""

import math
from dataclasses import dataclass

import numpy as np

from ct_ai_engine.market import BookTop, Floats

EWMA_LAMBDA = 0.94  # RiskMetrics' decay (J.P. Morgan 1996)
TREND_T = 2.0  # slope over its standard error: beyond it a trend is unlikely to be chance
CALM, TURBULENT = 0.75, 1.5  # present volatility over that of the whole window
DEPTH_BAND = 0.005  # liquidity counts within half a percent of the middle


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through the log closes."""

    slope: float  # per candle
    t_value: float


def log_returns(rows: Floats) -> Floats:
    """Return the log returns of closes [n, 6] -> [n - 1]."""
    returns: Floats = np.diff(np.log(rows[:, 4]))
    return returns


def ewma_volatility(returns: Floats) -> float | None:
    """Return the exponentially weighted volatility per candle; None with fewer than 2 returns."""
    if len(returns) < 2:
        return None
    weights = EWMA_LAMBDA ** np.arange(len(returns))[::-1]
    return math.sqrt(float(np.sum(weights * returns**2) / np.sum(weights)))


def trend(rows: Floats) -> Trend | None:
    """Fit log close to time by least squares.

    The standard error assumes independent residuals, which prices do not have: read the t value
    as a strength, not as a probability.
    """
    n = len(rows)
    if n < 10:
        return None
    time = np.arange(n) - (n - 1) / 2.0
    log_close = np.log(rows[:, 4])
    spread = float(np.sum(time**2))
    slope = float(np.sum(time * log_close)) / spread
    residual = log_close - log_close.mean() - slope * time
    error = math.sqrt(float(np.sum(residual**2)) / (n - 2) / spread)
    return Trend(slope, slope / error if error > 1e-15 else 0.0)


def regime(volatility: float, long_run: float, direction: Trend | None) -> str:
    """Name the market's state from volatility against its own past and the trend's strength."""
    ratio = volatility / long_run if long_run > 1e-15 else 1.0
    mood = "calm" if ratio < CALM else "turbulent" if ratio > TURBULENT else "normal"
    if direction is None or abs(direction.t_value) < TREND_T:
        return f"{mood}, ranging"
    return f"{mood}, trending {'up' if direction.slope > 0 else 'down'}"


def beta_and_correlation(ours: Floats, theirs: Floats) -> tuple[float | None, float | None]:
    """Return beta and correlation of candles [n, 6] to another market's, matched by open time."""
    _, a, b = np.intersect1d(ours[:, 0], theirs[:, 0], return_indices=True)
    if len(a) < 30:
        return None, None
    x, y = log_returns(theirs[b]), log_returns(ours[a])
    variance, spread = float(x.var()), float(x.std() * y.std())
    if variance <= 1e-18 or spread <= 1e-18:
        return None, None
    covariance = float(np.mean((x - x.mean()) * (y - y.mean())))
    return covariance / variance, max(-1.0, min(1.0, covariance / spread))


def spread_bps(book: BookTop) -> float | None:
    """Return the distance of the best prices in hundredths of a percent of their middle."""
    if not len(book.bids) or not len(book.asks):
        return None
    bid, ask = float(book.bids[0, 0]), float(book.asks[0, 0])
    return (ask - bid) / ((ask + bid) / 2.0) * 10_000.0 if ask > 0 else None


def depth_quote(book: BookTop) -> float | None:
    """Return the quote amount resting within DEPTH_BAND of the middle, both sides together."""
    if not len(book.bids) or not len(book.asks):
        return None
    middle = (float(book.bids[0, 0]) + float(book.asks[0, 0])) / 2.0
    levels = np.vstack([book.bids, book.asks])
    near = np.abs(levels[:, 0] / middle - 1.0) <= DEPTH_BAND
    return float(np.sum(levels[near, 0] * levels[near, 1]))
