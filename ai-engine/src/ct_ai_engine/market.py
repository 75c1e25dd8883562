"""What the engine needs of the market. Apart from `ports.py`, so the idle worker loads no numpy."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ct_kit.contracts.common import MarketKind, VenueName

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class InstrumentSteps:
    """The venue's steps and minima of one symbol."""

    symbol: str
    tick_size: Decimal
    step_size: Decimal
    min_quantity: Decimal
    min_notional: Decimal


@dataclass(frozen=True, slots=True)
class CandleTable:
    """Closed candles [n, 6] (open time in epoch ms, open, high, low, close, volume) and origin."""

    rows: Floats
    venue: VenueName
    market: MarketKind
    as_of: datetime
    stale: bool = False


@dataclass(frozen=True, slots=True)
class BookTop:
    """Best levels as floats: [[price, quantity], ...], best first, and their origin."""

    bids: Floats
    asks: Floats
    as_of: datetime
    stale: bool


class Instruments(Protocol):
    """Which symbols there are."""

    def find(self, symbol: str) -> InstrumentSteps | None:
        """Return the instrument or None. Raises Unavailable when nobody can say."""
        ...


class Market(Protocol):
    """Recent market data, small enough for the API process."""

    def candles(self, symbol: str, interval: str, limit: int) -> CandleTable:
        """Return the newest closed candles, ascending."""
        ...

    def book(self, symbol: str, depth: int) -> BookTop:
        """Return the best levels."""
        ...
