"""Candles of any past range: from memory, from MongoDB, and what is missing from the venue."""

import asyncio

from ct_exchange_bridge.app.market_hub import MarketHub
from ct_exchange_bridge.app.single_flight import SingleFlight
from ct_exchange_bridge.domain.candles import Columns, ceil_to, missing
from ct_exchange_bridge.domain.market import Candle
from ct_exchange_bridge.domain.venue_error import VenueError, VenueErrorKind
from ct_exchange_bridge.ports.stores import CandleStore
from ct_exchange_bridge.ports.venue import MarketVenue
from ct_kit.domain import Interval, Market, Symbol
from ct_kit.logs import get_logger

_LOG = get_logger(__name__)

PAGE = 1_000
OVERLAP = 5
"""Closed candles compared at start with what is stored, to notice another run of the market."""
FLUSH_ROWS = 1_440
"""A day of minutes of one symbol is written early; less waits for the timer."""


class CandleHistory:
    """Reads through to the venue and stores what it learned.

    A crash loses at most the minutes since the last flush; they are fetched again on demand.
    """

    def __init__(self, store: CandleStore, venue: MarketVenue, hub: MarketHub) -> None:
        self._store = store
        self._venue = venue
        self._hub = hub
        self._unsaved: dict[Symbol, Columns] = {}
        self._checked: dict[tuple[Symbol, Interval], list[tuple[int, int]]] = {}
        self._locks: dict[tuple[Symbol, Interval], asyncio.Lock] = {}
        self._flights: SingleFlight[Columns] = SingleFlight()

    def note_closed(self, symbol: Symbol, candle: Candle) -> None:
        """Remember a closed minute for the next flush."""
        waiting = self._unsaved.setdefault(symbol, Columns())
        if not waiting or candle.open_time > waiting.open_time[-1]:
            waiting.append(candle)

    async def flush(self, *, at_least: int = 1) -> None:
        """Store the minutes that wait, for symbols that have so many."""
        for symbol, waiting in list(self._unsaved.items()):
            if len(waiting) < at_least:
                continue
            self._unsaved[symbol] = Columns()
            try:
                async with self._lock(symbol, Interval.M1):
                    await self._store.add(symbol, Interval.M1, waiting)
            except BaseException:
                self._unsaved[symbol] = waiting.merged(self._unsaved[symbol])
                raise

    async def recent_minutes(self, symbol: Symbol, start_ms: int) -> list[Candle]:
        """Fetch closed minutes from `start_ms` on; the open one is the stream's to tell."""
        found: list[Candle] = []
        while True:
            page = await self._venue.candles(symbol, Interval.M1, start_ms, None)
            found += [candle for candle in page if candle.closed]
            if len(page) < PAGE:
                return found
            start_ms = page[-1].open_time + Interval.M1.milliseconds

    async def start(self, symbol: Symbol) -> None:
        """Fill the hub's memory and drop stored history that is of another run of the market."""
        newest = await self._venue.candles(symbol, Interval.M1, None, None)
        if newest:
            first = newest[0].open_time - 500 * Interval.M1.milliseconds
            newest = (
                await self._venue.candles(symbol, Interval.M1, first, newest[0].open_time) + newest
            )
        closed = [candle for candle in newest if candle.closed]
        self._hub.seed(symbol, newest)
        stored = await self._store.newest(symbol, Interval.M1)
        if stored and not await self._agrees(symbol, stored):
            _LOG.warning("candle_history_of_another_market", symbol=str(symbol))
            await self._store.forget(symbol)
        if closed:
            self._unsaved[symbol] = Columns.of(closed)

    async def _agrees(self, symbol: Symbol, stored: Columns) -> bool:
        """Say whether the venue still tells the newest stored candles the same way."""
        if self._hub.market is Market.LIVE:
            return True
        first = stored.open_time[-min(OVERLAP, len(stored))]
        last = stored.open_time[-1]
        told = await self._venue.candles(
            symbol, Interval.M1, first, last + Interval.M1.milliseconds
        )
        ours = list(stored.between(first, last + 1).rows())
        return [candle[:6] for candle in told if candle.closed] == [c[:6] for c in ours]

    async def closed(
        self, symbol: Symbol, interval: Interval, start_ms: int, end_ms: int
    ) -> Columns:
        """Return closed candles that open in [start, end), fetching and storing what is missing."""
        self._hub.state(symbol)
        start_ms = ceil_to(max(start_ms, 0), interval)
        # A candle that is still open at the venue has no place in history.
        end_ms = min(ceil_to(end_ms, interval), interval.open_of(self._now_ms(symbol)))
        if end_ms <= start_ms:
            return Columns()
        async with self._lock(symbol, interval):
            stored = await self._store.read(symbol, interval, start_ms, end_ms)
            if interval is Interval.M1 and symbol in self._unsaved:
                stored = stored.merged(self._unsaved[symbol].between(start_ms, end_ms))
            spans = missing(stored.open_time, start_ms, end_ms, interval.milliseconds)
            for low, high in spans:
                if not self._was_checked(symbol, interval, low, high):
                    stored = stored.merged(await self._fetch(symbol, interval, low, high))
        return stored

    async def _fetch(self, symbol: Symbol, interval: Interval, low: int, high: int) -> Columns:
        fetched = Columns()
        cursor = low
        while cursor < high:
            page = await self._page(symbol, interval, cursor, high)
            for candle in page:
                if candle.closed and candle.open_time < high:
                    fetched.append(candle)
            if len(page) < PAGE:
                break
            cursor = page[-1].open_time + interval.milliseconds
        self._checked.setdefault((symbol, interval), []).append((low, high))
        if fetched:
            await self._store.add(symbol, interval, fetched)
        return fetched

    async def _page(
        self, symbol: Symbol, interval: Interval, start_ms: int, end_ms: int
    ) -> list[Candle]:
        """Fetch one page; when our own budget is spent, wait for more of it."""
        while True:
            try:
                return await self._venue.candles(symbol, interval, start_ms, end_ms)
            except VenueError as error:
                if error.kind is not VenueErrorKind.RATE_LIMITED or error.retry_after_s is None:
                    raise
                await asyncio.sleep(error.retry_after_s)

    def _was_checked(self, symbol: Symbol, interval: Interval, low: int, high: int) -> bool:
        """Say whether the venue was asked for this span before and has nothing there."""
        spans = self._checked.get((symbol, interval), ())
        return any(start <= low and high <= end for start, end in spans)

    def _now_ms(self, symbol: Symbol) -> int:
        """Return the venue's time as its newest minute shows it, which no clock of ours sets."""
        minutes = self._hub.state(symbol).minutes
        if minutes.live is not None:
            return minutes.live.open_time
        last = minutes.last_closed
        return 0 if last is None else last + Interval.M1.milliseconds

    def _lock(self, symbol: Symbol, interval: Interval) -> asyncio.Lock:
        return self._locks.setdefault((symbol, interval), asyncio.Lock())

    async def listed(
        self,
        symbol: Symbol,
        interval: Interval,
        start_ms: int | None,
        end_ms: int | None,
        limit: int,
    ) -> list[Candle]:
        """Return up to `limit` candles for a chart, the open one last where the range holds it."""
        now_ms = self._now_ms(symbol)
        step = interval.milliseconds
        if end_ms is None:
            end_ms = interval.open_of(now_ms) + step
        if start_ms is None:
            start_ms = end_ms - limit * step
        elif end_ms is not None:
            end_ms = min(end_ms, start_ms + limit * step)
        rows = self._from_memory(symbol, interval, start_ms, end_ms)
        if rows is None:
            key = (symbol, interval, start_ms, end_ms)
            span = (symbol, interval, start_ms, end_ms)
            columns = await self._flights.run(key, lambda: self.closed(*span))
            rows = list(columns.rows())[-limit:]
        live = self._live(symbol, interval)
        if live is not None and start_ms <= live.open_time < end_ms:
            rows = [*[row for row in rows if row.open_time < live.open_time], live][-limit:]
        return rows

    def _from_memory(
        self, symbol: Symbol, interval: Interval, start_ms: int, end_ms: int
    ) -> list[Candle] | None:
        """Return closed minutes without reading the store, where memory reaches back far enough."""
        kept = self._hub.state(symbol).minutes.closed()
        if interval is not Interval.M1 or not kept or kept[0].open_time > start_ms:
            return None
        return [candle for candle in kept if start_ms <= candle.open_time < end_ms]

    def _live(self, symbol: Symbol, interval: Interval) -> Candle | None:
        live = self._hub.state(symbol).minutes.live_of(interval)
        return None if live is None or live.closed else live
