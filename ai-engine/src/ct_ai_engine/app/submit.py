"""Check a request as far as can be checked before any candle is fetched, and queue it."""

from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from ct_ai_engine.domain.jobs import NewJob
from ct_ai_engine.market import Instruments, InstrumentSteps
from ct_ai_engine.ports import JobStore
from ct_kit.contracts.ai import (
    BacktestRequest,
    CandleRange,
    JobKind,
    OptimizationRequest,
    TrainingRequest,
)
from ct_kit.domain import Interval
from ct_kit.errors import FieldError, InvalidRequest, TooManyRequests
from ct_strategies.registry import UnknownStrategyError, get_strategy
from ct_strategies.spec import Params, Strategy

MAXIMUM_RANGE = 525_600
_WAIT_S = 10.0


class SubmitJob:
    """Queue backtests, searches and trainings."""

    def __init__(self, jobs: JobStore, instruments: Instruments, *, jobs_per_owner: int) -> None:
        self._jobs = jobs
        self._instruments = instruments
        self._jobs_per_owner = jobs_per_owner

    def backtest(self, owner: str, request: BacktestRequest, key: str | None) -> str:
        """Queue a backtest. Raises InvalidRequest naming each field, TooManyRequests."""
        instrument = self._common(request)
        strategy, params = _strategy(request.strategy, request.parameters)
        _check_budget(strategy, params, instrument, request.budget)
        return self._queue(owner, "backtest", _canonical(request, params), key)

    def optimization(self, owner: str, request: OptimizationRequest, key: str | None) -> str:
        """Queue a search. Raises InvalidRequest naming each field, TooManyRequests."""
        instrument = self._common(request)
        strategy, params = _strategy(request.strategy, request.parameters)
        _check_budget(strategy, params, instrument, request.budget)
        _check_search(strategy, request.search)
        return self._queue(owner, "optimization", _canonical(request, params), key)

    def training(self, owner: str, request: TrainingRequest, key: str | None) -> str:
        """Queue a training. Raises InvalidRequest naming each field, TooManyRequests."""
        self._common(request)
        return self._queue(owner, "training", request.model_dump(mode="json"), key)

    def _common(self, request: CandleRange) -> InstrumentSteps:
        if request.start is not None:
            end = request.end
            if end is not None and end <= request.start:
                raise _invalid("end", "end must be later than start", "Swap or change the two.")
            span = Interval(request.interval).milliseconds
            if end is not None and (end - request.start) // span > MAXIMUM_RANGE:
                text = f"the range holds more than {MAXIMUM_RANGE} candles"
                raise _invalid("start", text, "Take a shorter range or a longer interval.")
        instrument = self._instruments.find(request.symbol)
        if instrument is None:
            text = f"the venue does not offer {request.symbol}"
            raise _invalid("symbol", text, "Choose a symbol from GET /markets.")
        return instrument

    def _queue(self, owner: str, kind: JobKind, request: dict[str, Any], key: str | None) -> str:
        if self._jobs.active(owner) >= self._jobs_per_owner:
            raise TooManyRequests(
                "job_quota",
                f"{self._jobs_per_owner} jobs are waiting or running; wait for one or cancel one.",
                retry_after_s=_WAIT_S,
            )
        return self._jobs.add(NewJob(owner, kind, request, key))


def _strategy(strategy_id: str, parameters: dict[str, Any]) -> tuple[Strategy, Params]:
    try:
        strategy = get_strategy(strategy_id)
    except UnknownStrategyError as error:
        raise _invalid("strategy", str(error), "Choose one from GET /strategies.") from error
    try:
        return strategy, strategy.parse(parameters)
    except ValidationError as error:
        fields = [
            FieldError(
                ".".join(["body", "parameters", *map(str, item["loc"])]),
                item["msg"].removeprefix("Value error, "),
                "Mend the value; GET /strategies has the bounds.",
            )
            for item in error.errors(include_url=False, include_input=False)
        ]
        raise InvalidRequest(
            "invalid_request", "The strategy refuses these parameters.", fields=fields
        ) from error


def _check_budget(
    strategy: Strategy, params: Params, instrument: InstrumentSteps, budget: Decimal
) -> None:
    least = strategy.minimum_budget(params, instrument)
    if budget < least:
        text = f"the smallest order would be under the venue's {instrument.min_notional} minimum"
        raise _invalid("budget", text, f"Take at least {least}.")


def _check_search(strategy: Strategy, search: dict[str, list[float]]) -> None:
    properties = strategy.schema()["properties"]
    for name in search:
        if properties.get(name, {}).get("type") not in ("integer", "number"):
            numeric = [key for key, value in properties.items() if value.get("type") != "string"]
            text = f"{strategy.id} has no numeric parameter of this name"
            raise _invalid(f"search.{name}"[:120], text, f"Search over: {', '.join(numeric)}.")


def _canonical(request: BacktestRequest, params: Params) -> dict[str, Any]:
    body: dict[str, Any] = request.model_dump(mode="json")
    body["parameters"] = params.model_dump(mode="json")
    return body


def _invalid(field: str, message: str, remedy: str) -> InvalidRequest:
    return InvalidRequest(
        "invalid_request",
        "The request has a wrong field.",
        fields=[FieldError(f"body.{field}", message, remedy)],
    )
