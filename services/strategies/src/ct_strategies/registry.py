"""Find the strategies: every module of `ct_strategies.strategies` that declares STRATEGY."""

import importlib
import pkgutil
from functools import cache

from ct_strategies import strategies
from ct_strategies.spec import Strategy


class UnknownStrategyError(LookupError):
    """No strategy has this id."""


@cache
def all_strategies() -> dict[str, Strategy]:
    """Return every strategy by id, sorted by id."""
    found = {}
    for module in pkgutil.iter_modules(strategies.__path__, f"{strategies.__name__}."):
        strategy: Strategy = importlib.import_module(module.name).STRATEGY
        found[strategy.id] = strategy
    return dict(sorted(found.items()))


def get_strategy(strategy_id: str) -> Strategy:
    """Return the strategy; raises UnknownStrategyError naming those there are."""
    try:
        return all_strategies()[strategy_id]
    except KeyError:
        known = ", ".join(all_strategies())
        raise UnknownStrategyError(f"no strategy {strategy_id!r}; there are: {known}") from None
