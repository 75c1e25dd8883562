"""Made-up prices: a pure function of seed, anchor day, symbol and time.

Every UTC day is generated on its own from (seed, symbol, day), so any minute can be computed
without the minutes before it and a restart continues the same market:

- the level at midnight is mean reverting (AR(1) over a finite window), one shock per day, part of
  it the whole market's; on the anchor day it is the listing's reference price;
- the minutes in between are Student-t returns (fat tails), correlated through the market's
  minute, scaled by regimes of four hours (calm, usual, wild; falling, flat, rising) and by the hour
  of day, bent so that the day ends where the next one begins.
"""

from collections import OrderedDict
from collections.abc import Mapping
from zlib import crc32

import numpy as np

from ct_simulator.domain import candles as c
from ct_simulator.domain.candles import Candle, Candles, Column
from ct_simulator.domain.intervals import DAY_MS, INTERVALS, MINUTE_MS
from ct_simulator.domain.listing import Listing

HISTORY_DAYS = 90
_MINUTES = 1440
_REVERSION = 0.985  # a shock loses half its weight in 46 days
_MEMORY_DAYS = 400  # 0.985**400 < 0.3 %: older shocks no longer matter
_TAIL = 4.0  # degrees of freedom of the minute returns, the usual estimate for crypto
_TAIL_SCALE = (_TAIL / (_TAIL - 2)) ** 0.5
_REGIME_MINUTES = 240
_REGIMES = _MINUTES // _REGIME_MINUTES
_VOLATILITIES = (0.55, 1.0, 2.2)
_VOLATILITY_ODDS = (0.40, 0.45, 0.15)
_MARKET = "*"
_CACHED_DAYS = 48  # 69 kB each, so about 3 MB


