"""Candles of every interval, up to this very moment."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ct_simulator.app.history import History
from ct_simulator.app.market import Market
from ct_simulator.domain.clock import ClockMode, VirtualClock
from ct_simulator.domain.intervals import DAY_MS, INTERVALS, MINUTE_MS
from ct_simulator.domain.listing import LISTINGS
from ct_simulator.domain.prices.synthetic import SyntheticPrices

START = 20_600 * DAY_MS + 13 * 3_600_000


@pytest.fixture(scope="module")
def source() -> SyntheticPrices:
    return SyntheticPrices(LISTINGS, 7, START)


@pytest.fixture
def at(source: SyntheticPrices) -> Callable[[int], History]:
    def make(now_ms: int) -> History:
        clock = VirtualClock(ClockMode.STEPPED, start_ms=now_ms)
        return History(
            Market(source, clock, LISTINGS, half_spread_bps=1.0, best_level_quote=50_000.0)
        )

    return make


def test_live_prices_end_in_the_finished_candle(at: Callable[[int], History]) -> None:
    seen = [
        at(START + second * 1000).bucket("BTC-USDT", INTERVALS["1m"], START) for second in range(60)
    ]
    live = [candle for candle in seen if candle is not None]
    finished = at(START + MINUTE_MS).bucket("BTC-USDT", INTERVALS["1m"], START)
    assert finished is not None
    assert all(candle.open == finished.open for candle in live)
    assert all(finished.low <= candle.close <= finished.high for candle in live)
    highs = [candle.high for candle in live]
    assert highs == sorted(highs)
    assert highs[-1] == finished.high
    assert at(START + MINUTE_MS - 1).live_base("BTC-USDT").close == pytest.approx(
        finished.close, rel=1e-4
    )


@pytest.mark.parametrize("name", sorted(set(INTERVALS) - {"1s"}))
def test_every_interval_adds_up_from_minutes(
    at: Callable[[int], History], source: SyntheticPrices, name: str
) -> None:
    interval = INTERVALS[name]
    now = START + 17 * MINUTE_MS
    rows = at(now).candles("BTC-USDT", interval, None, None, 5)
    whole = rows.row(len(rows) - 2)
    minutes = source.candles("BTC-USDT", whole.open_time, interval.end(whole.open_time))
    assert whole.open == minutes.open[0]
    assert whole.close == minutes.close[-1]
    assert whole.high == minutes.high.max()
    assert whole.low == minutes.low.min()
    assert whole.volume == pytest.approx(minutes.volume.sum())
    assert rows.row(len(rows) - 1).open_time == interval.start(now)


def test_seconds_lie_on_the_way_of_their_minute(at: Callable[[int], History]) -> None:
    rows = at(START + MINUTE_MS).candles("BTC-USDT", INTERVALS["1s"], START, START + 59_999, 100)
    minute = at(START + MINUTE_MS).bucket("BTC-USDT", INTERVALS["1m"], START)
    assert minute is not None
    assert len(rows) == 60
    assert (rows.row(0).open, rows.row(59).close) == (minute.open, minute.close)
    assert (rows.high.max(), rows.low.min()) == (minute.high, minute.low)


@pytest.mark.parametrize(
    ("start", "end", "first", "count"),
    [
        (None, None, -9, 10),  # the newest
        (-100, None, -100, 10),  # the oldest from the start
        (None, -50, -59, 10),  # the newest up to the end
        (-100, -96, -100, 5),  # from the start, not past the end
    ],
)
def test_time_ranges_follow_the_venues_rule(
    at: Callable[[int], History], start: int | None, end: int | None, first: int, count: int
) -> None:
    def minute(number: int | None) -> int | None:
        return None if number is None else START + number * MINUTE_MS

    rows = at(START + 500).candles("BTC-USDT", INTERVALS["1m"], minute(start), minute(end), 10)
    assert len(rows) == count
    assert int(rows.open_time[0]) == minute(first)


def test_gaps_do_not_count_against_the_limit(
    candles_of: Callable[..., Any], bench_of: Callable[..., Any]
) -> None:
    rows = candles_of(*[(100.0 + n, 101.0 + n, 99.0 + n, 100.5 + n, 1.0) for n in range(40)])
    times = rows.open_time.copy()
    times[20:] += 500 * MINUTE_MS
    bench = bench_of(type(rows)(times, *rows.columns()[1:]))
    bench.market.clock.move_to(int(times[-1]) + MINUTE_MS)
    found = bench.history.candles("BTC-USDT", INTERVALS["1m"], None, None, 30)
    assert len(found) == 30
    assert int(found.open_time[0]) == int(times[10])
    onward = bench.history.candles("BTC-USDT", INTERVALS["1m"], int(times[0]), None, 30)
    assert int(onward.open_time[-1]) == int(times[29])


def test_the_day_tells_of_the_last_24_hours(
    at: Callable[[int], History], source: SyntheticPrices
) -> None:
    day = at(START).day("ETH-USDT")
    minutes = source.candles("ETH-USDT", START - DAY_MS, START)
    assert day.open == minutes.open[0]
    assert day.high == max(float(minutes.high.max()), source.candle("ETH-USDT", START).open)
    assert day.volume == pytest.approx(float(np.sum(minutes.volume)))
