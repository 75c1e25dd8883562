"""Round to venue steps without depending on float noise.

A step is a fraction num/den. A whole number of steps k becomes k * num / den: k * num is exact
below 2**53 and the one division is correctly rounded, so the result is the float nearest to the
decimal the venue sees, and a live `Decimal` and a backtest float never disagree.
"""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ct_strategies.jit import kernel
from ct_strategies.layout import (
    MIN_NOTIONAL,
    MIN_QUANTITY,
    STEP_DEN,
    STEP_NUM,
    TICK_DEN,
    TICK_NUM,
)

# What may be missing to a whole step and still count as one. A balance summed over thousands of
# fills is off by some 1e-14 of itself, so part of the tolerance grows with the number of steps;
# venues keep eight decimals, so what is really missing to a step is far larger than both parts.
TOLERANCE = 1e-9
RELATIVE_TOLERANCE = 1e-12


@kernel
def floor_to(value: float, num: float, den: float) -> float:
    """Return the largest multiple of num/den not above value (give or take the tolerance)."""
    steps = value * den / num
    return math.floor(steps + TOLERANCE + steps * RELATIVE_TOLERANCE) * num / den


@kernel
def ceil_to(value: float, num: float, den: float) -> float:
    """Return the smallest multiple of num/den not below value (give or take the tolerance)."""
    steps = value * den / num
    return math.ceil(steps - TOLERANCE - steps * RELATIVE_TOLERANCE) * num / den


@kernel
def quantity_for(quote: float, price: float, params: NDArray[np.float64]) -> float:
    """Return the quantity `quote` buys at `price`, floored to the step, or 0 below the minima."""
    if price <= 0.0 or quote <= 0.0:
        return 0.0
    quantity = floor_to(quote / price, params[STEP_NUM], params[STEP_DEN])
    return tradable(quantity, price, params)


@kernel
def sellable(base: float, price: float, params: NDArray[np.float64]) -> float:
    """Return the part of `base` the venue would take at `price`; dust gives 0."""
    quantity = floor_to(base, params[STEP_NUM], params[STEP_DEN])
    return tradable(quantity, price, params)


@kernel
def tradable(quantity: float, price: float, params: NDArray[np.float64]) -> float:
    """Return the quantity, or 0 where the venue's minimum quantity or notional refuses it."""
    if quantity <= 0.0 or quantity < params[MIN_QUANTITY]:
        return 0.0
    if quantity * price < params[MIN_NOTIONAL]:
        return 0.0
    return quantity


@kernel
def floor_price(price: float, params: NDArray[np.float64]) -> float:
    """Return the price floored to the tick."""
    return floor_to(price, params[TICK_NUM], params[TICK_DEN])


@kernel
def ceil_price(price: float, params: NDArray[np.float64]) -> float:
    """Return the price raised to the tick."""
    return ceil_to(price, params[TICK_NUM], params[TICK_DEN])


def as_fraction(step: Decimal) -> tuple[float, float]:
    """Return a step as an exact (numerator, denominator) pair of floats.

    Raises ValueError for a step that is not positive.
    """
    if step <= 0:
        raise ValueError(f"a step must be positive; it was {step}")
    ratio = Fraction(step)
    return float(ratio.numerator), float(ratio.denominator)


def to_decimal(value: float, step: Decimal) -> Decimal:
    """Return the decimal multiple of `step` nearest to a float that stands on it."""
    num, den = as_fraction(step)
    return round(value * den / num) * step
