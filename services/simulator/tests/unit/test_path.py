"""The way inside a candle never contradicts the candle."""

from hypothesis import given
from hypothesis import strategies as st

from ct_simulator.domain.candles import Candle
from ct_simulator.domain.prices.path import Path

prices = st.floats(1, 1e6)


@st.composite
def candles(draw: st.DrawFn) -> Candle:
    opened, closed, one, other = (draw(prices) for _ in range(4))
    low, high = min(opened, closed, one, other), max(opened, closed, one, other)
    return Candle(draw(st.integers(0, 10**8)) * 60_000, opened, high, low, closed, 1.0)


@given(candles())
def test_begins_at_the_open_and_ends_at_the_close(candle: Candle) -> None:
    path = Path.of(candle)
    assert path.at(0.0) == candle.open
    assert path.at(1.0) == candle.close


@given(candles())
def test_touches_exactly_high_and_low(candle: Candle) -> None:
    assert Path.of(candle).span(0.0, 1.0) == (candle.low, candle.high)


@given(candles(), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_span_holds_every_price_in_it(candle: Candle, a: float, b: float, c: float) -> None:
    start, middle, end = sorted((a, b, c))
    path = Path.of(candle)
    low, high = path.span(start, end)
    slack = 1e-9 * high
    assert low - slack <= path.at(middle) <= high + slack
