"""Our domain objects in the shapes of the wire contract."""

from datetime import UTC, datetime
from decimal import Decimal

from ct_exchange_bridge.domain.account import Account
from ct_exchange_bridge.domain.market import (
    BookView,
    Candle,
    ListedInstrument,
    PublicTrade,
    TickerView,
)
from ct_exchange_bridge.domain.order import Fill, Order
from ct_kit.contracts import markets, orders
from ct_kit.contracts.common import Origin
from ct_kit.domain import Interval, Market, Symbol

_PRICE_DIGITS = Decimal("0.00000001")


def moment(time_ms: int) -> datetime:
    """Turn epoch milliseconds into a UTC time."""
    return datetime.fromtimestamp(time_ms / 1000, UTC)


def origin(venue: str, market: Market, time_ms: int, *, stale: bool) -> Origin:
    """Return where a figure comes from and how old it is."""
    return Origin.model_validate(
        {"venue": venue, "market": market.value, "as_of": moment(time_ms), "stale": stale}
    )


def order_view(order: Order) -> orders.Order:
    """Show an order."""
    average = order.average_price
    terms = order.terms
    return orders.Order.model_validate(
        {
            "id": order.id,
            "account_id": order.account_id,
            "bot_id": order.bot_id,
            "mode": order.mode.value,
            "venue": order.venue,
            "symbol": str(terms.symbol),
            "side": terms.side.value,
            "type": terms.type.value,
            "time_in_force": terms.time_in_force.value if terms.time_in_force else None,
            "quantity": terms.quantity,
            "quote_quantity": terms.quote_quantity,
            "price": terms.price,
            "state": order.state.value,
            "reason": order.reason,
            "client_order_id": order.client_order_id,
            "venue_order_id": order.venue_order_id,
            "executed_quantity": order.executed_quantity,
            "executed_quote": order.executed_quote,
            "average_price": None if average is None else average.quantize(_PRICE_DIGITS),
            "history": [
                {"state": change.state.value, "at": change.at, "reason": change.reason}
                for change in order.history
            ],
            "created_at": order.created_at,
            "updated_at": order.updated_at,
        }
    )


def fill_view(fill: Fill) -> orders.Fill:
    """Show a fill."""
    return orders.Fill.model_validate(
        {
            "id": fill.id,
            "order_id": fill.order_id,
            "account_id": fill.account_id,
            "bot_id": fill.bot_id,
            "mode": fill.mode.value,
            "venue": fill.venue,
            "venue_trade_id": fill.venue_trade_id,
            "symbol": str(fill.symbol),
            "side": fill.side.value,
            "price": fill.price,
            "quantity": fill.quantity,
            "quote_quantity": fill.quote_quantity,
            "commission": fill.commission,
            "commission_asset": fill.commission_asset,
            "maker": fill.maker,
            "at": fill.at,
        }
    )


def instrument_view(listed: ListedInstrument) -> markets.InstrumentView:
    """Show what may be traded."""
    instrument = listed.instrument
    return markets.InstrumentView(
        symbol=str(instrument.symbol),
        base=instrument.symbol.base,
        quote=instrument.symbol.quote,
        tick_size=instrument.tick_size,
        step_size=instrument.step_size,
        min_quantity=instrument.min_quantity,
        max_quantity=instrument.max_quantity,
        min_notional=instrument.min_notional,
        status="trading" if listed.trading else "halted",
    )


def ticker_view(symbol: Symbol, ticker: TickerView, where: Origin) -> markets.Ticker:
    """Show a ticker."""
    return markets.Ticker(
        **where.model_dump(),
        symbol=str(symbol),
        last=ticker.last,
        bid=ticker.bid,
        ask=ticker.ask,
        open_24h=ticker.open_24h,
        high_24h=ticker.high_24h,
        low_24h=ticker.low_24h,
        volume_24h=ticker.volume_24h,
        quote_volume_24h=ticker.quote_volume_24h,
        change_24h=ticker.change_24h,
    )


def book_view(symbol: Symbol, book: BookView, depth: int, where: Origin) -> markets.Book:
    """Show the best levels."""
    return markets.Book(
        **where.model_dump(),
        symbol=str(symbol),
        bids=list(book.bids[:depth]),
        asks=list(book.asks[:depth]),
    )


def trade_view(trade: PublicTrade) -> markets.Trade:
    """Show a public trade."""
    return markets.Trade.model_validate(
        {
            "id": trade.id,
            "at": moment(trade.time_ms),
            "price": trade.price,
            "quantity": trade.quantity,
            "taker_side": trade.taker_side.value,
        }
    )


def number(value: float) -> str:
    """Write a candle's float as the shortest plain decimal that reads back as the same float."""
    return format(Decimal(repr(value)), "f")


def candle_row(candle: Candle) -> dict[str, object]:
    """Show a candle as JSON, without building a model: this runs for every tick."""
    return {
        "open_time": candle.open_time,
        "open": number(candle.open),
        "high": number(candle.high),
        "low": number(candle.low),
        "close": number(candle.close),
        "volume": number(candle.volume),
        "closed": candle.closed,
    }


def candle_update(
    symbol: Symbol, interval: Interval, candle: Candle, where: dict[str, object]
) -> dict[str, object]:
    """Show a candle as it moves, on the feed."""
    return {
        **where,
        "symbol": str(symbol),
        "interval": interval.value,
        "candle": candle_row(candle),
    }


def account_summary(account: Account) -> dict[str, object]:
    """Show an account without its balances."""
    return {
        "id": account.id,
        "label": account.label,
        "mode": account.mode.value,
        "venue": account.venue,
        "market": account.market.value,
        "created_at": account.created_at,
    }
