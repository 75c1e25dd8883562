"""What each market stream sends, and when.

A channel exists while somebody listens. `poll` is called about ten times a second, and at once
after a step of the clock; it returns what is due. Cadences are those of the real venue: klines
two seconds (and every close), tickers one, partial depth and diffs as the name says.
"""

from collections.abc import Callable
from typing import Protocol

from ct_simulator.domain.book import Book, Level
from ct_simulator.domain.intervals import SECOND_MS, Interval
from ct_simulator.domain.listing import Listing
from ct_simulator.wire.binance import stream_payloads as payloads
from ct_simulator.wire.binance.errors import WireError
from ct_simulator.wire.binance.market_routes import levels, named_interval
from ct_simulator.wire.binance.stream_names import StreamKind, StreamName
from ct_simulator.wire.binance.venue import Json, Venue, eight

_KLINE_CADENCE_MS = 2000
_TRADES_AT_ONCE = 20  # a clock at 1000x speed passes 200 trades between two polls; keep the newest
_CLOSES_AT_ONCE = 1000


class Channel(Protocol):
    """One market stream somebody listens to."""

    def poll(self, wall_ms: float, *, stepped: bool) -> list[Json]:
        """Return the messages that are due now."""
        ...

    def close(self) -> None:
        """Let go of what the channel listens to."""
        ...


class TimedChannel:
    """Sends the state of something at a fixed cadence."""

    def __init__(self, period_ms: int, build: Callable[[], Json]) -> None:
        self._period_ms = period_ms
        self._build = build
        self._due_ms = 0.0

    def poll(self, wall_ms: float, *, stepped: bool) -> list[Json]:
        """Return the state when it is due."""
        if wall_ms < self._due_ms and not stepped:
            return []
        self._due_ms = wall_ms + self._period_ms
        return [self._build()]

    def close(self) -> None:
        """Hold nothing."""


class KlineChannel:
    """Sends the live candle now and then, and every candle that closes."""

    def __init__(self, venue: Venue, listing: Listing, interval: Interval) -> None:
        self._venue = venue
        self._listing = listing
        self._interval = interval
        self._cadence_ms = min(_KLINE_CADENCE_MS, interval.length_ms)
        self._open_ms = interval.start(venue.now_ms())
        self._due_ms = 0.0

    def poll(self, wall_ms: float, *, stepped: bool) -> list[Json]:
        """Return the candles that closed, then the live one when it is due."""
        del stepped  # a step closes a candle, which is always due
        now = self._venue.now_ms()
        current = self._interval.start(now)
        messages: list[Json] = []
        if current > self._open_ms:
            closed = self._venue.history.candles(
                self._listing.symbol, self._interval, self._open_ms, current - 1, _CLOSES_AT_ONCE
            )
            messages = [
                payloads.kline(self._listing, self._interval, closed.row(index), now, closed=True)
                for index in range(len(closed))
            ]
            self._open_ms = current
        elif wall_ms < self._due_ms:
            return messages
        self._due_ms = wall_ms + self._cadence_ms
        live = self._venue.history.bucket(self._listing.symbol, self._interval, current)
        if live is not None:
            messages.append(payloads.kline(self._listing, self._interval, live, now, closed=False))
        return messages

    def close(self) -> None:
        """Hold nothing."""


class TradeChannel:
    """Sends every public trade, as a trade or as an aggregate of one."""

    def __init__(self, venue: Venue, listing: Listing, *, aggregate: bool) -> None:
        self._venue = venue
        self._listing = listing
        self._spell = payloads.aggregate_trade if aggregate else payloads.trade
        self._last_id = venue.market.last_trade_id()

    def poll(self, wall_ms: float, *, stepped: bool) -> list[Json]:
        """Return the trades since the last time, at most the newest twenty."""
        del wall_ms, stepped
        newest = self._venue.market.last_trade_id()
        if newest <= self._last_id:
            return []
        first = max(self._last_id + 1, newest - _TRADES_AT_ONCE + 1)
        self._last_id = newest
        found = self._venue.market.trades(self._listing.symbol, first, newest)
        now = self._venue.now_ms()
        return [self._spell(self._listing, trade, now) for trade in found]

    def close(self) -> None:
        """Hold nothing."""


