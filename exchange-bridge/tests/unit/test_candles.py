"""Candle arithmetic and the series in memory."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ct_exchange_bridge.app.candle_series import MinuteSeries
from ct_exchange_bridge.app.views import number
from ct_exchange_bridge.domain.candles import Columns, missing, months_between
from ct_exchange_bridge.domain.market import Candle
from ct_kit.domain import Interval

MINUTE = 60_000
DAY = 1_440 * MINUTE


@pytest.fixture
def minute() -> Callable[..., Candle]:
    def make(index: int, close: float = 1.0, *, closed: bool = True) -> Candle:
        return Candle(index * MINUTE, close, close + 1, close - 1, close, 2.0, closed)

    return make


def test_columns_survive_packing(minute: Callable[..., Candle]) -> None:
    columns = Columns.of(minute(index, index / 7) for index in range(50))
    assert list(Columns.unpacked(columns.packed()).rows()) == list(columns.rows())


@given(st.sets(st.integers(0, 200)), st.sets(st.integers(0, 200)))
def test_merging_is_the_ascending_union_and_newer_wins(old: set[int], new: set[int]) -> None:
    def columns(indexes: set[int], close: float) -> Columns:
        return Columns.of(
            Candle(index * MINUTE, close, close, close, close, 0.0) for index in sorted(indexes)
        )

    merged = columns(old, 1.0).merged(columns(new, 2.0))
    assert list(merged.open_time) == [index * MINUTE for index in sorted(old | new)]
    assert [row.close for row in merged.rows()] == [
        2.0 if index in new else 1.0 for index in sorted(old | new)
    ]


@given(st.sets(st.integers(0, 99)))
def test_missing_spans_and_what_is_there_tile_the_range(present: set[int]) -> None:
    spans = missing([index * MINUTE for index in sorted(present)], 0, 100 * MINUTE, MINUTE)
    absent = {time // MINUTE for low, high in spans for time in range(low, high, MINUTE)}
    assert absent == set(range(100)) - present


def test_months_of_a_span_over_new_year() -> None:
    december, february = 1_733_961_600_000, 1_738_368_000_000  # 2024-12-12 and 2025-02-01
    assert months_between(december, february) == ["2024-12", "2025-01"]


def test_a_higher_candle_closes_with_its_last_minute(minute: Callable[..., Candle]) -> None:
    series = MinuteSeries()
    seen = []
    for index in range(10):
        for interval, candle in series.take(minute(index, float(index))):
            if interval is Interval.M5:
                seen.append(candle)
    closed = [candle for candle in seen if candle.closed]
    assert [candle.open_time for candle in closed] == [0, 5 * MINUTE]
    assert closed[0] == Candle(0, 0.0, 5.0, -1.0, 4.0, 10.0, True)


def test_a_moving_minute_is_not_counted_twice_in_the_higher_candle(
    minute: Callable[..., Candle],
) -> None:
    series = MinuteSeries()
    for close in (1.0, 2.0, 3.0):
        changed = dict(series.take(minute(0, close, closed=False)))
        assert changed[Interval.H1].volume == 2.0
    assert dict(series.take(minute(0, 4.0)))[Interval.H1].volume == 2.0


def test_a_repeated_closed_minute_changes_nothing(minute: Callable[..., Candle]) -> None:
    series = MinuteSeries()
    series.take(minute(0))
    assert series.take(minute(0)) == []
    assert not series.is_gap(minute(1))
    assert series.is_gap(minute(2))


@given(st.floats(1e-8, 1e9, allow_nan=False))
def test_a_candles_number_reads_back_as_the_same_float(value: float) -> None:
    text = number(value)
    assert float(text) == value
    assert "e" not in text.lower()
