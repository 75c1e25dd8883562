"""Candles of every interval and the statistics of the last day, up to this very moment."""

from dataclasses import dataclass

import numpy as np

from ct_simulator.app.market import TRADE_SLOT_MS, Market
from ct_simulator.domain import candles as c
from ct_simulator.domain.candles import Candle, Candles
from ct_simulator.domain.intervals import DAY_MS, HOUR_MS, SECOND_MS, Interval
from ct_simulator.domain.prices.path import Path


@dataclass(frozen=True, slots=True)
class DayStatistics:
    """What happened in the 24 hours up to now."""

    open_time: int
    close_time: int
    open: float
    high: float
    low: float
    last: float
    previous_close: float
    volume: float
    quote_volume: float
    first_trade_id: int
    last_trade_id: int


class History:
    """Answer questions about candles; the last one is the live one and still open."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._source = market.source
        self._clock = market.clock

    def offers(self, interval: Interval) -> bool:
        """Tell whether candles of this length can be told from the base candles."""
        return interval.length_ms % self._source.interval_ms == 0 or (
            interval.length_ms == SECOND_MS
        )

    def live_base(self, symbol: str) -> Candle:
        """Return the base candle of this moment as far as it has come."""
        now = self._clock.now_ms()
        whole = self._source.candle(symbol, self._source.open_at(now))
        passed = self._market.fraction(whole.open_time, now)
        if passed >= 1:
            return whole
        listing = self._market.listings[symbol]
        path = Path.of(whole)
        low, high = path.span(0.0, passed)
        return Candle(
            whole.open_time,
            whole.open,
            round(high, listing.price_digits),
            round(low, listing.price_digits),
            round(path.at(passed), listing.price_digits),
            round(whole.volume * passed, listing.quantity_digits),
        )

    def candles(
        self,
        symbol: str,
        interval: Interval,
        start_ms: int | None,
        end_ms: int | None,
        limit: int,
    ) -> Candles:
        """Return up to `limit` candles that open in [start, end], both optional.

        With a start the oldest from it, otherwise the newest; missing candles do not count.
        """
        now = self._clock.now_ms()
        last = min(now if end_ms is None else end_ms, now)
        earliest = interval.start(self._source.first_open)
        count = limit
        while True:
            if start_ms is None:
                first = max(interval.back(interval.start(last), count - 1), earliest)
                until = last
            else:
                first = interval.start(max(start_ms, earliest))
                if first < start_ms:
                    first = interval.end(first)
                until = min(last, first + count * interval.length_ms - 1)
            rows = self._rows(symbol, interval, first, until)
            exhausted = first <= earliest if start_ms is None else until >= last
            if len(rows) >= limit or exhausted:
                break
            count *= 4
        kept = rows.slice(-limit, len(rows)) if start_ms is None else rows.slice(0, limit)
        return kept.slice(0, int(np.searchsorted(kept.open_time, last, side="right")))

    def bucket(self, symbol: str, interval: Interval, start_ms: int) -> Candle | None:
        """Return the candle of one bucket as far as it has come, None when it has no trade."""
        end = interval.end(start_ms) - 1
        rows = self._rows(symbol, interval, start_ms, end)
        return rows.row(0) if len(rows) else None

    def day(self, symbol: str) -> DayStatistics:
        """Return the statistics of the last 24 hours."""
        now = self._clock.now_ms()
        live = self.live_base(symbol)
        start = max(now - DAY_MS, self._source.first_open)
        before = self._source.candles(symbol, start, live.open_time)
        rows = c.concat([before, c.of(live)])
        typical = (rows.open + rows.high + rows.low + rows.close) / 4
        return DayStatistics(
            open_time=now - DAY_MS,
            close_time=now,
            open=float(rows.open[0]),
            high=float(rows.high.max()),
            low=float(rows.low.min()),
            last=live.close,
            previous_close=float(rows.open[0]),
            volume=float(rows.volume.sum()),
            quote_volume=float((typical * rows.volume).sum()),
            first_trade_id=start // TRADE_SLOT_MS,
            last_trade_id=now // TRADE_SLOT_MS,
        )

    def _rows(self, symbol: str, interval: Interval, first_ms: int, last_ms: int) -> Candles:
        """Return the buckets from `first` up to the one `last` is in."""
        end = interval.end(interval.start(last_ms))
        if interval.length_ms < self._source.interval_ms:
            return self._seconds(symbol, first_ms, min(end, self._clock.now_ms() + 1))
        live = self.live_base(symbol)
        closed_end = min(end, live.open_time)
        parts: list[Candles] = []
        base_start = first_ms
        if interval.length_ms >= HOUR_MS > self._source.interval_ms:
            base_start = max(closed_end // HOUR_MS * HOUR_MS, first_ms)
            parts.append(self._source.hours(symbol, first_ms, base_start))
        parts.append(self._source.candles(symbol, base_start, closed_end))
        if first_ms <= live.open_time < end:
            parts.append(c.of(live))
        return c.aggregate(c.concat(parts), interval)

    def _seconds(self, symbol: str, first_ms: int, end_ms: int) -> Candles:
        """Cut base candles into seconds along their path."""
        rows: list[tuple[float, float, float, float, float]] = []
        times: list[int] = []
        digits = self._market.listings[symbol].price_digits
        for time_ms in range(first_ms, end_ms, SECOND_MS):
            whole = self._source.candle(symbol, self._source.open_at(time_ms))
            path = Path.of(whole)
            start = self._market.fraction(whole.open_time, time_ms)
            stop = self._market.fraction(
                whole.open_time, min(time_ms + SECOND_MS, self._clock.now_ms())
            )
            low, high = path.span(start, stop)
            prices = (path.at(start), high, low, path.at(stop))
            volume = whole.volume * (stop - start)
            opened, highest, lowest, closed = (round(price, digits) for price in prices)
            rows.append((opened, highest, lowest, closed, volume))
            times.append(time_ms)
        if not rows:
            return c.empty()
        columns = np.array(rows, dtype=np.float64).T
        return Candles(np.array(times, dtype=np.int64), *columns)
