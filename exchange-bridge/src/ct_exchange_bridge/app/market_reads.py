"""Market reads that memory cannot answer; equal ones at the same time are one call."""

from ct_exchange_bridge.app.market_hub import MarketHub
from ct_exchange_bridge.app.single_flight import SingleFlight
from ct_exchange_bridge.domain.market import BookView, PublicTrade
from ct_exchange_bridge.ports.venue import MarketVenue
from ct_kit.domain import Symbol

PAGE = 200
"""What is asked of the venue, whatever the caller wants, so that callers share one answer."""


class MarketReads:
    """Answers from the hub where it can, else from the venue."""

    def __init__(self, venue: MarketVenue, hub: MarketHub) -> None:
        self._venue = venue
        self._hub = hub
        self._books: SingleFlight[BookView] = SingleFlight()
        self._trades: SingleFlight[list[PublicTrade]] = SingleFlight()

    async def book(self, symbol: Symbol, depth: int) -> BookView:
        """Return at least `depth` levels where there are so many; raises `VenueError`."""
        book = self._hub.state(symbol).book
        if book is not None and depth <= len(book.bids) and not self._hub.stale(symbol):
            return book
        return await self._books.run(symbol, lambda: self._venue.book(symbol, 100))

    async def trades(self, symbol: Symbol, limit: int) -> list[PublicTrade]:
        """Return the newest trades, oldest first; raises `VenueError`."""
        if len(self._hub.state(symbol).trades) < limit:
            fetched = await self._trades.run(symbol, lambda: self._venue.trades(symbol, PAGE))
            self._hub.seed_trades(symbol, fetched)
        return list(self._hub.state(symbol).trades)[-limit:]
