"""Grid: buy at each level below the price, sell each purchase one level up.

The range is set around the close of the first candle and divided into `levels` steps, equally
far apart (arithmetic) or in equal ratio (geometric). Each step is a slot with its equal share of
the budget: idle, buying at its lower bound, holding, or selling at its upper bound. A buy rests
only while its price is below the last close, so nothing is bought at the start above the market;
slots above the price wait until it has risen past them. The strategy earns one step, less two
fees, each time the price crosses one down and up again, and is left holding below its range.
"""

from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from ct_strategies.jit import kernel
from ct_strategies.layout import (
    BUDGET,
    BUY,
    CLOSE,
    COMPLETE,
    FEE,
    IN_FLIGHT,
    OWN,
    QUANTITY,
    SELL,
    SIDE,
    SLOT,
)
from ct_strategies.orders import limit
from ct_strategies.rounding import floor_price, quantity_for, sellable
from ct_strategies.spec import Params, Strategy, Vector

COUNT, RATIOS = OWN, OWN + 1
STARTED = 0  # then the levels (COUNT + 1), the phases (COUNT) and what each slot holds (COUNT)
LEVELS = 1
IDLE, BUYING, HOLDING, SELLING = 0.0, 1.0, 2.0, 3.0

MIN_STEP_PERCENT = 0.05  # a quarter of the round trip fee at 0.1 % a side: below it no step can pay


class GridParams(Params):
    """Parameters of the grid."""

    levels: int = Field(
        default=10,
        ge=2,
        le=200,
        title="Levels",
        description="Number of buy levels; the budget is divided equally among them.",
        json_schema_extra={"unit": "levels", "group": "basic"},
    )
    range_below_percent: float = Field(
        default=6.0,
        ge=0.2,
        le=90.0,
        title="Range below",
        description="How far under the starting price the lowest buy lies.",
        json_schema_extra={"unit": "percent", "group": "basic"},
    )
    range_above_percent: float = Field(
        default=4.0,
        ge=0.2,
        le=300.0,
        title="Range above",
        description="How far over the starting price the highest sale lies.",
        json_schema_extra={"unit": "percent", "group": "basic"},
    )
    spacing: Literal["arithmetic", "geometric"] = Field(
        default="geometric",
        title="Spacing",
        description="Arithmetic: equal distance between levels. Geometric: equal percentage.",
        json_schema_extra={"group": "advanced"},
    )

    @model_validator(mode="after")
    def _steps_are_wide_enough(self) -> Self:
        ratios = _ratios(self)
        narrowest = min(high / low for low, high in pairwise(ratios)) - 1
        if narrowest * 100 < MIN_STEP_PERCENT:
            raise ValueError(
                f"levels would lie only {narrowest:.3%} apart, less than {MIN_STEP_PERCENT} %: "
                "fees would eat every step; take fewer levels or a wider range"
            )
        return self


def _ratios(params: GridParams) -> list[float]:
    low = 1.0 - params.range_below_percent / 100.0
    high = 1.0 + params.range_above_percent / 100.0
    steps = [index / params.levels for index in range(params.levels + 1)]
    if params.spacing == "arithmetic":
        return [low + (high - low) * step for step in steps]
    return [float(low * (high / low) ** step) for step in steps]


@kernel
def on_candle(
    state: Vector, params: Vector, candle: Vector, account: Vector, orders: Vector
) -> int:
    """Set the levels once; then rest a buy in every idle slot under the price."""
    if account[IN_FLIGHT] != 0.0:
        return 0
    count = int(params[COUNT])
    phases = LEVELS + count + 1
    close = candle[CLOSE]
    if state[STARTED] == 0.0:
        state[STARTED] = 1.0
        for index in range(count + 1):
            state[LEVELS + index] = floor_price(close * params[RATIOS + index], params)
    n = 0
    for slot in range(count):
        phase = state[phases + slot]
        if phase == IDLE and state[LEVELS + slot] < close:
            n = _buy(state, params, slot, orders, n)
        elif phase == HOLDING:
            n = _sell(state, params, slot, orders, n)
    return n


@kernel
def on_fill(state: Vector, params: Vector, fill: Vector, account: Vector, orders: Vector) -> int:  # noqa: ARG001 - the signature of every step
    """Turn a finished buy into a sale one level up, and a finished sale into the buy again."""
    count = int(params[COUNT])
    slot = int(fill[SLOT])
    phase = LEVELS + count + 1 + slot
    held = phase + count
    if fill[SIDE] == BUY:
        state[held] += fill[QUANTITY] - fill[FEE]
    else:
        state[held] -= fill[QUANTITY]
    if fill[COMPLETE] == 0.0:
        return 0
    stock = sellable(state[held], state[LEVELS + slot + 1], params)
    state[phase] = HOLDING if stock > 0.0 else IDLE
    if fill[QUANTITY] == 0.0:
        return 0  # the order ended unfilled: the next candle decides
    if stock > 0.0:
        return _sell(state, params, slot, orders, 0)
    return _buy(state, params, slot, orders, 0)


@kernel
def _buy(state: Vector, params: Vector, slot: int, orders: Vector, n: int) -> int:
    count = int(params[COUNT])
    price = state[LEVELS + slot]
    quantity = quantity_for(params[BUDGET] / params[COUNT], price, params)
    if quantity <= 0.0:
        return n
    state[LEVELS + count + 1 + slot] = BUYING
    return limit(orders, n, BUY, quantity, price, slot, 0)


@kernel
def _sell(state: Vector, params: Vector, slot: int, orders: Vector, n: int) -> int:
    count = int(params[COUNT])
    phase = LEVELS + count + 1 + slot
    price = state[LEVELS + slot + 1]
    quantity = sellable(state[phase + count], price, params)
    if quantity <= 0.0:
        return n
    state[phase] = SELLING
    return limit(orders, n, SELL, quantity, price, slot, 1)


STRATEGY = Strategy(
    id="grid",
    name="Grid",
    summary="Rests buys on a ladder below the price and sells each purchase one step higher. "
    "Earns in a market that swings inside the range, holds a loss below it.",
    version=1,
    params_model=GridParams,
    on_candle=on_candle,
    on_fill=on_fill,
    reasons=("level_below_price", "one_level_up"),
    encode=lambda params: [float(params.levels), *_ratios(params)],
    state_size=lambda params: LEVELS + 1 + 3 * int(params.levels),
    slots=lambda params: int(params.levels),
    warmup=lambda _params: 0,
    smallest_order=lambda params: 1.0 / float(params.levels),
)