class BookTickerChannel:
    """Sends the best bid and ask whenever they change."""

    def __init__(self, venue: Venue, listing: Listing) -> None:
        self._venue = venue
        self._listing = listing
        self._best: tuple[Level, Level] | None = None

    def poll(self, wall_ms: float, *, stepped: bool) -> list[Json]:
        """Return the best prices if they are not those of the last time."""
        del wall_ms, stepped
        book = self._venue.market.book(self._listing.symbol)
        best = (book.bids[0], book.asks[0])
        if best == self._best:
            return []
        self._best = best
        return [payloads.book_ticker(self._listing, book)]

    def close(self) -> None:
        """Hold nothing."""


class DiffDepthChannel:
    """Sends what changed in the book.

    Each message covers the update ids from the last one's on. It names every level that changed in
    any book anybody saw since, so a snapshot taken in between ends up right too.
    """

    def __init__(self, venue: Venue, listing: Listing, speed_ms: int) -> None:
        self._venue = venue
        self._listing = listing
        self._speed_ms = speed_ms
        self._due_ms = 0.0
        book = venue.market.book(listing.symbol)
        self._last_id = book.update_id
        self._sides = _sides(book)
        self._touched: tuple[set[int], set[int]] = (set(), set())
        self._forget = venue.market.on_book(self._saw)

    def poll(self, wall_ms: float, *, stepped: bool) -> list[Json]:
        """Return the changes since the last message when they are due."""
        if wall_ms < self._due_ms and not stepped:
            return []
        self._due_ms = wall_ms + self._speed_ms
        book = self._venue.market.book(self._listing.symbol)
        self._saw(self._listing.symbol, book)
        if book.update_id <= self._last_id:
            return []
        sides = _sides(book)
        bids, asks = (
            sorted((price, side.get(price, 0)) for price in touched)
            for side, touched in zip(sides, self._touched, strict=True)
        )
        message = {
            "e": "depthUpdate",
            "E": self._venue.now_ms(),
            "s": self._listing.symbol.replace("-", ""),
            "U": self._last_id + 1,
            "u": book.update_id,
            "b": levels(self._listing, bids),
            "a": levels(self._listing, asks),
        }
        self._last_id = book.update_id
        self._sides = sides
        self._touched = (set(), set())
        return [message]

    def close(self) -> None:
        """Stop listening to books."""
        self._forget()

    def _saw(self, symbol: str, book: Book) -> None:
        if symbol != self._listing.symbol:
            return
        for before, now, touched in zip(self._sides, _sides(book), self._touched, strict=True):
            touched.update(price for price, _ in before.items() ^ now.items())


def _sides(book: Book) -> tuple[dict[int, int], dict[int, int]]:
    return dict(book.bids), dict(book.asks)


def open_channel(venue: Venue, name: StreamName) -> Channel | None:
    """Begin a stream; None when its interval cannot be told from this market's candles."""
    listing = name.listing
    if listing is None:
        return TimedChannel(1000, lambda: payloads.all_mini_tickers(venue))
    if name.kind is StreamKind.KLINE:
        try:
            interval = named_interval(venue, name.interval)
        except WireError:
            return None
        return KlineChannel(venue, listing, interval)
    if name.kind in {StreamKind.TRADE, StreamKind.AGGREGATE}:
        return TradeChannel(venue, listing, aggregate=name.kind is StreamKind.AGGREGATE)
    if name.kind is StreamKind.BOOK_TICKER:
        return BookTickerChannel(venue, listing)
    if name.kind is StreamKind.DIFF_DEPTH:
        return DiffDepthChannel(venue, listing, name.speed_ms)
    return _timed(venue, listing, name)


def _timed(venue: Venue, listing: Listing, name: StreamName) -> Channel:
    if name.kind is StreamKind.PARTIAL_DEPTH:
        return TimedChannel(
            name.speed_ms, lambda: payloads.partial_depth(venue, listing, name.levels)
        )
    if name.kind is StreamKind.MINI_TICKER:
        return TimedChannel(SECOND_MS, lambda: payloads.mini_ticker(venue, listing))
    if name.kind is StreamKind.TICKER:
        return TimedChannel(SECOND_MS, lambda: payloads.ticker(venue, listing))
    return TimedChannel(
        SECOND_MS,
        lambda: payloads.average_price(
            listing, eight(venue.market.average_price(listing.symbol)), venue.now_ms()
        ),
    )
