"""What the engine needs from outside."""

from typing import Protocol

from ct_simulator.domain.candles import Candle, Candles
from ct_simulator.domain.events import Event, Record


class PriceSource(Protocol):
    """Candles of one base interval, for history and for what is still to come."""

    interval_ms: int
    first_open: int
    last_open: int | None

    @property
    def symbols(self) -> tuple[str, ...]:
        """List the symbols that have a price."""
        ...

    def open_at(self, time_ms: int) -> int:
        """Return the open time of the candle a time is in."""
        ...

    def next_open(self, open_ms: int) -> int | None:
        """Return the open time of the next candle, None after the last."""
        ...

    def candle(self, symbol: str, open_ms: int) -> Candle:
        """Return the whole candle that opens then."""
        ...

    def candles(self, symbol: str, start_ms: int, end_ms: int) -> Candles:
        """Return the base candles that open in [start, end)."""
        ...

    def hours(self, symbol: str, start_ms: int, end_ms: int) -> Candles:
        """Return hourly candles (or base candles, when longer) that open in [start, end)."""
        ...


class Journal(Protocol):
    """The write-ahead log of everything that happens to accounts."""

    @property
    def position(self) -> int:
        """Return the number of the last record written."""
        ...

    def append(self, entries: list[tuple[Event, Record]]) -> None:
        """Write one transaction: each event with the balances it left.

        Raises JournalBroken when it cannot be written, then and ever after.
        """
        ...

    async def durable(self) -> None:
        """Return when everything written so far is on disk; raises JournalBroken."""
        ...
