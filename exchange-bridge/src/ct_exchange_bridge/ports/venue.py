"""What the bridge needs from a venue."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from ct_exchange_bridge.domain.market import (
    BookView,
    Candle,
    ListedInstrument,
    PublicTrade,
    TickerView,
)
from ct_exchange_bridge.domain.order import OrderTerms
from ct_exchange_bridge.domain.venue_report import (
    Execution,
    KeyRights,
    OrderReport,
    VenueBalance,
)
from ct_kit.domain import Interval, Symbol


@dataclass(frozen=True, slots=True)
class Credential:
    """Which key of whom signs."""

    owner: str
    key_id: str


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order as it will be signed; the last two are the venue's own deadline."""

    call: Any
    signed_at_ms: int
    recv_window_ms: int


@dataclass(frozen=True, slots=True)
class SignedOrder:
    """A draft with its signature: nothing is left to do but to write it, once."""

    draft: OrderDraft
    signed: Any


class Runner(Protocol):
    """A stream that runs until cancelled."""

    async def run(self) -> None:
        """Connect, read, reconnect."""
        ...


class MarketVenue(Protocol):
    """Public market data of one venue. All raise `VenueError`."""

    async def instruments(self) -> list[ListedInstrument]:
        """Read what can be traded."""
        ...

    async def tickers(self) -> dict[Symbol, TickerView]:
        """Read the last 24 hours of every listed symbol."""
        ...

    async def book(self, symbol: Symbol, depth: int) -> BookView:
        """Read the best levels."""
        ...

    async def trades(self, symbol: Symbol, limit: int) -> list[PublicTrade]:
        """Read the newest trades, oldest first."""
        ...

    async def candles(
        self, symbol: Symbol, interval: Interval, start_ms: int | None, end_ms: int | None
    ) -> list[Candle]:
        """Read up to a page of candles, ascending; the newest page without bounds."""
        ...

    async def sync_clock(self) -> int:
        """Read the venue's time in ms and set our offset by it."""
        ...


class OrderVenue(Protocol):
    """The order path of one venue. All raise `VenueError`; `sign` also a `CtError`."""

    def draft_order(self, terms: OrderTerms, client_order_id: str) -> OrderDraft:
        """Write the order the venue's way, without I/O."""
        ...

    async def sign_order(self, credential: Credential, draft: OrderDraft) -> SignedOrder:
        """Have the vault sign the draft."""
        ...

    async def submit_order(self, signed: SignedOrder, terms: OrderTerms) -> OrderReport:
        """Write the order to the socket exactly once."""
        ...

    async def cancel_order(
        self, credential: Credential, symbol: Symbol, client_order_id: str
    ) -> OrderReport:
        """Cancel by our id."""
        ...

    async def query_order(
        self,
        credential: Credential,
        symbol: Symbol,
        *,
        client_order_id: str | None = None,
        venue_order_id: str | None = None,
    ) -> OrderReport:
        """Look one order up."""
        ...

    async def open_orders(self, credential: Credential) -> list[OrderReport]:
        """Read all open orders of the account."""
        ...

    async def orders_since(
        self, credential: Credential, symbol: Symbol, since_ms: int | None
    ) -> list[OrderReport]:
        """Read order history of a symbol from a venue time on; the newest page without one."""
        ...

    async def trades_since(
        self, credential: Credential, symbol: Symbol, since_ms: int | None
    ) -> list[Execution]:
        """Read all executions of a symbol from a venue time on, or all, paged to the end."""
        ...

    async def trades_of(
        self, credential: Credential, symbol: Symbol, venue_order_id: str
    ) -> list[Execution]:
        """Read all executions of one order."""
        ...

    async def balances(self, credential: Credential) -> tuple[VenueBalance, ...]:
        """Read the account's balances."""
        ...

    async def key_rights(self, credential: Credential) -> KeyRights:
        """Ask what the key may do."""
        ...

    def now_ms(self) -> int:
        """Return the venue's time as well as it is known."""
        ...

    def stamp_ms(self) -> int:
        """Return the time deadlines of signed requests are counted from."""
        ...

    def history_start_ms(self, signed_at_ms: int) -> int | None:
        """Return where the history of an order signed then begins; None where clocks differ."""
        ...


class MarketListener(Protocol):
    """Who hears the public stream; called on the event loop and must not block."""

    def on_candle(self, symbol: Symbol, candle: Candle, time_ms: int) -> None:
        """Take a 1-minute candle as it moves or closes."""
        ...

    def on_ticker(self, symbol: Symbol, ticker: TickerView) -> None:
        """Take a ticker."""
        ...

    def on_book(self, symbol: Symbol, book: BookView) -> None:
        """Take the best levels."""
        ...

    def on_trade(self, symbol: Symbol, trade: PublicTrade) -> None:
        """Take a public trade."""
        ...

    def on_stream(self, *, connected: bool, reason: str | None) -> None:
        """Learn that the stream came up or went down."""
        ...


class StreamingVenue(MarketVenue, Protocol):
    """A venue that also tells its market by itself."""

    def market_stream(
        self, symbols: list[Symbol], listener: MarketListener, silence_s: float
    ) -> Runner:
        """Return the runner of one public stream over all the symbols."""
        ...

    def close(self) -> None:
        """Stop after the calls that run."""
        ...


@dataclass(frozen=True, slots=True)
class AccountEvents:
    """Who hears an account's stream; a handler that raises makes the stream start over."""

    on_report: Callable[[OrderReport], Awaitable[None]]
    on_balances: Callable[[tuple[VenueBalance, ...]], None]
    on_stream: Callable[[bool, str | None], None]


class Prices(Protocol):
    """What an asset is worth."""

    def value_in_quote(self, asset: str) -> Decimal | None:
        """Return the price of one unit in the quote asset, or none where unknown."""
        ...
