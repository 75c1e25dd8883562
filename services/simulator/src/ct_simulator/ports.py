"""What the engine needs from outside."""

from typing import Protocol

from ct_simulator.domain.candles import Candle, Candles
from ct_simulator.domain.events import Event, Record
from ct_simulator.domain.keys import ApiKey


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


class Keys(Protocol):
    """The API keys that were given out."""

    def get(self, api_key: str) -> ApiKey | None:
        """Return a key, None when there is none of that name."""
        ...

    def of_account(self, account_id: str) -> list[ApiKey]:
        """List the keys of an account, oldest first."""
        ...

    def of_account_named(self, account_id: str, api_key: str) -> ApiKey:
        """Return a key of this account; raises UnknownKey."""
        ...

    def put(self, key: ApiKey) -> None:
        """Add or replace a key; it is on disk when this returns."""
        ...


class Truth(Protocol):
    """Reading the truth log."""

    @property
    def broken(self) -> bool:
        """Tell whether a write failed, after which nothing is accepted."""
        ...

    def read(self, after: int, limit: int, account_id: str | None) -> list[Record]:
        """Return up to `limit` records numbered above `after`, of one account or of all."""
        ...


class Feed(Protocol):
    """Whatever sends the market on to clients: one per wire."""

    def pulse(self, *, stepped: bool) -> None:
        """Send what is due; everything is, after a step."""
        ...

    async def flush(self) -> None:
        """Return when clients have been handed it; raises TimeoutError for one that stalls."""
        ...
