"""Numbers that leave a job: finite or absent, labelled, and tied to the code that made them."""

import hashlib
import math
from functools import cache
from pathlib import Path

import orjson
from pydantic import BaseModel

from ct_kit.contracts.ai import EvidenceLabel, Metric
from ct_strategies.backtest.metrics import MIN_CAGR_DAYS, Metrics
from ct_strategies.jit import code_digest

FILL_MODEL = "docs/fill-model.md"

FEW_ROUND_TRIPS = 30  # below this the standard error of a win rate exceeds 9 percentage points
ABSURD_SHARPE = 4.0  # no published liquid strategy keeps this after costs
ABSURD_PROFIT_FACTOR = 5.0
SHORT_DAYS = 30.0


def finite(value: float | None) -> float | None:
    """Return the number, or None where it is none."""
    return float(value) if value is not None and math.isfinite(value) else None


@cache
def code_version() -> str:
    """Return the SHA-256 of the code that computes results: this package and the strategies."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256(code_digest().encode())
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def settings_sha256(request: BaseModel) -> str:
    """Return the SHA-256 of everything the user set, defaults filled in."""
    return sha256_of(request.model_dump(mode="json"))


def sha256_of(value: object) -> str:
    """Return the SHA-256 of a JSON value in canonical form."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def backtest_metrics(measured: Metrics, evidence: EvidenceLabel) -> list[Metric]:
    """Return a backtest's figures as labelled metrics."""

    def fraction(name: str, value: float | None, note: str | None = None) -> Metric:
        return Metric(name=name, value=finite(value), unit="fraction", evidence=evidence, note=note)

    def ratio(name: str, value: float | None, note: str | None = None) -> Metric:
        return Metric(name=name, value=finite(value), unit="ratio", evidence=evidence, note=note)

    yearly = "Annualised by the square root of candles per year, risk-free rate 0."
    return [
        fraction("net_return", measured.net_return, "After fees, spread and slippage."),
        fraction(
            "annual_return",
            measured.annual_return,
            f"Stated only for runs of at least {MIN_CAGR_DAYS:.0f} days.",
        ),
        fraction("hold_return", measured.hold_return, "Buying with the whole budget at the start."),
        fraction("max_drawdown", measured.max_drawdown, "From the running peak, at closes."),
        ratio("sharpe", measured.sharpe, yearly),
        ratio("sortino", measured.sortino, yearly),
        fraction("exposure", measured.exposure, "Candles that closed with a position."),
        ratio("turnover", measured.turnover, "Value traded over the budget."),
        Metric(name="trades", value=measured.trades, unit="count", evidence=evidence),
        Metric(name="round_trips", value=measured.round_trips, unit="count", evidence=evidence),
        fraction("win_rate", measured.win_rate, "Of sales, against average cost."),
        ratio("profit_factor", measured.profit_factor, "Gains over losses of sales."),
        Metric(name="fees", value=finite(measured.fees), unit="quote", evidence=evidence),
        Metric(name="days", value=finite(measured.days), unit="days", evidence=evidence),
    ]


def plausibility(measured: Metrics, *, gaps: int, refused: int, market: str) -> list[str]:
    """Return what a careful reader would object to in a backtest."""
    warnings = []
    if market != "live":
        warnings.append(f"The prices are {market}: nothing here speaks about a real market.")
    if measured.trades == 0:
        warnings.append("The strategy never traded in this range.")
    elif measured.round_trips < FEW_ROUND_TRIPS:
        warnings.append(
            f"Only {measured.round_trips} round trips: too few to tell skill from luck "
            f"(at least {FEW_ROUND_TRIPS} are wanted)."
        )
    if measured.days < SHORT_DAYS:
        warnings.append(f"Only {measured.days:.1f} days: one market mood, not a test.")
    if measured.sharpe is not None and measured.sharpe > ABSURD_SHARPE:
        warnings.append(
            f"A Sharpe ratio of {measured.sharpe:.1f} is too good to be true; "
            "look for overfitting or for costs that are too low."
        )
    if measured.profit_factor is not None and measured.profit_factor > ABSURD_PROFIT_FACTOR:
        warnings.append(f"A profit factor of {measured.profit_factor:.1f} is too good to be true.")
    if gaps:
        warnings.append(f"{gaps} candles are missing in the data; nothing was filled in.")
    if refused:
        warnings.append(f"{refused} orders were refused for lack of funds or below venue minima.")
    return warnings
