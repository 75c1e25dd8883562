"""The book around a price: a spread, and depth that grows with the distance from the middle.

Prices are whole ticks and quantities whole steps. One book lives for one moment of the market
(a tenth of a second, or one step); what takers take from it stays taken until the next moment.
"""

from ct_simulator.domain.listing import Listing
from ct_simulator.domain.orders import Side

LEVELS = 60
MOMENT_MS = 100
_REVISIONS = 1024  # update ids between two moments
_GRID_BPS = 0.5
_QUANTITY_BUCKET_MS = 5_000  # how long a level keeps its quantity
_MIX = 0x9E3779B97F4A7C15  # splitmix64's increment

Level = tuple[int, int]


def _noise(price: int, bucket: int, side: Side) -> float:
    """Return a fixed pseudo-random number in [0, 1) for a level."""
    mixed = (price * 31 + bucket * 1_000_003 + (side is Side.BUY)) * _MIX & 0xFFFFFFFFFFFFFFFF
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    return (mixed >> 40) / 2**24


class Book:
    """Hold both sides of one symbol at one moment."""

    def __init__(
        self,
        listing: Listing,
        mid: float,
        moment_ms: int,
        half_spread_bps: float,
        best_level_quote: float,
    ) -> None:
        """Build the book around `mid`.

        The best ask is the first tick at or above mid + half spread and the best bid the first
        at or below mid - half spread: rounding never favours the taker.
        """
        self._listing = listing
        self._moment_ms = moment_ms
        self._revision = 0
        self._unit = best_level_quote / mid * 10**listing.quantity_digits
        scale = 10**listing.price_digits
        half = half_spread_bps / 10_000
        # 1e-9 of a tick keeps float noise from moving an exact tick to the next one
        best_ask = -int(-(mid * (1 + half) * scale - 1e-7) // 1)
        best_bid = int((mid * (1 - half) * scale + 1e-7) // 1)
        if best_ask <= best_bid:
            best_ask = best_bid + 1
        grid = max(int(mid * _GRID_BPS / 10_000 * scale), 1)
        self.asks = self._side(Side.SELL, best_ask, grid)
        self.bids = self._side(Side.BUY, max(best_bid, 1), -grid)

    @property
    def update_id(self) -> int:
        """Return a number that grows with every change of the book."""
        return self._moment_ms * _REVISIONS + min(self._revision, _REVISIONS - 1)

    @property
    def moment_ms(self) -> int:
        """Return the moment this book belongs to."""
        return self._moment_ms

    def against(self, side: Side) -> list[Level]:
        """Return the levels an order of this side trades with, best first."""
        return self.asks if side is Side.BUY else self.bids

    def crosses(self, side: Side, price: int) -> bool:
        """Tell whether an order of this side and price would trade at once."""
        levels = self.against(side)
        if not levels:
            return False
        return price >= levels[0][0] if side is Side.BUY else price <= levels[0][0]

    def take(self, side: Side, taken: list[Level]) -> None:
        """Remove what an order of this side traded, given as (price, quantity) per level."""
        if not taken:
            return
        gone = dict(taken)
        levels = self.against(side)
        levels[:] = [
            (price, quantity - gone.get(price, 0))
            for price, quantity in levels
            if quantity > gone.get(price, 0)
        ]
        self._revision += 1

    def _side(self, side: Side, best: int, grid: int) -> list[Level]:
        """Lay the best level and then every price of the grid beyond it."""
        bucket = self._moment_ms // _QUANTITY_BUCKET_MS
        levels = [(best, self._quantity(0, best, bucket, side))]
        price = best // grid * grid
        for level in range(1, LEVELS):
            price += grid
            if price <= 0:
                break
            if price != best:
                levels.append((price, self._quantity(level, price, bucket, side)))
        return levels

    def _quantity(self, level: int, price: int, bucket: int, side: Side) -> int:
        share = 0.75 + 0.5 * _noise(price, bucket, side)
        return max(int(self._unit * (1 + 0.15 * level) * share), 1)
