"""The newest market data in memory, kept by one stream and handed to the feed.

Closed candles are published at once and never dropped; what still moves may be replaced by what
is newer. Staleness is measured by arrival, on a clock that never jumps, because in a replay the
venue's own time says nothing about ours.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from decimal import Decimal

from ct_exchange_bridge.app import views
from ct_exchange_bridge.app.candle_series import MinuteSeries
from ct_exchange_bridge.domain.market import (
    BookView,
    Candle,
    ListedInstrument,
    PublicTrade,
    TickerView,
)
from ct_exchange_bridge.errors import unknown_symbol
from ct_kit.contracts.common import Origin
from ct_kit.domain import Interval, Market, Symbol
from ct_kit.logs import get_logger
from ct_kit.streaming import Broadcaster

_LOG = get_logger(__name__)
KEPT_TRADES = 200

FetchMinutes = Callable[[Symbol, int], Awaitable[list[Candle]]]


class SymbolState:
    """What is known of one symbol now; times of arrival are monotonic seconds."""

    def __init__(self, listed: ListedInstrument) -> None:
        self.listed = listed
        self.ticker: TickerView | None = None
        self.book: BookView | None = None
        self.trades: deque[PublicTrade] = deque(maxlen=KEPT_TRADES)
        self.minutes = MinuteSeries()
        self.heard_at: float | None = None
        self.repairing: asyncio.Task[None] | None = None
        self.waiting: list[Candle] = []


class MarketHub:
    """Hears the venue's public stream and answers from memory."""

    def __init__(
        self,
        venue: str,
        market: Market,
        broadcaster: Broadcaster,
        *,
        stale_after_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.venue = venue
        self.market = market
        self._feed = broadcaster
        self._stale_after_s = stale_after_s
        self._monotonic = monotonic
        self._states: dict[Symbol, SymbolState] = {}
        self._fetch_minutes: FetchMinutes | None = None
        self._on_closed: Callable[[Symbol, Candle], None] | None = None
        self.connected = False
        self.reason: str | None = "the stream has not started"

    def list_instruments(self, listed: list[ListedInstrument]) -> None:
        """Take over what the venue lists, keeping what is known of each symbol."""
        for item in listed:
            symbol = item.instrument.symbol
            if symbol in self._states:
                self._states[symbol].listed = item
            else:
                self._states[symbol] = SymbolState(item)

    def repair_with(self, fetch: FetchMinutes) -> None:
        """Say where missing minutes come from."""
        self._fetch_minutes = fetch

    def tell_closed(self, listener: Callable[[Symbol, Candle], None]) -> None:
        """Say who stores closed minutes."""
        self._on_closed = listener

    @property
    def symbols(self) -> list[Symbol]:
        """Return what is listed, sorted."""
        return sorted(self._states)

    def state(self, symbol: Symbol) -> SymbolState:
        """Return what is known of a symbol; raises `NotFound`."""
        try:
            return self._states[symbol]
        except KeyError:
            raise unknown_symbol(str(symbol)) from None

    def stale(self, symbol: Symbol) -> bool:
        """Say whether nothing was heard of the symbol for too long."""
        heard_at = self.state(symbol).heard_at
        return heard_at is None or self._monotonic() - heard_at > self._stale_after_s

    def data_age_ms(self) -> int | None:
        """Return the age of the newest event of any symbol."""
        heard = [state.heard_at for state in self._states.values() if state.heard_at is not None]
        return int((self._monotonic() - max(heard)) * 1000) if heard else None

    def fresh(self) -> bool:
        """Say whether any price is recent enough to trade on."""
        age_ms = self.data_age_ms()
        return age_ms is not None and age_ms <= self._stale_after_s * 1000

    def value_in_quote(self, asset: str) -> Decimal | None:
        """Return the last price of one unit in the quote asset, or none where unknown."""
        for symbol, state in self._states.items():
            if asset == symbol.quote:
                return Decimal(1)
            if asset == symbol.base and state.ticker is not None:
                return state.ticker.last
        return None

    def origin(self, symbol: Symbol, time_ms: int) -> Origin:
        """Return the origin of a figure of this symbol."""
        return views.origin(self.venue, self.market, time_ms, stale=self.stale(symbol))

    # what the stream says

    def on_stream(self, *, connected: bool, reason: str | None) -> None:
        """Learn that the stream came up or went down; after an outage minutes may be missing."""
        came_back = connected and not self.connected
        self.connected, self.reason = connected, reason
        if came_back:
            for symbol, state in self._states.items():
                if state.minutes.last_closed is not None:
                    self._repair(symbol, state)

    def on_ticker(self, symbol: Symbol, ticker: TickerView) -> None:
        """Take a ticker."""
        state = self._heard(symbol)
        state.ticker = ticker
        where = views.origin(self.venue, self.market, ticker.time_ms, stale=False)
        view = views.ticker_view(symbol, ticker, where)
        self._feed.publish(f"ticker:{symbol}", view, key="latest")

    def on_book(self, symbol: Symbol, book: BookView) -> None:
        """Take the best levels."""
        state = self._heard(symbol)
        state.book = book
        where = views.origin(self.venue, self.market, book.time_ms, stale=False)
        view = views.book_view(symbol, book, len(book.bids), where)
        self._feed.publish(f"book:{symbol}", view, key="latest")

    def on_trade(self, symbol: Symbol, trade: PublicTrade) -> None:
        """Take a public trade."""
        state = self._heard(symbol)
        state.trades.append(trade)
        self._feed.publish(f"trades:{symbol}", views.trade_view(trade), key=trade.id)

    def on_candle(self, symbol: Symbol, candle: Candle, time_ms: int) -> None:
        """Take a minute; where minutes are missing before it, they are fetched first."""
        state = self._heard(symbol)
        if state.repairing is not None:
            if candle.closed:
                state.waiting.append(candle)
            return
        if state.minutes.is_gap(candle):
            state.waiting.append(candle)
            self._repair(symbol, state)
            return
        self._take(symbol, state, candle, time_ms)

    def seed_trades(self, symbol: Symbol, trades: list[PublicTrade]) -> None:
        """Put older trades before those the stream brought."""
        state = self.state(symbol)
        heard = {trade.id for trade in state.trades}
        older = [trade for trade in trades if trade.id not in heard]
        joined = sorted((*older, *state.trades), key=lambda trade: trade.time_ms)
        state.trades = deque(joined, maxlen=KEPT_TRADES)

    def seed(self, symbol: Symbol, candles: list[Candle]) -> None:
        """Fill the memory at start, without telling anybody."""
        minutes = self.state(symbol).minutes
        for candle in candles:
            minutes.take(candle)

    def _heard(self, symbol: Symbol) -> SymbolState:
        state = self._states[symbol]
        state.heard_at = self._monotonic()
        return state

    def _take(self, symbol: Symbol, state: SymbolState, candle: Candle, time_ms: int) -> None:
        where: dict[str, object] = {
            "venue": self.venue,
            "market": self.market.value,
            "as_of": views.moment(time_ms).isoformat().replace("+00:00", "Z"),
            "stale": False,
        }
        changed = state.minutes.take(candle)
        for interval, item in changed:
            self._feed.publish(
                f"candles:{symbol}:{interval.value}",
                views.candle_update(symbol, interval, item, where),
                # The open time is in the key: a newer candle must not overtake a closed one.
                key=None if item.closed else str(item.open_time),
            )
        if changed and candle.closed and self._on_closed is not None:
            self._on_closed(symbol, candle)

    def _repair(self, symbol: Symbol, state: SymbolState) -> None:
        if state.repairing is None and self._fetch_minutes is not None:
            state.repairing = asyncio.create_task(self._fill_gap(symbol, state))

    async def _fill_gap(self, symbol: Symbol, state: SymbolState) -> None:
        """Publish the missing minutes, then those that arrived meanwhile, all in order."""
        fetched: list[Candle] = []
        try:
            last = state.minutes.last_closed
            if self._fetch_minutes is not None and last is not None:
                start_ms = last + Interval.M1.milliseconds
                fetched = await self._fetch_minutes(symbol, start_ms)
        except Exception:  # noqa: BLE001 - see below
            # The candles that wait are real; the hole stays visible and is filled from history.
            _LOG.exception("candle_gap_not_repaired", symbol=str(symbol))
        finally:
            state.repairing = None
        waiting, state.waiting = state.waiting, []
        for candle in sorted((*fetched, *waiting), key=lambda item: item.open_time):
            self._take(symbol, state, candle, candle.open_time + Interval.M1.milliseconds)
