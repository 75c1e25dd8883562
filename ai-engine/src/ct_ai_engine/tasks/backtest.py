"""The backtest job: one strategy over one range, with everything needed to judge it."""

from collections.abc import Callable
from decimal import Decimal

import numpy as np

from ct_ai_engine.adapters.bridge import BridgeMarket
from ct_ai_engine.market import Floats
from ct_ai_engine.tasks import data
from ct_ai_engine.tasks.evidence import (
    FILL_MODEL,
    backtest_metrics,
    code_version,
    plausibility,
    settings_sha256,
)
from ct_kit.contracts.ai import BacktestRequest, BacktestResult, BacktestTrade, CurvePoint
from ct_strategies.backtest.columns import (
    T_BASE,
    T_PRICE,
    T_QUANTITY,
    T_REASON,
    T_SIDE,
    T_TIME,
)
from ct_strategies.backtest.metrics import fees_in_quote, hold_curve, measure
from ct_strategies.backtest.run import Backtest, Costs, Outcome
from ct_strategies.registry import get_strategy
from ct_strategies.spec import Strategy

Report = Callable[[str, float], None]
"""(phase, fraction done)."""

DEFAULT_FEE = 0.001  # Binance Spot's base tier, taker and maker
CURVE_POINTS = 600
TRADES_SHOWN = 2_000
CHUNK = 65_536  # rows between two reports of progress
MINIMUM_CANDLES = 50


def costs_of(request: BacktestRequest) -> Costs:
    """Return the costs of a request; fees left out are the venue's base tier."""
    return Costs(
        taker_fee=DEFAULT_FEE if request.taker_fee is None else request.taker_fee,
        maker_fee=DEFAULT_FEE if request.maker_fee is None else request.maker_fee,
        half_spread_bps=request.half_spread_bps,
        slippage_bps=request.slippage_bps,
    )


def run(market: BridgeMarket, request: BacktestRequest, report: Report) -> BacktestResult:
    """Fetch, simulate, measure. Raises JobFailedError where the data does not suffice."""
    strategy = get_strategy(request.strategy)
    params = strategy.parse(request.parameters)
    costs = costs_of(request)
    report("fetching candles", 0.0)
    dataset = data.load(
        market, request, warmup=strategy.warmup_candles(params), at_least=MINIMUM_CANDLES
    )
    report("compiling", 0.2)
    simulation = Backtest(
        strategy, params, dataset.instrument, request.budget, costs=costs, warmup=dataset.warmup
    )
    for first in range(0, len(dataset.rows), CHUNK):
        simulation.feed(dataset.rows[first : first + CHUNK])
        report("simulating", 0.4 + 0.5 * min((first + CHUNK) / len(dataset.rows), 1.0))
    outcome = simulation.outcome()
    report("measuring", 0.9)
    measured = measure(outcome, dataset.rows, float(request.budget), costs)
    info = dataset.info(request)
    return BacktestResult(
        strategy=strategy.id,
        parameters=params.model_dump(mode="json"),
        budget=request.budget,
        data=info,
        metrics=backtest_metrics(measured, "in_sample"),
        curve=curve(dataset.rows[dataset.warmup :], outcome, request.budget, costs),
        trades=shown_trades(strategy, outcome),
        trades_total=len(outcome.trades),
        warnings=plausibility(
            measured, gaps=info.gaps, refused=outcome.refused, market=info.market
        ),
        fill_model=FILL_MODEL,
        code_version=code_version(),
        settings_sha256=settings_sha256(request),
    )


def curve(rows: Floats, outcome: Outcome, budget: Decimal, costs: Costs) -> list[CurvePoint]:
    """Return at most CURVE_POINTS points of equity beside buy and hold, the last one included."""
    equity = outcome.equity[len(outcome.equity) - len(rows) :]
    hold = hold_curve(rows, float(budget), costs)
    picks = np.unique(np.linspace(0, len(rows) - 1, min(CURVE_POINTS, len(rows))).astype(int))
    return [
        CurvePoint(t=int(rows[i, 0]), equity=float(equity[i]), hold=float(hold[i])) for i in picks
    ]


def shown_trades(strategy: Strategy, outcome: Outcome) -> list[BacktestTrade]:
    """Return the newest TRADES_SHOWN fills in order of time."""
    fees = fees_in_quote(outcome.trades)
    first = max(len(outcome.trades) - TRADES_SHOWN, 0)
    return [
        BacktestTrade(
            t=int(trade[T_TIME]),
            side="buy" if trade[T_SIDE] > 0 else "sell",
            price=float(trade[T_PRICE]),
            quantity=float(trade[T_QUANTITY]),
            fee_quote=float(fee),
            position=float(trade[T_BASE]),
            reason=strategy.reasons[int(trade[T_REASON])],
        )
        for trade, fee in zip(outcome.trades[first:], fees[first:], strict=True)
    ]
