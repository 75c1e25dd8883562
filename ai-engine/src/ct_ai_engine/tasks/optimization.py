"""The search job: every combination on the first part of the data, the chosen one on the rest.

What is labelled `selected` was chosen because it looked best and says nothing about the future;
only `out_of_sample`, on candles the choice never saw, does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from pydantic import ValidationError

from ct_ai_engine.adapters.bridge import BridgeMarket
from ct_ai_engine.market import Floats
from ct_ai_engine.tasks import data
from ct_ai_engine.tasks.backtest import MINIMUM_CANDLES, Report, costs_of
from ct_ai_engine.tasks.errors import JobFailedError
from ct_ai_engine.tasks.evidence import (
    backtest_metrics,
    code_version,
    finite,
    plausibility,
    settings_sha256,
)
from ct_kit.contracts.ai import OptimizationRequest, OptimizationResult, Trial
from ct_strategies.backtest.metrics import Metrics, measure
from ct_strategies.backtest.run import run_backtest
from ct_strategies.registry import get_strategy
from ct_strategies.spec import Params, Strategy

IN_SAMPLE = 0.7  # of the candles; the rest judges the choice
SHRINKS = 0.5  # warn when less than this part of the in-sample result is left


@dataclass(frozen=True, slots=True)
class _Tried:
    values: dict[str, float]
    params: Params
    score: float | None
    trial: Trial


def combinations(
    strategy: Strategy, fixed: dict[str, Any], search: dict[str, list[float]]
) -> Iterator[tuple[dict[str, float], Params | None]]:
    """Yield every combination of the searched values, with None where the strategy refuses it."""
    for values in product(*search.values()):
        chosen = dict(zip(search, values, strict=True))
        try:
            yield chosen, strategy.parse({**fixed, **chosen})
        except ValidationError:
            yield chosen, None


def run(market: BridgeMarket, request: OptimizationRequest, report: Report) -> OptimizationResult:
    """Search, choose, judge. Raises JobFailedError where no combination is valid."""
    strategy = get_strategy(request.strategy)
    every = list(combinations(strategy, dict(request.parameters), request.search))
    valid = [(values, params) for values, params in every if params is not None]
    if not valid:
        raise JobFailedError("The strategy refuses every combination of these values.")
    warmup = max(strategy.warmup_candles(params) for _, params in valid)
    report("fetching candles", 0.0)
    dataset = data.load(market, request, warmup=warmup, at_least=4 * MINIMUM_CANDLES)
    split = dataset.warmup + int((len(dataset.rows) - dataset.warmup) * IN_SAMPLE)
    seen = dataset.rows[:split]
    # The unseen part warms up on the candles before it, which decide nothing there.
    unseen = dataset.rows[split - min(warmup, split) :]

    def judge(params: Params, rows: Floats, warm: int) -> Metrics:
        costs = costs_of(request)
        outcome = run_backtest(
            strategy,
            params,
            dataset.instrument,
            request.budget,
            costs=costs,
            candles=rows,
            warmup=warm,
        )
        return measure(outcome, rows, float(request.budget), costs)

    tried = []
    for index, (values, params) in enumerate(valid):
        inside = _score(judge(params, seen, dataset.warmup), request.objective)
        outside = _score(judge(params, unseen, min(warmup, split)), request.objective)
        trial = Trial(parameters=values, in_sample=inside, out_of_sample=outside)
        tried.append(_Tried(values, params, inside, trial))
        report("searching", 0.1 + 0.85 * (index + 1) / len(valid))
    # The first of equals wins, so that the same search chooses the same set.
    best = max(tried, key=lambda item: -1e300 if item.score is None else item.score)
    selected = judge(best.params, seen, dataset.warmup)
    judged = judge(best.params, unseen, min(warmup, split))
    info = dataset.info(request)
    warnings = plausibility(judged, gaps=info.gaps, refused=0, market=info.market)
    warnings += _doubts(best, len(tried), len(every) - len(valid))
    return OptimizationResult(
        strategy=strategy.id,
        objective=request.objective,
        data=info,
        trials=[item.trial for item in tried],
        chosen=best.values,
        metrics=[
            *backtest_metrics(selected, "selected"),
            *backtest_metrics(judged, "out_of_sample"),
        ],
        warnings=warnings,
        code_version=code_version(),
        settings_sha256=settings_sha256(request),
    )


def _score(measured: Metrics, objective: str) -> float | None:
    return finite(measured.net_return if objective == "net_return" else measured.sharpe)


def _doubts(best: _Tried, trials: int, refused: int) -> list[str]:
    doubts = [
        (
            f"Chosen as the best of {trials}: its in-sample figures are inflated by the choice. "
            "Believe only those labelled out of sample."
        )
    ]
    inside, outside = best.trial.in_sample, best.trial.out_of_sample
    if inside is not None and inside > 0 and (outside is None or outside < SHRINKS * inside):
        doubts.append("Less than half of the in-sample result is left out of sample.")
    if refused:
        doubts.append(f"{refused} combinations were skipped because the strategy refuses them.")
    return doubts
