"""Does the out-of-sample record show an edge? Conservative: no, unless everything says yes."""

from dataclasses import dataclass

import numpy as np

from ct_ai_engine.domain import scores
from ct_ai_engine.market import Floats
from ct_kit.contracts.ai import Metric

LEVEL = 0.05  # chance of calling one worthless model an edge, shared among all trials
MINIMUM_TRADES = 30


@dataclass(frozen=True, slots=True)
class Judged:
    """Out-of-sample forecasts p of labels y, the training base rates, and the policy's returns."""

    p: Floats
    y: Floats
    base: Floats
    returns: Floats  # one per decision, 0 where it stayed flat, after costs
    hold_return: float
    periods_per_year: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, why, and every number behind it."""

    edge: bool
    reason: str
    metrics: list[Metric]


def judge(judged: Judged, *, trials: int, seed: int) -> Verdict:
    """Return the verdict.

    An edge needs all of: forecasts better than the base rate in log loss, at least
    MINIMUM_TRADES trades, and a lower bound of the mean return after costs above 0. The bound is
    the LEVEL / trials quantile of a stationary bootstrap (Bonferroni over the user's trainings on
    this symbol): whoever tries often must show more.
    """
    loss, base_loss = scores.log_loss(judged.p, judged.y), scores.log_loss(judged.base, judged.y)
    trades = int(np.count_nonzero(judged.returns))
    means, sharpes = scores.bootstrap_means_and_sharpes(judged.returns, seed=seed)
    lower = float(np.quantile(means, LEVEL / max(trials, 1)))
    reason = _reason(loss, base_loss, trades, lower, trials)
    return Verdict(
        edge=reason is None,
        reason=reason
        or "Out of sample the forecasts beat the base rate and the policy earned more than its "
        f"costs, with its mean return above 0 at a level of {LEVEL:.0%} over {trials} trials.",
        metrics=_metrics(judged, (loss, base_loss), trades, means, sharpes),
    )


def _reason(loss: float, base_loss: float, trades: int, lower: float, trials: int) -> str | None:
    if not loss < base_loss:
        return (
            f"No edge: the forecasts (log loss {loss:.4f}) are no better than always saying the "
            f"base rate ({base_loss:.4f})."
        )
    if trades < MINIMUM_TRADES:
        return (
            f"No edge: only {trades} forecasts promised more than the cost of a trade, "
            f"too few to judge (at least {MINIMUM_TRADES})."
        )
    if not lower > 0.0:
        return (
            "No edge: after fees and spread the mean return of the policy cannot be told from 0 "
            f"(lower bound {lower:+.4%} a decision, over {trials} trials)."
        )
    return None


def _metrics(
    judged: Judged, losses: tuple[float, float], trades: int, means: Floats, sharpes: Floats
) -> list[Metric]:
    yearly = float(np.sqrt(judged.periods_per_year))
    deviation = float(judged.returns.std())
    sharpe = float(judged.returns.mean()) / deviation * yearly if deviation > 1e-15 else None
    low, high = (float(np.quantile(sharpes, q)) * yearly for q in (0.05, 0.95))
    mean_low, mean_high = (float(np.quantile(means, q)) for q in (0.05, 0.95))
    area = scores.auc(judged.p, judged.y)

    def metric(name: str, value: float | None, unit: str, **more: float | str | None) -> Metric:
        return Metric.model_validate(
            {"name": name, "value": value, "unit": unit, "evidence": "out_of_sample", **more}
        )

    return [
        metric("log_loss", losses[0], "nats", note="Lower is better."),
        metric("base_log_loss", losses[1], "nats", note="Always saying the training base rate."),
        metric("brier", scores.brier(judged.p, judged.y), "ratio"),
        metric("auc", area, "ratio", note="0.5 is chance."),
        metric(
            "mean_return",
            float(judged.returns.mean()),
            "fraction",
            low=mean_low,
            high=mean_high,
            note="A decision, after costs; block-bootstrap interval.",
        ),
        metric("net_return", float(np.prod(1.0 + judged.returns) - 1.0), "fraction"),
        metric(
            "sharpe",
            sharpe,
            "ratio",
            low=low if sharpe is not None else None,
            high=high if sharpe is not None else None,
            note="Annualised; block-bootstrap interval.",
        ),
        metric("hold_return", judged.hold_return, "fraction", note="Buy and hold, same period."),
        metric("flat_return", 0.0, "fraction", note="Always flat."),
        metric("trades", float(trades), "count"),
        metric("decisions", float(len(judged.returns)), "count"),
    ]
