"""Names of market streams, such as `btcusdt@kline_1m` or `btcusdt@depth20@100ms`."""

import re
from dataclasses import dataclass
from enum import StrEnum

from ct_simulator.domain.listing import Listing
from ct_simulator.wire.binance.venue import Venue

ALL_MINI_TICKERS = "!miniTicker@arr"
_KLINE = re.compile(r"^kline_([0-9]{1,2}[smhdwM])$")
_DEPTH = re.compile(r"^depth(5|10|20)?$")
_PLAIN = frozenset({"trade", "aggTrade", "miniTicker", "ticker", "bookTicker", "avgPrice"})
_SPEEDS = {"": 1000, "100ms": 100, "1000ms": 1000}


class StreamKind(StrEnum):
    """What a stream carries."""

    TRADE = "trade"
    AGGREGATE = "aggTrade"
    MINI_TICKER = "miniTicker"
    TICKER = "ticker"
    BOOK_TICKER = "bookTicker"
    AVERAGE_PRICE = "avgPrice"
    KLINE = "kline"
    PARTIAL_DEPTH = "partialDepth"
    DIFF_DEPTH = "diffDepth"
    ALL_MINI_TICKERS = ALL_MINI_TICKERS


@dataclass(frozen=True, slots=True)
class StreamName:
    """A stream that exists; `listing` is None for streams of all symbols."""

    text: str
    kind: StreamKind
    listing: Listing | None
    interval: str = ""
    levels: int = 0
    speed_ms: int = 1000


def parse_stream(venue: Venue, text: str) -> StreamName | None:
    """Read a stream's name, None when there is no such stream.

    The real venue accepts unknown names and stays silent on them; so do we.
    """
    if text == ALL_MINI_TICKERS:
        return StreamName(text, StreamKind.ALL_MINI_TICKERS, None)
    symbol, _, rest = text.partition("@")
    listing = venue.symbols.get(symbol.upper()) if symbol.islower() else None
    if listing is None:
        return None
    kind, _, speed = rest.partition("@")
    if kind in _PLAIN and not speed:
        return StreamName(text, StreamKind(kind), listing)
    kline = _KLINE.match(kind)
    if kline is not None and not speed:
        return StreamName(text, StreamKind.KLINE, listing, interval=kline.group(1))
    depth = _DEPTH.match(kind)
    if depth is None or speed not in _SPEEDS:
        return None
    levels = int(depth.group(1) or 0)
    name = StreamKind.PARTIAL_DEPTH if levels else StreamKind.DIFF_DEPTH
    return StreamName(text, name, listing, levels=levels, speed_ms=_SPEEDS[speed])
