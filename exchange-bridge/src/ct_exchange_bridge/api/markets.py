"""Markets: instruments, tickers, candles, book, trades, and the Arrow history."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from ct_exchange_bridge.api.services import Services
from ct_exchange_bridge.app import views
from ct_exchange_bridge.app.arrow import MEDIA_TYPE, arrow_stream
from ct_exchange_bridge.app.market_hub import SymbolState
from ct_kit.contracts import markets as contract
from ct_kit.contracts.common import EpochMs, IntervalName, SymbolName
from ct_kit.domain import Interval, Symbol
from ct_kit.errors import FieldError, InvalidRequest
from ct_kit.web.fastapi import CallerDep

MOST_ROWS = 525_600
"""A year of minutes."""

SymbolPath = Annotated[SymbolName, Path()]
DepthQuery = Annotated[int, Query(ge=1, le=100)]
CandleLimit = Annotated[int, Query(ge=1, le=1000)]
TradeLimit = Annotated[int, Query(ge=1, le=200)]


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    hub, history = services.hub, services.history

    def market(symbol: Symbol, state: SymbolState) -> contract.Market:
        ticker = state.ticker
        return contract.Market(
            instrument=views.instrument_view(state.listed),
            ticker=(
                None
                if ticker is None
                else views.ticker_view(symbol, ticker, hub.origin(symbol, ticker.time_ms))
            ),
        )

    @routes.get("/v1/markets")
    async def list_markets(_: CallerDep) -> contract.MarketList:
        """List all instruments with their tickers."""
        return contract.MarketList(
            items=[market(symbol, hub.state(symbol)) for symbol in hub.symbols]
        )

    @routes.get("/v1/markets/{symbol}")
    async def get_market(_: CallerDep, symbol: SymbolPath) -> contract.Market:
        """Return one instrument with its ticker."""
        asked = Symbol.parse(symbol)
        return market(asked, hub.state(asked))

    @routes.get("/v1/markets/{symbol}/candles")
    async def list_candles(
        _: CallerDep,
        symbol: SymbolPath,
        interval: IntervalName = "1m",
        start: EpochMs | None = None,
        end: EpochMs | None = None,
        limit: CandleLimit = 500,
    ) -> contract.CandleList:
        """Return candles ascending; the newest ones without start and end."""
        asked = Symbol.parse(symbol)
        _check_span(start, end)
        state = hub.state(asked)
        rows = await history.listed(asked, Interval(interval), start, end, limit)
        time_ms = state.ticker.time_ms if state.ticker else 0
        return contract.CandleList.model_validate(
            {
                **hub.origin(asked, time_ms).model_dump(),
                "symbol": symbol,
                "interval": interval,
                "items": [views.candle_row(row) for row in rows],
            }
        )

    @routes.get("/v1/markets/{symbol}/book")
    async def get_book(_: CallerDep, symbol: SymbolPath, depth: DepthQuery = 20) -> contract.Book:
        """Return the best levels; from memory, or from the venue for more than it holds."""
        asked = Symbol.parse(symbol)
        book = await services.reads.book(asked, depth)
        return views.book_view(asked, book, depth, hub.origin(asked, book.time_ms))

    @routes.get("/v1/markets/{symbol}/trades")
    async def list_trades(
        _: CallerDep, symbol: SymbolPath, limit: TradeLimit = 50
    ) -> contract.TradeList:
        """Return the newest public trades, newest first."""
        asked = Symbol.parse(symbol)
        trades = await services.reads.trades(asked, limit)
        newest = trades[-1].time_ms if trades else 0
        return contract.TradeList(
            **hub.origin(asked, newest).model_dump(),
            symbol=symbol,
            items=[views.trade_view(trade) for trade in reversed(trades)],
        )

    @routes.get("/v1/candles.arrow", response_class=Response)
    async def candles_as_arrow(
        _: CallerDep,
        symbol: Annotated[SymbolName, Query()],
        interval: IntervalName,
        start: EpochMs,
        end: EpochMs,
    ) -> Response:
        """Return closed candles that open in [start, end) as an Arrow IPC stream."""
        asked, span = Symbol.parse(symbol), Interval(interval)
        _check_span(start, end)
        if (end - start) // span.milliseconds > MOST_ROWS:
            raise _refused("query.end", f"asks for more than {MOST_ROWS} candles", "Ask for less.")
        state = hub.state(asked)
        columns = await history.closed(asked, span, start, end)
        time_ms = state.ticker.time_ms if state.ticker else 0
        headers = {
            "X-CT-Venue": hub.venue,
            "X-CT-Market": hub.market.value,
            "X-CT-As-Of": views.moment(time_ms).isoformat().replace("+00:00", "Z"),
        }
        return Response(arrow_stream(columns), media_type=MEDIA_TYPE, headers=headers)

    return routes


def _check_span(start: int | None, end: int | None) -> None:
    if start is not None and end is not None and end <= start:
        raise _refused("query.end", "is not after start", "Give an end after the start.")


def _refused(where: str, message: str, remedy: str) -> InvalidRequest:
    return InvalidRequest(
        "invalid_span",
        "The span of candles is not possible.",
        fields=[FieldError(where, message, remedy)],
    )
