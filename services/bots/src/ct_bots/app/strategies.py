"""The strategies shipped, and a user's parameters checked against them."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import ValidationError

from ct_kit.contracts.bots import StrategyInfo, StrategyList
from ct_kit.domain import Instrument
from ct_kit.errors import FieldError, InvalidRequest
from ct_kit.web.validation import invalid_request
from ct_strategies.registry import UnknownStrategyError, all_strategies, get_strategy
from ct_strategies.spec import Params, Strategy


@cache
def catalogue() -> StrategyList:
    """Return every strategy with the schema its form is drawn from."""
    return StrategyList(
        items=[
            StrategyInfo(
                id=strategy.id,
                name=strategy.name,
                summary=strategy.summary,
                version=strategy.version,
                parameters=strategy.schema(),
                intervals=list(strategy.intervals),
            )
            for strategy in all_strategies().values()
        ]
    )


def known_strategy(strategy_id: str) -> Strategy:
    """Return the strategy; raises `InvalidRequest` on `body.strategy` naming those there are."""
    try:
        return get_strategy(strategy_id)
    except UnknownStrategyError as error:
        known = ", ".join(all_strategies())
        raise _refused(
            "body.strategy", "There is no such strategy.", f"Send one of: {known}."
        ) from error


def checked_parameters(strategy: Strategy, parameters: Mapping[str, Any]) -> Params:
    """Return the parameters with defaults filled in; raises with each fault under its field."""
    try:
        return strategy.parse(dict(parameters))
    except ValidationError as error:
        faults = [
            {**fault, "loc": ("body", "parameters", *fault["loc"])}
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise invalid_request(faults) from error


def check_interval(strategy: Strategy, interval: str) -> None:
    """Refuse an interval the strategy is not made for."""
    if interval not in strategy.intervals:
        allowed = ", ".join(strategy.intervals)
        message = f"{strategy.name} does not run on {interval} candles."
        raise _refused("body.interval", message, f"Send one of: {allowed}.")


def check_budget(
    strategy: Strategy, params: Params, instrument: Instrument, budget: Decimal
) -> None:
    """Refuse a budget some order of the strategy would be too small with."""
    least = strategy.minimum_budget(params, instrument)
    if budget < least:
        quote = instrument.symbol.quote
        message = (
            f"With these parameters an order would fall below the venue's minimum of "
            f"{instrument.min_notional:f} {quote}."
        )
        raise _refused("body.budget", message, f"Send {least:f} {quote} or more.")


def _refused(field: str, message: str, remedy: str) -> InvalidRequest:
    return InvalidRequest(
        "invalid_request",
        "One field is not acceptable; see errors.",
        fields=[FieldError(field, message, remedy)],
    )
