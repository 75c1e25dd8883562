"""Synthetic prices are one market, however and whenever one asks."""

import numpy as np
import pytest

from ct_simulator.domain.intervals import DAY_MS, HOUR_MS, MINUTE_MS
from ct_simulator.domain.listing import LISTINGS
from ct_simulator.domain.prices.synthetic import HISTORY_DAYS, SyntheticPrices

ANCHOR = 20_600 * DAY_MS + 5 * HOUR_MS


@pytest.fixture(scope="module")
def prices() -> SyntheticPrices:
    return SyntheticPrices(LISTINGS, 7, ANCHOR)


def test_a_restart_continues_the_same_market(prices: SyntheticPrices) -> None:
    again = SyntheticPrices(LISTINGS, 7, ANCHOR)
    # the second asks for one late minute alone, the first for a month before it
    whole = prices.candles("ETH-USDT", ANCHOR - 30 * DAY_MS, ANCHOR + DAY_MS)
    late = ANCHOR + 7 * HOUR_MS
    assert again.candle("ETH-USDT", late) in [
        whole.row(index) for index in np.flatnonzero(whole.open_time == late)
    ]


def test_another_seed_is_another_market(prices: SyntheticPrices) -> None:
    other = SyntheticPrices(LISTINGS, 8, ANCHOR)
    assert other.candle("BTC-USDT", ANCHOR) != prices.candle("BTC-USDT", ANCHOR)


@pytest.mark.parametrize("symbol", sorted(LISTINGS))
def test_ninety_days_of_sound_candles_lie_behind_the_anchor(
    prices: SyntheticPrices, symbol: str
) -> None:
    rows = prices.candles(symbol, 0, ANCHOR)
    assert len(rows) == HISTORY_DAYS * 1440 + 5 * 60
    assert (np.diff(rows.open_time) == MINUTE_MS).all()
    assert (rows.high >= np.maximum(rows.open, rows.close)).all()
    assert (rows.low <= np.minimum(rows.open, rows.close)).all()
    assert (rows.low > 0).all()
    assert (rows.volume > 0).all()


@pytest.mark.parametrize("symbol", sorted(LISTINGS))
def test_every_minute_opens_where_the_last_one_closed(prices: SyntheticPrices, symbol: str) -> None:
    rows = prices.candles(symbol, ANCHOR - 3 * DAY_MS, ANCHOR)
    tick = float(LISTINGS[symbol].tick)
    assert np.abs(rows.open[1:] - rows.close[:-1]).max() <= tick * 1.01


def test_prices_lie_on_ticks(prices: SyntheticPrices) -> None:
    rows = prices.candles("XRP-USDT", ANCHOR - DAY_MS, ANCHOR)
    assert np.abs(np.round(rows.close, 4) - rows.close).max() == 0


def test_the_anchor_day_begins_at_the_reference_price(prices: SyntheticPrices) -> None:
    midnight = prices.candle("BTC-USDT", ANCHOR // DAY_MS * DAY_MS)
    assert midnight.open == float(LISTINGS["BTC-USDT"].reference_price)


def test_returns_have_fat_tails_and_move_together(prices: SyntheticPrices) -> None:
    start = ANCHOR - 30 * DAY_MS
    bitcoin = np.diff(np.log(prices.candles("BTC-USDT", start, ANCHOR).close))
    ether = np.diff(np.log(prices.candles("ETH-USDT", start, ANCHOR).close))
    deviation = bitcoin - bitcoin.mean()
    kurtosis = (deviation**4).mean() / (deviation**2).mean() ** 2
    assert kurtosis > 4  # a normal distribution has 3
    assert 0.5 < np.corrcoef(bitcoin, ether)[0, 1] < 0.95


def test_levels_stay_in_the_neighbourhood_for_years(prices: SyntheticPrices) -> None:
    reference = float(LISTINGS["BTC-USDT"].reference_price)
    levels = [
        prices.candle("BTC-USDT", ANCHOR // MINUTE_MS * MINUTE_MS + year * 91 * DAY_MS).close
        for year in range(20)
    ]
    assert 0.3 * reference < min(levels) < max(levels) < 3 * reference


def test_hours_are_the_sum_of_their_minutes(prices: SyntheticPrices) -> None:
    hour = ANCHOR // HOUR_MS * HOUR_MS
    (row,) = [prices.hours("SOL-USDT", hour, hour + HOUR_MS).row(0)]
    minutes = prices.candles("SOL-USDT", hour, hour + HOUR_MS)
    assert row.open == minutes.open[0]
    assert row.close == minutes.close[-1]
    assert row.high == minutes.high.max()
    assert row.volume == pytest.approx(minutes.volume.sum())
