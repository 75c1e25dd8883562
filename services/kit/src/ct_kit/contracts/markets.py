"""Market data: every figure says its venue, market, time and staleness."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ct_kit.contracts.common import (
    AssetName,
    DecimalString,
    EpochMs,
    IntervalName,
    NonNegativeDecimal,
    Origin,
    SymbolName,
    View,
)

Level = Annotated[
    tuple[NonNegativeDecimal, NonNegativeDecimal], Field(description="[price, quantity]")
]


class InstrumentView(View):
    """What the venue lets one trade and in which steps."""

    symbol: SymbolName
    base: AssetName
    quote: AssetName
    tick_size: NonNegativeDecimal
    step_size: NonNegativeDecimal
    min_quantity: NonNegativeDecimal
    max_quantity: NonNegativeDecimal
    min_notional: NonNegativeDecimal
    status: Literal["trading", "halted"]


class Ticker(Origin):
    """Last price and the last 24 hours."""

    symbol: SymbolName
    last: NonNegativeDecimal
    bid: NonNegativeDecimal
    ask: NonNegativeDecimal
    open_24h: NonNegativeDecimal
    high_24h: NonNegativeDecimal
    low_24h: NonNegativeDecimal
    volume_24h: NonNegativeDecimal = Field(description="In base asset.")
    quote_volume_24h: NonNegativeDecimal
    change_24h: DecimalString = Field(description="Fraction: 0.01 is one percent.")


class Market(View):
    """An instrument with its ticker (null before the first price)."""

    instrument: InstrumentView
    ticker: Ticker | None


class MarketList(View):
    """All instruments the venue offers here."""

    items: list[Market]


class Candle(View):
    """One candle; only a closed one will never change again."""

    open_time: EpochMs
    open: NonNegativeDecimal
    high: NonNegativeDecimal
    low: NonNegativeDecimal
    close: NonNegativeDecimal
    volume: NonNegativeDecimal
    closed: bool


class CandleList(Origin):
    """Ascending by open time."""

    symbol: SymbolName
    interval: IntervalName
    items: list[Candle]


class CandleUpdate(Origin):
    """A candle as it moves, on the stream."""

    symbol: SymbolName
    interval: IntervalName
    candle: Candle


class Book(Origin):
    """Best levels, best first."""

    symbol: SymbolName
    bids: list[Level]
    asks: list[Level]


class Trade(View):
    """One public trade."""

    id: str
    at: AwareDatetime
    price: NonNegativeDecimal
    quantity: NonNegativeDecimal
    taker_side: Literal["buy", "sell"]


class TradeList(Origin):
    """Newest first."""

    symbol: SymbolName
    items: list[Trade]
