"""Market data in our words. Candles are float (arrays, indicators); prices of orders never are."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from ct_kit.domain import Instrument, Side

Levels = tuple[tuple[Decimal, Decimal], ...]
"""(price, quantity), best first."""


class Candle(NamedTuple):
    """One candle; `open_time` is epoch ms. Only a closed one will never change again."""

    open_time: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    closed: bool = True


@dataclass(frozen=True, slots=True)
class ListedInstrument:
    """An instrument as the venue lists it now."""

    instrument: Instrument
    max_market_quantity: Decimal
    trading: bool
    wire_symbol: str


@dataclass(frozen=True, slots=True)
class TickerView:
    """Last price and the last 24 hours, at the venue's `time_ms`."""

    last: Decimal
    bid: Decimal
    ask: Decimal
    open_24h: Decimal
    high_24h: Decimal
    low_24h: Decimal
    volume_24h: Decimal
    quote_volume_24h: Decimal
    time_ms: int

    @property
    def change_24h(self) -> Decimal:
        """Return the change since 24 hours ago as a fraction."""
        if not self.open_24h:
            return Decimal(0)
        return ((self.last - self.open_24h) / self.open_24h).quantize(Decimal("0.000001"))


@dataclass(frozen=True, slots=True)
class BookView:
    """The best levels of the order book."""

    bids: Levels
    asks: Levels
    time_ms: int


@dataclass(frozen=True, slots=True)
class PublicTrade:
    """One trade anybody can see."""

    id: str
    time_ms: int
    price: Decimal
    quantity: Decimal
    taker_side: Side
