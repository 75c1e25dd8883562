"""Write the order rows a step asks for."""
# ruff: noqa: PLR0917 - numba kernels take their arguments by position

from ct_strategies.jit import kernel
from ct_strategies.layout import (
    ACTION,
    CANCEL,
    LIMIT,
    MARKET,
    PRICE,
    QUANTITY,
    REASON,
    SIDE,
    SLOT,
)
from ct_strategies.spec import Vector


@kernel
def market(orders: Vector, n: int, side: float, quantity: float, slot: int, reason: int) -> int:
    """Append a market order at row n; return the new count."""
    orders[n, ACTION] = MARKET
    orders[n, SIDE] = side
    orders[n, QUANTITY] = quantity
    orders[n, PRICE] = 0.0
    orders[n, SLOT] = slot
    orders[n, REASON] = reason
    return n + 1


@kernel
def limit(
    orders: Vector, n: int, side: float, quantity: float, price: float, slot: int, reason: int
) -> int:
    """Append a limit order at row n; return the new count."""
    orders[n, ACTION] = LIMIT
    orders[n, SIDE] = side
    orders[n, QUANTITY] = quantity
    orders[n, PRICE] = price
    orders[n, SLOT] = slot
    orders[n, REASON] = reason
    return n + 1


@kernel
def cancel(orders: Vector, n: int, slot: int, reason: int) -> int:
    """Append a cancel of the slot's resting order at row n; return the new count."""
    orders[n, ACTION] = CANCEL
    orders[n, SIDE] = 0.0
    orders[n, QUANTITY] = 0.0
    orders[n, PRICE] = 0.0
    orders[n, SLOT] = slot
    orders[n, REASON] = reason
    return n + 1


@kernel
def ignore_fill(
    state: Vector,  # noqa: ARG001 - the signature of every step
    params: Vector,  # noqa: ARG001
    fill: Vector,  # noqa: ARG001
    account: Vector,  # noqa: ARG001
    orders: Vector,  # noqa: ARG001
) -> int:
    """Do nothing on a fill, for strategies that read what they hold from the account."""
    return 0
