"""The exchange bridge: instruments, recent candles and book as JSON, history as Arrow."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
from pydantic import ValidationError

from ct_ai_engine.market import BookTop, CandleTable, Floats, InstrumentSteps
from ct_kit.contracts.common import Origin
from ct_kit.contracts.markets import Book, CandleList, InstrumentView, Market, MarketList
from ct_kit.domain import Interval
from ct_kit.errors import UpstreamFailed
from ct_kit.http import SyncServiceClient

_INSTRUMENTS_FRESH_S = 60.0  # filters change a few times a year
_HISTORY_TIMEOUT_S = 120.0  # a year of minutes the bridge has to fetch first
_PAGE_ROWS = 200_000  # of one Arrow answer, under 10 MB
_COLUMNS = ("open_time", "open", "high", "low", "close", "volume")


class BridgeMarket:
    """Market data from the bridge, for the API process and for jobs."""

    def __init__(
        self,
        client: SyncServiceClient,
        *,
        page_rows: int = _PAGE_ROWS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._page_rows = page_rows
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, InstrumentSteps] = {}
        self._known_at = -np.inf

    def find(self, symbol: str) -> InstrumentSteps | None:
        """Return the instrument or None; the list is asked for once a minute."""
        with self._lock:
            if self._clock() - self._known_at > _INSTRUMENTS_FRESH_S:
                answer = self._client.request("GET", "/v1/markets")
                markets = _parse(MarketList, answer)
                self._known = {
                    item.instrument.symbol: _steps(item.instrument) for item in markets.items
                }
                self._known_at = self._clock()
            return self._known.get(symbol)

    def market_time(self, symbol: str) -> datetime:
        """Return the market's own time: a replay lives in the past of its recording."""
        market = _parse(Market, self._client.request("GET", f"/v1/markets/{symbol}"))
        return market.ticker.as_of if market.ticker is not None else datetime.now(UTC)

    def candles(self, symbol: str, interval: str, limit: int) -> CandleTable:
        """Return the newest closed candles, ascending."""
        answer = self._client.request(
            "GET",
            f"/v1/markets/{symbol}/candles",
            params={"interval": interval, "limit": str(limit)},
        )
        listed = _parse(CandleList, answer)
        rows = [
            [float(c.open_time), *map(float, (c.open, c.high, c.low, c.close, c.volume))]
            for c in listed.items
            if c.closed
        ]
        table = np.array(rows, dtype=np.float64).reshape(-1, len(_COLUMNS))
        return CandleTable(table, listed.venue, listed.market, listed.as_of, listed.stale)

    def book(self, symbol: str, depth: int) -> BookTop:
        """Return the best levels of the order book."""
        answer = self._client.request(
            "GET", f"/v1/markets/{symbol}/book", params={"depth": str(depth)}
        )
        book = _parse(Book, answer)
        return BookTop(_levels(book.bids), _levels(book.asks), book.as_of, book.stale)

    def history(self, symbol: str, interval: str, start: int, end: int) -> CandleTable:
        """Return closed candles with start <= open time < end, as far as there are any.

        Asks page by page: the bridge bounds one answer, and so is our memory.
        """
        step = self._page_rows * Interval(interval).milliseconds
        pages = [
            self._page(symbol, interval, first, min(first + step, end))
            for first in range(start, end, step)
        ]
        rows = np.concatenate([page.rows for page in pages])
        newest = pages[-1]
        return CandleTable(rows, newest.venue, newest.market, newest.as_of)

    def _page(self, symbol: str, interval: str, start: int, end: int) -> CandleTable:
        response = self._client.fetch(
            "GET",
            "/v1/candles.arrow",
            params={"symbol": symbol, "interval": interval, "start": str(start), "end": str(end)},
            timeout_s=_HISTORY_TIMEOUT_S,
        )
        rows = _read_arrow(response.content)
        headers = response.headers
        origin = _parse(
            Origin,
            {
                "venue": headers.get("X-CT-Venue"),
                "market": headers.get("X-CT-Market"),
                "as_of": headers.get("X-CT-As-Of"),
                "stale": False,
            },
        )
        # Rows outside the page would be counted twice.
        inside = (rows[:, 0] >= start) & (rows[:, 0] < end)
        return CandleTable(rows[inside], origin.venue, origin.market, origin.as_of)


def _read_arrow(content: bytes) -> Floats:
    import pyarrow as pa  # noqa: PLC0415 - 60 MB that only jobs need

    try:
        table = pa.ipc.open_stream(content).read_all()
        columns = [table.column(name).to_numpy().astype(np.float64) for name in _COLUMNS]
    except (pa.ArrowInvalid, KeyError) as error:
        raise _unreadable("no Arrow stream of candles") from error
    rows: Floats = np.column_stack(columns)
    if not np.isfinite(rows).all():
        raise _unreadable("a candle that is not finite")
    return rows


def _parse(model: type[Any], answer: object) -> Any:
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        raise _unreadable(f"{error.error_count()} unexpected fields") from error


def _unreadable(what: str) -> UpstreamFailed:
    return UpstreamFailed("bridge_unreadable", f"The exchange bridge answered with {what}.")


def _steps(view: InstrumentView) -> InstrumentSteps:
    return InstrumentSteps(
        view.symbol, view.tick_size, view.step_size, view.min_quantity, view.min_notional
    )


def _levels(levels: list[Any]) -> Floats:
    return np.array([[float(p), float(q)] for p, q in levels], dtype=np.float64).reshape(-1, 2)
