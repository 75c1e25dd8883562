"""The way a price takes inside one candle.

A falling candle visits its high first and a rising one its low first (O-H-L-C, O-L-H-C), on
straight lines between the four points. So the live price ends on the candle's close, has touched
exactly its high and low, and a fill inside the candle never contradicts the finished candle.
"""

from dataclasses import dataclass

from ct_simulator.domain.candles import Candle

_KNUTH = 2_654_435_761  # multiplicative hash, Knuth TAOCP 6.4


def _unit(number: int) -> float:
    """Return a fixed pseudo-random number in [0, 1) for a whole number."""
    return ((number * _KNUTH) & 0xFFFFFFFF) / 2**32


@dataclass(frozen=True, slots=True)
class Path:
    """Follow the price of one candle; fractions run from 0 (open) to 1 (close)."""

    points: tuple[float, float, float, float]
    first_turn: float
    second_turn: float

    @classmethod
    def of(cls, candle: Candle) -> "Path":
        """Return the path of a candle; its turning points depend on its open time alone."""
        turns = (candle.low, candle.high)
        if candle.close < candle.open:
            turns = (candle.high, candle.low)
        minute = candle.open_time // 1000
        return cls(
            (candle.open, *turns, candle.close),
            0.15 + 0.30 * _unit(minute),
            0.55 + 0.30 * _unit(minute + 1),
        )

    def at(self, fraction: float) -> float:
        """Return the price when a fraction of the candle has passed."""
        first, second, third, last = self.points
        if fraction <= 0:
            return first
        if fraction >= 1:
            return last
        if fraction <= self.first_turn:
            return first + (second - first) * (fraction / self.first_turn)
        if fraction <= self.second_turn:
            share = (fraction - self.first_turn) / (self.second_turn - self.first_turn)
            return second + (third - second) * share
        share = (fraction - self.second_turn) / (1 - self.second_turn)
        return third + (last - third) * share

    def span(self, start: float, end: float) -> tuple[float, float]:
        """Return the lowest and highest price between two fractions."""
        prices = [self.at(start), self.at(end)]
        if start < self.first_turn < end:
            prices.append(self.points[1])
        if start < self.second_turn < end:
            prices.append(self.points[2])
        return min(prices), max(prices)
