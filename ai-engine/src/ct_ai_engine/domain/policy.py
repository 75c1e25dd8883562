"""From a probability to a trade: only where the expected move pays for the round trip."""

from dataclasses import dataclass

import numpy as np

from ct_ai_engine.market import Floats

ROUND_TRIP_COST = 2 * (0.001 + 0.0001)  # taker fee and half spread, each way
KELLY_SHARE = 0.25  # full Kelly assumes the probabilities are exact; they are not
MAXIMUM_SIZE = 0.5  # of the budget on one forecast, whatever the formula says
STOP_SIGMAS = 1.5
TARGET_SIGMAS = 2.0


@dataclass(frozen=True, slots=True)
class Economics:
    """What the training rows say about moves over the horizon."""

    mean_gain: float  # average of the moves up
    mean_loss: float  # average size of the moves down
    sigma: float  # standard deviation of the move

    @classmethod
    def of(cls, moves: Floats) -> "Economics":
        """Measure simple returns over the horizon."""
        up, down = moves[moves > 0], -moves[moves <= 0]
        return cls(
            float(up.mean()) if len(up) else 0.0,
            float(down.mean()) if len(down) else 0.0,
            float(moves.std()),
        )

    def expected(self, p: Floats) -> Floats:
        """Return the expected simple return of being long, after costs."""
        value: Floats = p * self.mean_gain - (1.0 - p) * self.mean_loss - ROUND_TRIP_COST
        return value

    def size(self, expected: float) -> float:
        """Return the fraction of the budget: a quarter of Kelly, capped; 0 without an edge."""
        if expected <= 0.0 or self.sigma <= 0.0:
            return 0.0
        return min(KELLY_SHARE * expected / self.sigma**2, MAXIMUM_SIZE)


def long_returns(p: Floats, moves: Floats, economics: Economics) -> Floats:
    """Return what each decision earned after costs: long where it promised to pay, else 0."""
    return np.where(economics.expected(p) > 0.0, moves - ROUND_TRIP_COST, 0.0)
