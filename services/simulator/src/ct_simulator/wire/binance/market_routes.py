"""Public market data."""

from ct_simulator.app.history import DayStatistics
from ct_simulator.app.market import TRADE_SLOT_MS, PublicTrade
from ct_simulator.domain.book import Level
from ct_simulator.domain.candles import Candle
from ct_simulator.domain.intervals import INTERVALS, Interval
from ct_simulator.domain.listing import Listing
from ct_simulator.wire.binance.errors import BAD_INTERVAL, WireError, not_required
from ct_simulator.wire.binance.params import Params
from ct_simulator.wire.binance.venue import Json, Venue, eight, spelled


def ping(venue: Venue, params: Params) -> Json:
    """GET /api/v3/ping."""
    del venue, params
    return {}


def server_time(venue: Venue, params: Params) -> Json:
    """GET /api/v3/time."""
    del params
    return {"serverTime": venue.now_ms()}


def depth(venue: Venue, params: Params) -> Json:
    """GET /api/v3/depth."""
    listing = venue.listing(params)
    book = venue.market.book(listing.symbol)
    limit = params.limit(100, 5000)
    return {
        "lastUpdateId": book.update_id,
        "bids": levels(listing, book.bids[:limit]),
        "asks": levels(listing, book.asks[:limit]),
    }


def levels(listing: Listing, rows: list[Level]) -> list[list[str]]:
    """Spell book levels as pairs of price and quantity."""
    return [[eight(listing.price(price)), eight(listing.quantity(qty))] for price, qty in rows]


def trades(venue: Venue, params: Params) -> Json:
    """GET /api/v3/trades."""
    listing = venue.listing(params)
    last = venue.market.last_trade_id()
    limit = params.limit(500, 1000)
    return [
        {
            "id": trade.trade_id,
            "price": eight(trade.price),
            "qty": eight(trade.quantity),
            "quoteQty": eight(trade.price * float(trade.quantity)),
            "time": trade.time_ms,
            "isBuyerMaker": trade.buyer_is_maker,
            "isBestMatch": True,
        }
        for trade in venue.market.trades(listing.symbol, last - limit + 1, last)
    ]


