"""Messages of the market streams, as Binance spells them (web-socket-streams.md)."""

from ct_simulator.app.market import TRADE_SLOT_MS, PublicTrade
from ct_simulator.domain.book import Book
from ct_simulator.domain.candles import Candle
from ct_simulator.domain.intervals import Interval
from ct_simulator.domain.listing import Listing
from ct_simulator.wire.binance.market_routes import (
    aggregate,
    levels,
    quote_volume,
    taker_share,
    trade_count,
    weighted_average,
)
from ct_simulator.wire.binance.venue import Json, Venue, eight, spelled


def kline(
    listing: Listing, interval: Interval, candle: Candle, now_ms: int, *, closed: bool
) -> Json:
    """Spell a `kline` event; `x` tells whether the candle is closed."""
    last_ms = interval.end(candle.open_time) - 1
    quote = quote_volume(candle)
    taker = taker_share(candle)
    return {
        "e": "kline",
        "E": now_ms,
        "s": spelled(listing.symbol),
        "k": {
            "t": candle.open_time,
            "T": last_ms,
            "s": spelled(listing.symbol),
            "i": interval.name,
            "f": candle.open_time // TRADE_SLOT_MS,
            "L": min(now_ms, last_ms) // TRADE_SLOT_MS,
            "o": eight(candle.open),
            "c": eight(candle.close),
            "h": eight(candle.high),
            "l": eight(candle.low),
            "v": eight(candle.volume),
            "n": trade_count(candle, interval),
            "x": closed,
            "q": eight(quote),
            "V": eight(candle.volume * taker),
            "Q": eight(quote * taker),
            "B": "0",
        },
    }


def trade(listing: Listing, made: PublicTrade, now_ms: int) -> Json:
    """Spell a `trade` event."""
    return {
        "e": "trade",
        "E": now_ms,
        "s": spelled(listing.symbol),
        "t": made.trade_id,
        "p": eight(made.price),
        "q": eight(made.quantity),
        "T": made.time_ms,
        "m": made.buyer_is_maker,
        "M": True,
    }


def aggregate_trade(listing: Listing, made: PublicTrade, now_ms: int) -> Json:
    """Spell an `aggTrade` event."""
    return {"e": "aggTrade", "E": now_ms, "s": spelled(listing.symbol)} | aggregate(made)


def book_ticker(listing: Listing, book: Book) -> Json:
    """Spell the best bid and ask; this event carries no name and no time."""
    bid, ask = levels(listing, book.bids[:1])[0], levels(listing, book.asks[:1])[0]
    return {
        "u": book.update_id,
        "s": spelled(listing.symbol),
        "b": bid[0],
        "B": bid[1],
        "a": ask[0],
        "A": ask[1],
    }


def partial_depth(venue: Venue, listing: Listing, count: int) -> Json:
    """Spell the best levels of both sides."""
    book = venue.market.book(listing.symbol)
    return {
        "lastUpdateId": book.update_id,
        "bids": levels(listing, book.bids[:count]),
        "asks": levels(listing, book.asks[:count]),
    }


def mini_ticker(venue: Venue, listing: Listing) -> Json:
    """Spell a `24hrMiniTicker` event."""
    day = venue.history.day(listing.symbol)
    return {
        "e": "24hrMiniTicker",
        "E": venue.now_ms(),
        "s": spelled(listing.symbol),
        "c": eight(day.last),
        "o": eight(day.open),
        "h": eight(day.high),
        "l": eight(day.low),
        "v": eight(day.volume),
        "q": eight(day.quote_volume),
    }


def all_mini_tickers(venue: Venue) -> Json:
    """Spell the mini tickers of all symbols."""
    return [mini_ticker(venue, listing) for listing in venue.symbols.values()]


def ticker(venue: Venue, listing: Listing) -> Json:
    """Spell a `24hrTicker` event."""
    day = venue.history.day(listing.symbol)
    book = venue.market.book(listing.symbol)
    newest = venue.market.trades(listing.symbol, day.last_trade_id, day.last_trade_id)
    best = book_ticker(listing, book)
    return {
        "e": "24hrTicker",
        "E": venue.now_ms(),
        "s": spelled(listing.symbol),
        "p": eight(day.last - day.open),
        "P": f"{(day.last / day.open - 1) * 100:.2f}",
        "w": eight(weighted_average(day)),
        "x": eight(day.previous_close),
        "c": eight(day.last),
        "Q": eight(newest[-1].quantity if newest else 0),
        "b": best["b"],
        "B": best["B"],
        "a": best["a"],
        "A": best["A"],
        "o": eight(day.open),
        "h": eight(day.high),
        "l": eight(day.low),
        "v": eight(day.volume),
        "q": eight(day.quote_volume),
        "O": day.open_time,
        "C": day.close_time,
        "F": day.first_trade_id,
        "L": day.last_trade_id,
        "n": day.last_trade_id - day.first_trade_id + 1,
    }


def average_price(listing: Listing, price: str, now_ms: int) -> Json:
    """Spell an `avgPrice` event."""
    return {
        "e": "avgPrice",
        "E": now_ms,
        "s": spelled(listing.symbol),
        "i": "5m",
        "w": price,
        "T": now_ms,
    }
