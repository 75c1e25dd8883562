"""Scores of probability forecasts, and the block bootstrap."""

import numpy as np

from ct_ai_engine.market import Floats

_EPSILON = 1e-12


def log_loss(p: Floats, y: Floats) -> float:
    """Return the mean negative log likelihood in nats."""
    q = np.clip(p, _EPSILON, 1.0 - _EPSILON)
    return float(-np.mean(y * np.log(q) + (1.0 - y) * np.log(1.0 - q)))


def brier(p: Floats, y: Floats) -> float:
    """Return the mean squared error of the probabilities (Brier 1950)."""
    return float(np.mean((p - y) ** 2))


def auc(p: Floats, y: Floats) -> float | None:
    """Return the area under the ROC curve by ranks (Mann and Whitney); None with one class."""
    positive = int(y.sum())
    negative = len(y) - positive
    if not positive or not negative:
        return None
    _, inverse, counts = np.unique(p, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = ((last - counts + 1 + last) / 2.0)[inverse]  # ties share their mean rank
    total = float(ranks[y > 0.5].sum())
    return (total - positive * (positive + 1) / 2.0) / (positive * negative)


def calibration(p: Floats, y: Floats, bins: int = 10) -> list[tuple[float, float, int]]:
    """Return (mean predicted, mean observed, count) in bins of equal count."""
    order = np.argsort(p, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return [(float(p[part].mean()), float(y[part].mean()), len(part)) for part in parts]


def bootstrap_means_and_sharpes(
    returns: Floats, *, seed: int, resamples: int = 2_000
) -> tuple[Floats, Floats]:
    """Return means and per-period Sharpe ratios of stationary bootstrap resamples.

    Politis and Romano (1994): blocks of geometric length, mean n^(1/3), wrapping around, which
    keeps the dependence of neighbouring returns.
    """
    n = len(returns)
    generator = np.random.default_rng(seed)
    restart = 1.0 / max(n ** (1.0 / 3.0), 1.0)
    means, sharpes = np.empty(resamples), np.empty(resamples)
    for index in range(resamples):
        begins = generator.random(n) < restart
        begins[0] = True
        starts = generator.integers(0, n, n)
        position = np.arange(n)
        anchor = np.maximum.accumulate(np.where(begins, position, 0))
        sample = returns[(starts[anchor] + position - anchor) % n]
        deviation = sample.std()
        means[index] = sample.mean()
        sharpes[index] = sample.mean() / deviation if deviation > 1e-15 else 0.0
    return means, sharpes
