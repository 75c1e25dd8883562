"""Recommendations: what each newest model says of the newest candle, or why nothing is advised."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from ct_ai_engine.domain.features import LOOKBACK, features
from ct_ai_engine.domain.logistic import Logistic
from ct_ai_engine.domain.policy import STOP_SIGMAS, TARGET_SIGMAS, Economics
from ct_ai_engine.market import CandleTable, Market
from ct_ai_engine.ports import ModelStore
from ct_kit.contracts.ai import Evidence, Recommendation
from ct_kit.domain import Interval
from ct_kit.errors import CtError
from ct_kit.logs import get_logger

MODELS_ASKED = 12  # newest models looked at in one answer; each needs one call to the bridge
_CANDLES = LOOKBACK + 8
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Advice:
    action: str
    reason: str
    size: float | None = None
    probability: float | None = None
    expected_return: float | None = None
    stop: float | None = None
    target: float | None = None


class Advise:
    """Apply models to fresh candles; every piece of advice is stored once per model and candle."""

    def __init__(
        self,
        models: ModelStore,
        market: Market,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._models = models
        self._market = market
        self._clock = clock

    def recommendations(self, owner: str, symbol: str | None) -> list[Recommendation]:
        """Return the advice of the newest model per symbol, interval and horizon."""
        newest: dict[tuple[str, str, int], dict[str, Any]] = {}
        for model in self._models.models(owner, symbol, MODELS_ASKED):
            newest.setdefault((model["symbol"], model["interval"], model["horizon"]), model)
        advice = [self._of(owner, model) for model in newest.values()]
        return [item for item in advice if item is not None]

    def _of(self, owner: str, model: dict[str, Any]) -> Recommendation | None:
        try:
            table = self._market.candles(model["symbol"], model["interval"], _CANDLES)
        except CtError as error:
            _log.warning("advice_without_fresh_candles", reason=error.detail)
            return self._stored(owner, model)
        if not len(table.rows):
            return self._stored(owner, model)
        made = self._make(model, table)
        document = made.model_dump(mode="python", exclude={"evidence"})
        self._models.put_recommendation(owner, document)
        return made

    def _stored(self, owner: str, model: dict[str, Any]) -> Recommendation | None:
        """Return the last advice, marked stale: without fresh candles it must not be acted on."""
        stored = self._models.latest_recommendation(owner, model["id"])
        if stored is None:
            return None
        return Recommendation.model_validate(
            {**stored, "stale": True, "evidence": model["evidence"]}
        )

    def _make(self, model: dict[str, Any], table: CandleTable) -> Recommendation:
        span = timedelta(milliseconds=Interval(model["interval"]).milliseconds)
        last = int(table.rows[-1, 0])
        closed_at = datetime.fromtimestamp(last / 1000, UTC) + span
        expires_at = closed_at + span * model["horizon"]
        stale = table.stale or table.as_of > expires_at
        advice = _advise(model, table, stale=stale)
        buys = advice.action == "buy"
        return Recommendation(
            id=f"rec_{model['id'].removeprefix('mdl_')}_{last}",
            symbol=model["symbol"],
            interval=model["interval"],
            action="buy" if buys else "none",
            reason=advice.reason,
            size=advice.size,
            horizon=model["horizon"] if buys else None,
            probability=advice.probability,
            expected_return=advice.expected_return,
            stop=advice.stop,
            target=advice.target,
            model_id=model["id"],
            evidence=Evidence.model_validate(model["evidence"]),
            venue=table.venue,
            market=table.market,
            data_as_of=table.as_of,
            stale=stale,
            created_at=self._clock(),
            expires_at=expires_at,
        )


def _advise(model: dict[str, Any], table: CandleTable, *, stale: bool) -> _Advice:
    if not model["evidence"]["edge"]:
        return _Advice("none", model["evidence"]["reason"])
    if stale:
        return _Advice("none", "The newest candles are stale; nothing is advised on old prices.")
    if len(table.rows) <= LOOKBACK:
        return _Advice("none", f"Fewer than {LOOKBACK} candles are at hand for the features.")
    row = features(table.rows)[-1:]
    if not np.isfinite(row).all():
        return _Advice("none", "The features of the newest candle are not finite.")
    p = float(Logistic.from_json(model["coefficients"]).predict(row)[0])
    economics = Economics(**model["economics"])
    expected = float(economics.expected(np.array([p]))[0])
    if expected <= 0.0:
        return _Advice(
            "none",
            f"The model sees a chance of {p:.1%} for a rise: not enough to pay for the trade.",
            probability=p,
            expected_return=expected,
        )
    price = float(table.rows[-1, 4])
    return _Advice(
        "buy",
        f"A chance of {p:.1%} for a rise promises {expected:+.3%} after costs over the horizon, "
        "and the model's out-of-sample record shows an edge.",
        size=economics.size(expected),
        probability=p,
        expected_return=expected,
        stop=price * max(1.0 - STOP_SIGMAS * economics.sigma, 0.0),
        target=price * (1.0 + TARGET_SIGMAS * economics.sigma),
    )