def agg_trades(venue: Venue, params: Params) -> Json:
    """GET /api/v3/aggTrades; each aggregate is one trade."""
    listing = venue.listing(params)
    limit = params.limit(500, 1000)
    from_id, start, end = (params.integer(name) for name in ("fromId", "startTime", "endTime"))
    last = venue.market.last_trade_id()
    if from_id is not None:
        if start is not None or end is not None:
            raise WireError(-1128, "Combination of optional parameters invalid.")
        first, last = from_id, from_id + limit - 1
    elif start is not None:
        first = -(-start // TRADE_SLOT_MS)
        last = min(first + limit - 1, last if end is None else end // TRADE_SLOT_MS)
    else:
        last = last if end is None else end // TRADE_SLOT_MS
        first = last - limit + 1
    return [aggregate(trade) for trade in venue.market.trades(listing.symbol, first, last)]


def aggregate(trade: PublicTrade) -> Json:
    """Spell an aggregate trade."""
    return {
        "a": trade.trade_id,
        "p": eight(trade.price),
        "q": eight(trade.quantity),
        "f": trade.trade_id,
        "l": trade.trade_id,
        "T": trade.time_ms,
        "m": trade.buyer_is_maker,
        "M": True,
    }


def named_interval(venue: Venue, name: str) -> Interval:
    """Return an interval by its name; raises -1120."""
    interval = INTERVALS.get(name)
    if interval is None or not venue.history.offers(interval):
        raise WireError(*BAD_INTERVAL)
    return interval


def klines(venue: Venue, params: Params) -> Json:
    """GET /api/v3/klines and /api/v3/uiKlines; only UTC candles are simulated."""
    listing = venue.listing(params)
    interval = named_interval(venue, params.required("interval"))
    if params.text("timeZone") not in {None, "0", "00:00", "+00:00"}:
        raise not_required("timeZone")
    rows = venue.history.candles(
        listing.symbol,
        interval,
        params.integer("startTime"),
        params.integer("endTime"),
        params.limit(500, 1000),
    )
    return [kline_row(rows.row(index), interval) for index in range(len(rows))]


def kline_row(candle: Candle, interval: Interval) -> list[Json]:
    """Spell a candle as the twelve values of a kline."""
    quote = quote_volume(candle)
    taker = taker_share(candle)
    return [
        candle.open_time,
        eight(candle.open),
        eight(candle.high),
        eight(candle.low),
        eight(candle.close),
        eight(candle.volume),
        interval.end(candle.open_time) - 1,
        eight(quote),
        trade_count(candle, interval),
        eight(candle.volume * taker),
        eight(quote * taker),
        "0",
    ]


def quote_volume(candle: Candle) -> float:
    """Return the quote volume, at the candle's typical price."""
    return candle.volume * (candle.open + candle.high + candle.low + candle.close) / 4


def taker_share(candle: Candle) -> float:
    """Return which part takers bought: more of it the further the candle rose."""
    width = candle.high - candle.low
    return 0.5 if width <= 0 else 0.5 + 0.2 * (candle.close - candle.open) / width


def trade_count(candle: Candle, interval: Interval) -> int:
    """Return how many public trades fit in a candle."""
    return interval.length_ms // TRADE_SLOT_MS if candle.volume > 0 else 0


def ticker_24hr(venue: Venue, params: Params) -> Json:
    """GET /api/v3/ticker/24hr, FULL or MINI, of one symbol, some, or all."""
    listings, single = venue.asked(params)
    kind = params.text("type") or "FULL"
    if kind not in {"FULL", "MINI"}:
        raise WireError(-1139, "Invalid ticker type.")
    spell = _full_ticker if kind == "FULL" else _mini_ticker
    rows = [spell(venue, listing, venue.history.day(listing.symbol)) for listing in listings]
    return rows[0] if single else rows


def _mini_ticker(venue: Venue, listing: Listing, day: DayStatistics) -> Json:
    del venue
    return {
        "symbol": spelled(listing.symbol),
        "openPrice": eight(day.open),
        "highPrice": eight(day.high),
        "lowPrice": eight(day.low),
        "lastPrice": eight(day.last),
        "volume": eight(day.volume),
        "quoteVolume": eight(day.quote_volume),
        "openTime": day.open_time,
        "closeTime": day.close_time,
        "firstId": day.first_trade_id,
        "lastId": day.last_trade_id,
        "count": day.last_trade_id - day.first_trade_id + 1,
    }


def _full_ticker(venue: Venue, listing: Listing, day: DayStatistics) -> Json:
    book = venue.market.book(listing.symbol)
    newest = venue.market.trades(listing.symbol, day.last_trade_id, day.last_trade_id)
    (bid, bid_quantity), (ask, ask_quantity) = book.bids[0], book.asks[0]
    return {
        "symbol": spelled(listing.symbol),
        "priceChange": eight(day.last - day.open),
        "priceChangePercent": f"{(day.last / day.open - 1) * 100:.3f}",
        "weightedAvgPrice": eight(weighted_average(day)),
        "prevClosePrice": eight(day.previous_close),
        "lastPrice": eight(day.last),
        "lastQty": eight(newest[-1].quantity if newest else 0.0),
        "bidPrice": eight(listing.price(bid)),
        "bidQty": eight(listing.quantity(bid_quantity)),
        "askPrice": eight(listing.price(ask)),
        "askQty": eight(listing.quantity(ask_quantity)),
        "openPrice": eight(day.open),
        "highPrice": eight(day.high),
        "lowPrice": eight(day.low),
        "volume": eight(day.volume),
        "quoteVolume": eight(day.quote_volume),
        "openTime": day.open_time,
        "closeTime": day.close_time,
        "firstId": day.first_trade_id,
        "lastId": day.last_trade_id,
        "count": day.last_trade_id - day.first_trade_id + 1,
    }


def weighted_average(day: DayStatistics) -> float:
    """Return the volume-weighted price of a day."""
    return day.quote_volume / day.volume if day.volume > 0 else day.last


def ticker_price(venue: Venue, params: Params) -> Json:
    """GET /api/v3/ticker/price."""
    listings, single = venue.asked(params)
    rows = [
        {
            "symbol": spelled(listing.symbol),
            "price": eight(venue.market.last_price(listing.symbol)),
        }
        for listing in listings
    ]
    return rows[0] if single else rows


def book_ticker(venue: Venue, params: Params) -> Json:
    """GET /api/v3/ticker/bookTicker."""
    listings, single = venue.asked(params)
    rows = []
    for listing in listings:
        book = venue.market.book(listing.symbol)
        bid, ask = levels(listing, book.bids[:1])[0], levels(listing, book.asks[:1])[0]
        rows.append(
            {
                "symbol": spelled(listing.symbol),
                "bidPrice": bid[0],
                "bidQty": bid[1],
                "askPrice": ask[0],
                "askQty": ask[1],
            }
        )
    return rows[0] if single else rows


def average_price(venue: Venue, params: Params) -> Json:
    """GET /api/v3/avgPrice."""
    listing = venue.listing(params)
    return {
        "mins": 5,
        "price": eight(venue.market.average_price(listing.symbol)),
        "closeTime": venue.now_ms(),
    }
