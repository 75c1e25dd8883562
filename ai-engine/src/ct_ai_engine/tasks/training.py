"""The training job: a logistic baseline, judged walk-forward, and what it advises now.

The label of row t is whether the open of t + 1 + horizon lies above the open of t + 1: the first
price one could trade at after seeing t. The policy decides every `horizon` candles, so its trades
do not overlap, and is long only where the expected move pays for the round trip.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ct_ai_engine.adapters.bridge import BridgeMarket
from ct_ai_engine.domain import features, scores
from ct_ai_engine.domain.logistic import Logistic
from ct_ai_engine.domain.policy import ROUND_TRIP_COST, Economics, long_returns
from ct_ai_engine.domain.verdict import Judged, judge
from ct_ai_engine.domain.walk_forward import Fold, folds
from ct_ai_engine.market import Floats
from ct_ai_engine.tasks import data
from ct_ai_engine.tasks.errors import JobFailedError
from ct_ai_engine.tasks.evidence import code_version, finite, settings_sha256, sha256_of
from ct_kit.contracts.ai import CalibrationBin, Evidence, FoldReport, TrainingRequest
from ct_strategies.backtest.metrics import YEAR_MS

Report = Callable[[str, float], None]

MINIMUM_ROWS = 1_000
FIT_ROWS = 60_000  # neighbouring labels overlap; more rows than this add time, not knowledge


@dataclass(frozen=True, slots=True)
class _Samples:
    rows: Floats  # candles [n, 6] of the usable rows
    x: Floats  # [n, features]
    y: Floats  # [n] of 0 and 1
    moves: Floats  # [n] simple return over the horizon from the next open


@dataclass(frozen=True, slots=True)
class _FoldResult:
    fold: Fold
    p: Floats
    base: float
    returns: Floats
    report: FoldReport


def run(
    market: BridgeMarket, request: TrainingRequest, report: Report, *, job_id: str, trials: int
) -> dict[str, Any]:
    """Train and judge; return the result's and the model's documents.

    Raises JobFailedError where there is too little data for the folds and the horizon.
    """
    report("fetching candles", 0.0)
    dataset = data.load(market, request, warmup=features.LOOKBACK, at_least=MINIMUM_ROWS)
    report("computing features", 0.2)
    samples = _samples(dataset.rows, request.horizon)
    try:
        cuts = list(folds(len(samples.y), request.folds, request.horizon))
    except ValueError as error:
        raise JobFailedError(
            f"{error}; ask for more candles, fewer folds or a shorter horizon."
        ) from error
    results = []
    for index, cut in enumerate(cuts):
        report(f"fold {index + 1} of {len(cuts)}", 0.3 + 0.5 * index / len(cuts))
        results.append(_fold(samples, cut, request.horizon))
    report("judging", 0.8)
    evidence = _evidence(samples, results, request, trials, dataset.interval.milliseconds)
    report("fitting the final model", 0.95)
    model = _fit(samples.x, samples.y)
    economics = Economics.of(samples.moves)
    info = dataset.info(request)
    settings, code = settings_sha256(request), code_version()
    document = {
        "id": f"mdl_{job_id.removeprefix('job_')}",
        "kind": request.model,
        "symbol": request.symbol,
        "interval": request.interval,
        "horizon": request.horizon,
        "data": info.model_dump(mode="json"),
        "features": list(features.NAMES),
        "evidence": evidence.model_dump(mode="json"),
        "coefficients": model.to_json(),
        "economics": {
            "mean_gain": economics.mean_gain,
            "mean_loss": economics.mean_loss,
            "sigma": economics.sigma,
        },
        "code_version": code,
        "settings_sha256": settings,
    }
    document["sha256"] = sha256_of(document)
    result = {
        "kind": "training",
        "model_id": document["id"],
        "data": document["data"],
        "evidence": document["evidence"],
        "code_version": code,
        "settings_sha256": settings,
    }
    return {"result": result, "model": document}


def _samples(rows: Floats, horizon: int) -> _Samples:
    table = features.features(rows)
    opens = rows[:, 1]
    known = slice(features.LOOKBACK, len(rows) - horizon - 1)
    entry = opens[known.start + 1 : len(rows) - horizon]
    moves = opens[known.start + 1 + horizon :] / entry - 1.0
    return _Samples(rows[known], table[known], (moves > 0).astype(np.float64), moves)


def _fit(x: Floats, y: Floats) -> Logistic:
    stride = max(1, len(y) // FIT_ROWS)
    # Counted from the newest row, which is the one that matters most.
    return Logistic.fit(x[::-1][::stride][::-1], y[::-1][::stride][::-1])


def _fold(samples: _Samples, fold: Fold, horizon: int) -> _FoldResult:
    train, test = slice(0, fold.train_end), slice(fold.test_start, fold.test_end)
    model = _fit(samples.x[train], samples.y[train])
    economics = Economics.of(samples.moves[train])
    p, y = model.predict(samples.x[test]), samples.y[test]
    base = float(np.clip(samples.y[train].mean(), 0.01, 0.99))
    returns = long_returns(p[::horizon], samples.moves[test][::horizon], economics)
    times = samples.rows[:, 0]
    report = FoldReport(
        train_first=int(times[0]),
        train_last=int(times[fold.train_end - 1]),
        test_first=int(times[fold.test_start]),
        test_last=int(times[fold.test_end - 1]),
        log_loss=scores.log_loss(p, y),
        base_log_loss=scores.log_loss(np.full(len(y), base), y),
        auc=finite(scores.auc(p, y)),
        net_return=float(np.prod(1.0 + returns) - 1.0),
    )
    return _FoldResult(fold, p, base, returns, report)


def _evidence(
    samples: _Samples,
    results: list[_FoldResult],
    request: TrainingRequest,
    trials: int,
    interval_ms: int,
) -> Evidence:
    tested = slice(results[0].fold.test_start, results[-1].fold.test_end)
    p, y = np.concatenate([item.p for item in results]), samples.y[tested]
    base = np.concatenate([np.full(len(item.p), item.base) for item in results])
    prices = samples.rows[tested, 4]
    verdict = judge(
        Judged(
            p=p,
            y=y,
            base=base,
            returns=np.concatenate([item.returns for item in results]),
            hold_return=float(prices[-1] / prices[0] - 1.0 - ROUND_TRIP_COST),
            periods_per_year=YEAR_MS / (interval_ms * request.horizon),
        ),
        trials=trials,
        seed=request.seed,
    )
    return Evidence(
        edge=verdict.edge,
        reason=verdict.reason,
        metrics=verdict.metrics,
        folds=[item.report for item in results],
        calibration=[
            CalibrationBin(predicted=predicted, observed=observed, count=count)
            for predicted, observed, count in scores.calibration(p, y)
        ],
        trials=trials,
    )