class SyntheticPrices:
    """Serve one-minute candles of every listing for all time since the history began."""

    interval_ms = MINUTE_MS

    def __init__(self, listings: Mapping[str, Listing], seed: int, anchor_ms: int) -> None:
        self._listings = dict(listings)
        self._seed = seed
        self._anchor_day = anchor_ms // DAY_MS
        self.first_open = (self._anchor_day - HISTORY_DAYS) * DAY_MS
        self.last_open: int | None = None
        self._days: OrderedDict[tuple[str, int], Candles] = OrderedDict()
        self._hours: dict[tuple[str, int], Candles] = {}
        self._shocks: dict[tuple[str, int], float] = {}
        self._levels: dict[tuple[str, int], float] = {}

    @property
    def symbols(self) -> tuple[str, ...]:
        """List the symbols that have a price."""
        return tuple(self._listings)

    def open_at(self, time_ms: int) -> int:
        """Return the open time of the candle a time is in."""
        return time_ms // MINUTE_MS * MINUTE_MS

    def next_open(self, open_ms: int) -> int | None:
        """Return the open time of the candle after this one; synthetic time has no end."""
        return open_ms + MINUTE_MS

    def candle(self, symbol: str, open_ms: int) -> Candle:
        """Return the whole candle that opens then, also when it is not yet over."""
        day, rest = divmod(open_ms, DAY_MS)
        return self._day(symbol, day).row(rest // MINUTE_MS)

    def candles(self, symbol: str, start_ms: int, end_ms: int) -> Candles:
        """Return the minutes that open in [start, end)."""
        start_ms = max(start_ms, self.first_open)
        days = range(start_ms // DAY_MS, -(-end_ms // DAY_MS))
        return c.concat([self._day(symbol, day) for day in days]).between(start_ms, end_ms)

    def hours(self, symbol: str, start_ms: int, end_ms: int) -> Candles:
        """Return the hours that open in [start, end)."""
        start_ms = max(start_ms, self.first_open)
        days = range(start_ms // DAY_MS, -(-end_ms // DAY_MS))
        return c.concat([self._hours_of(symbol, day) for day in days]).between(start_ms, end_ms)

    def _hours_of(self, symbol: str, day: int) -> Candles:
        key = (symbol, day)
        if key not in self._hours:
            self._hours[key] = c.aggregate(self._day(symbol, day), INTERVALS["1h"])
        return self._hours[key]

    def _day(self, symbol: str, day: int) -> Candles:
        key = (symbol, day)
        block = self._days.get(key)
        if block is None:
            block = self._generate(self._listings[symbol], day)
            self._days[key] = block
            if len(self._days) > _CACHED_DAYS:
                self._days.popitem(last=False)
        else:
            self._days.move_to_end(key)
        return block

    def _random(self, name: str, day: int, purpose: int) -> np.random.Generator:
        words = [self._seed, crc32(name.encode()), day, purpose]
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))

    def _shock(self, name: str, day: int) -> float:
        key = (name, day)
        if key not in self._shocks:
            self._shocks[key] = float(self._random(name, day, 0).standard_normal())
        return self._shocks[key]

    def _wander(self, listing: Listing, day: int) -> float:
        """Return the log level of a midnight around its mean."""
        key = (listing.symbol, day)
        if key in self._levels:
            return self._levels[key]
        own = (1 - listing.market_share) ** 0.5
        shared = listing.market_share**0.5
        level = 0.0
        for back in range(_MEMORY_DAYS):
            shock = shared * self._shock(_MARKET, day - back)
            shock += own * self._shock(listing.symbol, day - back)
            level += _REVERSION**back * shock
        self._levels[key] = level * listing.daily_volatility
        return self._levels[key]

    def _midnight(self, listing: Listing, day: int) -> float:
        """Return the log price at the start of a day."""
        anchor = float(np.log(float(listing.reference_price)))
        return anchor + self._wander(listing, day) - self._wander(listing, self._anchor_day)

    def _market_minutes(self, day: int) -> tuple[Column, Column]:
        """Return the market's fat-tailed minute returns (unit variance) and its volatility."""
        random = self._random(_MARKET, day, 1)
        returns = random.standard_t(_TAIL, _MINUTES) / _TAIL_SCALE
        regimes = random.choice(_VOLATILITIES, _REGIMES, p=_VOLATILITY_ODDS)
        of_day = 1 + 0.35 * np.sin((np.arange(_MINUTES) / _MINUTES - 0.4) * 2 * np.pi)
        return returns, np.repeat(regimes, _REGIME_MINUTES) * of_day

    def _generate(self, listing: Listing, day: int) -> Candles:
        market, volatility = self._market_minutes(day)
        random = self._random(listing.symbol, day, 1)
        own = random.standard_t(_TAIL, _MINUTES) / _TAIL_SCALE
        trends = np.repeat(random.normal(0.0, 0.04, _REGIMES), _REGIME_MINUTES)
        share = listing.market_share
        sigma = listing.daily_volatility / _MINUTES**0.5 * volatility
        returns = sigma * (share**0.5 * market + (1 - share) ** 0.5 * own + trends)
        start, end = self._midnight(listing, day), self._midnight(listing, day + 1)
        # Where the day must end is known: spread what is missing over the day by variance.
        returns += (end - start - returns.sum()) * (sigma**2 / (sigma**2).sum())
        closes = np.exp(start + np.cumsum(returns))
        opens = np.concatenate(([np.exp(start)], closes[:-1]))
        upper, lower = np.abs(random.normal(0.0, 0.6, (2, _MINUTES))) * sigma
        highs = np.maximum(opens, closes) * np.exp(upper)
        lows = np.minimum(opens, closes) * np.exp(-lower)
        surprise = 1 + np.abs(returns) / sigma
        turnover = listing.minute_turnover * volatility * surprise / 2
        volumes = turnover * random.lognormal(-0.18, 0.6, _MINUTES) / closes
        return _on_grid(listing, day, (opens, highs, lows, closes), volumes)


def _on_grid(
    listing: Listing, day: int, prices: tuple[Column, Column, Column, Column], volumes: Column
) -> Candles:
    """Round prices to ticks and volumes to steps; a minute trades at least one step."""
    opens, highs, lows, closes = (np.round(price, listing.price_digits) for price in prices)
    step = float(listing.step)
    times = day * DAY_MS + np.arange(_MINUTES, dtype=np.int64) * MINUTE_MS
    rounded = np.maximum(np.round(volumes, listing.quantity_digits), step)
    return Candles(times, opens, highs, lows, closes, rounded)
