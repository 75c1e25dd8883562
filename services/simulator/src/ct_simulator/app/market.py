"""The market as it is at the virtual time: price, book, public trades."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ct_simulator.domain.book import MOMENT_MS, Book, Level
from ct_simulator.domain.candles import Candle
from ct_simulator.domain.clock import ClockMode, VirtualClock
from ct_simulator.domain.listing import Listing
from ct_simulator.domain.orders import Side
from ct_simulator.domain.prices.path import Path
from ct_simulator.ports import PriceSource

TRADE_SLOT_MS = 500
"""One public trade each half second; a trade's id is its slot's number since the epoch."""
_AVERAGE_MINUTES_MS = 5 * 60_000


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one candle: what the price did in it and how much base was traded."""

    end_ms: int
    low: float
    high: float
    volume: float


@dataclass(frozen=True, slots=True)
class PublicTrade:
    """A trade between strangers."""

    trade_id: int
    price: float
    quantity: Decimal
    time_ms: int
    buyer_is_maker: bool


BookListener = Callable[[str, Book], None]


class Market:
    """Read the market of every listed symbol at the clock's time."""

    def __init__(
        self,
        source: PriceSource,
        clock: VirtualClock,
        listings: Mapping[str, Listing],
        *,
        half_spread_bps: float,
        best_level_quote: float,
    ) -> None:
        self.source = source
        self.clock = clock
        self.listings = dict(listings)
        self._half_spread_bps = half_spread_bps
        self._best_level_quote = best_level_quote
        self._books: dict[str, Book] = {}
        self._book_listeners: list[BookListener] = []

    def price_at(self, symbol: str, time_ms: int) -> float:
        """Return the last traded price at a time, on a tick."""
        candle = self.source.candle(symbol, self.source.open_at(time_ms))
        price = Path.of(candle).at(self.fraction(candle.open_time, time_ms))
        return round(price, self.listings[symbol].price_digits)

    def last_price(self, symbol: str) -> float:
        """Return the last traded price now."""
        return self.price_at(symbol, self.clock.now_ms())

    def fraction(self, open_ms: int, time_ms: int) -> float:
        """Return which part of a base candle has passed, 0 to 1."""
        return min(max((time_ms - open_ms) / self.source.interval_ms, 0.0), 1.0)

    def book(self, symbol: str) -> Book:
        """Return the book of this moment; what was taken in this moment is missing from it."""
        moment = self.clock.now_ms()
        if self.clock.mode is ClockMode.REALTIME:
            moment = moment // MOMENT_MS * MOMENT_MS
        book = self._books.get(symbol)
        if book is None or book.moment_ms != moment:
            book = Book(
                self.listings[symbol],
                self.price_at(symbol, moment),
                moment,
                self._half_spread_bps,
                self._best_level_quote,
            )
            self._books[symbol] = book
            self._tell_book(symbol, book)
        return book

    def take(self, symbol: str, side: Side, levels: list[Level]) -> None:
        """Remove what an order traded from this moment's book."""
        book = self.book(symbol)
        book.take(side, levels)
        self._tell_book(symbol, book)

    def on_book(self, listener: BookListener) -> Callable[[], None]:
        """Tell a listener every book anybody saw; return what ends that."""
        self._book_listeners.append(listener)
        return lambda: self._book_listeners.remove(listener)

    def _tell_book(self, symbol: str, book: Book) -> None:
        for listener in self._book_listeners:
            listener(symbol, book)

    def average_price(self, symbol: str) -> Decimal:
        """Return the volume-weighted average of the last five minutes, eight digits."""
        now = self.clock.now_ms()
        recent = self.source.candles(symbol, now - _AVERAGE_MINUTES_MS, now)
        volume = float(recent.volume.sum())
        if volume > 0:
            average = float((recent.close * recent.volume).sum()) / volume
        else:
            average = self.price_at(symbol, now)
        return Decimal(f"{average:.8f}")

    def segments(self, symbol: str, start_ms: int, end_ms: int) -> list[Segment]:
        """Return what the price did in (start, end], split where candles meet."""
        result: list[Segment] = []
        open_ms: int | None = self.source.open_at(start_ms)
        while open_ms is not None and open_ms <= end_ms:
            candle = self.source.candle(symbol, open_ms)
            first = self.fraction(open_ms, start_ms)
            last = self.fraction(open_ms, end_ms)
            if last > first:
                low, high = Path.of(candle).span(first, last)
                stop = min(end_ms, open_ms + self.source.interval_ms)
                result.append(Segment(stop, low, high, candle.volume * (last - first)))
            open_ms = self.source.next_open(open_ms)
        return result

    def trades(self, symbol: str, first_id: int, last_id: int) -> list[PublicTrade]:
        """Return the public trades with ids in [first, last] that have happened by now."""
        last_id = min(last_id, self.clock.now_ms() // TRADE_SLOT_MS)
        first_id = max(first_id, self.source.first_open // TRADE_SLOT_MS)
        found = (self._trade(symbol, slot) for slot in range(first_id, last_id + 1))
        return [trade for trade in found if trade is not None]

    def last_trade_id(self) -> int:
        """Return the id of the newest public trade."""
        return self.clock.now_ms() // TRADE_SLOT_MS

    def _trade(self, symbol: str, slot: int) -> PublicTrade | None:
        time_ms = slot * TRADE_SLOT_MS
        candle: Candle = self.source.candle(symbol, self.source.open_at(time_ms))
        if candle.volume <= 0:
            return None
        listing = self.listings[symbol]
        noise = (slot * 2_654_435_761 & 0xFFFFFFFF) / 2**32
        share = (0.4 + 1.2 * noise) * TRADE_SLOT_MS / self.source.interval_ms
        steps = max(round(candle.volume * share * 10**listing.quantity_digits), 1)
        price = Path.of(candle).at(self.fraction(candle.open_time, time_ms))
        return PublicTrade(
            slot,
            round(price, listing.price_digits),
            listing.quantity(steps),
            time_ms,
            buyer_is_maker=noise < 0.5,
        )
