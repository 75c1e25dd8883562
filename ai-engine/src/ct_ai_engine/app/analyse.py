"""The market as measured now, from recent candles and the book; kept for some seconds."""

import math
import threading
import time
from collections.abc import Callable

from ct_ai_engine.domain import market_state as state
from ct_ai_engine.market import BookTop, CandleTable, Instruments, Market
from ct_kit.contracts.ai import Analysis, Observation
from ct_kit.domain import Interval
from ct_kit.errors import NotFound
from ct_strategies.backtest.metrics import YEAR_MS

CANDLES = 500
BOOK_DEPTH = 50
FRESH_S = 5.0
REFERENCE = "BTC-USDT"
_KEPT = 64  # symbols times intervals at once; more are measured anew each time


class Analyse:
    """Measure markets; equal questions within FRESH_S get the same answer."""

    def __init__(
        self,
        market: Market,
        instruments: Instruments,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._market = market
        self._instruments = instruments
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[float, Analysis]] = {}

    def analysis(self, symbol: str, interval: str) -> Analysis:
        """Return the measurements. Raises NotFound for a symbol the venue does not offer."""
        key = (symbol, interval)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and self._clock() - kept[0] < FRESH_S:
                return kept[1]
            measured = self._measure(symbol, interval)
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[key] = (self._clock(), measured)
            return measured

    def _measure(self, symbol: str, interval: str) -> Analysis:
        if self._instruments.find(symbol) is None:
            raise NotFound("symbol_unknown", f"The venue does not offer {symbol}.")
        table = self._market.candles(symbol, interval, CANDLES)
        book = self._market.book(symbol, BOOK_DEPTH)
        reference = (
            table
            if symbol == REFERENCE or self._instruments.find(REFERENCE) is None
            else self._market.candles(REFERENCE, interval, CANDLES)
        )
        return Analysis.model_validate(
            {
                "symbol": symbol,
                "venue": table.venue,
                "market": table.market,
                "interval": interval,
                "candles": len(table.rows),
                "observations": [
                    *_from_candles(table, interval),
                    *_ties(symbol, table, reference),
                    *_liquidity(book),
                ],
                "as_of": min(table.as_of, book.as_of, reference.as_of),
                "stale": table.stale or book.stale or reference.stale,
            }
        )


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _from_candles(table: CandleTable, interval: str) -> list[Observation]:
    if len(table.rows) < 2:
        return []
    returns = state.log_returns(table.rows)
    now, long_run = state.ewma_volatility(returns), float(returns.std())
    yearly = math.sqrt(YEAR_MS / Interval(interval).milliseconds)
    line = state.trend(table.rows)
    text = state.regime(now, long_run, line) if now is not None else None
    return [
        Observation(
            name="volatility",
            label="Volatility",
            value=_finite(now * yearly if now is not None else None),
            unit="fraction",
            explanation="Exponentially weighted (0.94), annualised: the usual swing of a year.",
        ),
        Observation(
            name="volatility_ratio",
            label="Volatility against its past",
            value=_finite(now / long_run if now is not None and long_run > 1e-15 else None),
            unit="ratio",
            explanation="Present volatility over that of all candles looked at; 1 is usual.",
        ),
        Observation(
            name="trend",
            label="Trend",
            value=_finite(math.expm1(line.slope * len(table.rows)) if line is not None else None),
            unit="fraction",
            text=None if line is None else f"t = {line.t_value:.1f}",
            explanation="Change along a straight line through the log prices of all candles.",
        ),
        Observation(
            name="regime",
            label="Regime",
            value=None,
            unit="text",
            text=text,
            explanation="Volatility against its past, and whether the trend stands out.",
        ),
    ]


def _ties(symbol: str, table: CandleTable, reference: CandleTable) -> list[Observation]:
    if symbol == REFERENCE:
        return []
    beta, correlation = state.beta_and_correlation(table.rows, reference.rows)
    return [
        Observation(
            name="correlation_btc",
            label="Correlation to BTC",
            value=_finite(correlation),
            unit="ratio",
            explanation="Of candle returns: 1 moves together, 0 independently.",
        ),
        Observation(
            name="beta_btc",
            label="Beta to BTC",
            value=_finite(beta),
            unit="ratio",
            explanation="Usual move in percent when BTC moves one percent.",
        ),
    ]


def _liquidity(book: BookTop) -> list[Observation]:
    return [
        Observation(
            name="spread",
            label="Spread",
            value=_finite(state.spread_bps(book)),
            unit="bps",
            explanation="Best ask over best bid, in hundredths of a percent.",
        ),
        Observation(
            name="depth",
            label="Depth",
            value=_finite(state.depth_quote(book)),
            unit="quote",
            explanation="Resting within half a percent of the middle, as far as the book is shown.",
        ),
    ]
