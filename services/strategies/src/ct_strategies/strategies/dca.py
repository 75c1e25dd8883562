"""DCA: a base order, safety orders on the way down, one take profit for all of it.

A cycle starts with a market buy. When it is filled, safety orders rest below the entry, each
`step_scale` times further than the last and `volume_scale` times larger, all sized so that base
and safety orders together use the budget. One sale rests above the average price paid (fees in);
each filled safety order lowers it. When it fills, the remaining safety orders are cancelled and,
after a pause, the next cycle begins. An optional stop sells everything at market.
"""

from typing import Self

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
    PRICE,
    QUANTITY,
    SELL,
    SIDE,
    SLOT,
)
from ct_strategies.orders import cancel, limit, market
from ct_strategies.rounding import ceil_price, floor_price, quantity_for, sellable
from ct_strategies.spec import Params, Strategy, Vector

COUNT, PROFIT, STOP, PAUSE, BASE_SHARE, LADDER = OWN, OWN + 1, OWN + 2, OWN + 3, OWN + 4, OWN + 5
# LADDER: COUNT price ratios under the entry, then COUNT shares of the budget.

PHASE, HELD, COST, ENTRY, WAIT, PROFIT_RESTS, SAFETY = 0, 1, 2, 3, 4, 5, 6
# SAFETY: per safety order 0 not placed, 1 resting, 2 filled.
IDLE, ENTERING, ACTIVE, LEAVING = 0.0, 1.0, 2.0, 3.0

MAX_FALL = 0.95  # the deepest safety order must keep a price to buy at


class DcaParams(Params):
    """Parameters of DCA with safety orders."""

    safety_orders: int = Field(
        default=4,
        ge=0,
        le=30,
        title="Safety orders",
        description="How many further buys wait below the entry.",
        json_schema_extra={"unit": "orders", "group": "basic"},
    )
    deviation_percent: float = Field(
        default=1.5,
        ge=0.1,
        le=50.0,
        title="First safety order below entry",
        description="How far the price must fall for the first further buy.",
        json_schema_extra={"unit": "percent", "group": "basic"},
    )
    take_profit_percent: float = Field(
        default=1.2,
        ge=0.1,
        le=100.0,
        title="Take profit",
        description="Sale of everything this far above the average price paid, fees included.",
        json_schema_extra={"unit": "percent", "group": "basic"},
    )
    step_scale: float = Field(
        default=1.3,
        ge=1.0,
        le=5.0,
        title="Step scale",
        description="Each gap between safety orders is this many times the one before.",
        json_schema_extra={"unit": "times", "group": "advanced"},
    )
    volume_scale: float = Field(
        default=1.4,
        ge=0.5,
        le=5.0,
        title="Volume scale",
        description="Each safety order is this many times as large as the order before it.",
        json_schema_extra={"unit": "times", "group": "advanced"},
    )
    stop_loss_percent: float = Field(
        default=0.0,
        ge=0.0,
        le=90.0,
        title="Stop loss",
        description="Sell everything when a candle closes this far below the average; 0 is off.",
        json_schema_extra={"unit": "percent", "group": "advanced"},
    )
    pause_candles: int = Field(
        default=1,
        ge=0,
        le=10_000,
        title="Pause between cycles",
        description="Candles to wait after a cycle has ended.",
        json_schema_extra={"unit": "candles", "group": "advanced"},
    )
    reserve_percent: float = Field(
        default=1.0,
        ge=0.0,
        le=20.0,
        title="Cash reserve",
        description="Part of the budget kept back, for the price may move before a buy fills.",
        json_schema_extra={"unit": "percent", "group": "advanced"},
    )

    @model_validator(mode="after")
    def _ladder_stays_above_zero(self) -> Self:
        deepest = max(_falls(self), default=0.0)
        if deepest >= MAX_FALL:
            raise ValueError(
                f"the last safety order would lie {deepest:.0%} below the entry; "
                f"it must stay above {1 - MAX_FALL:.0%} of it: "
                "take fewer safety orders, a smaller deviation or a smaller step scale"
            )
        return self


def _falls(params: DcaParams) -> list[float]:
    falls, total = [], 0.0
    for index in range(params.safety_orders):
        total += params.deviation_percent / 100.0 * params.step_scale**index
        falls.append(total)
    return falls


def _shares(params: DcaParams) -> list[float]:
    weights = [params.volume_scale**index for index in range(params.safety_orders + 1)]
    usable = 1.0 - params.reserve_percent / 100.0
    return [float(usable * weight / sum(weights)) for weight in weights]


def _encode(params: DcaParams) -> list[float]:
    shares = _shares(params)
    return [
        float(params.safety_orders),
        1.0 + params.take_profit_percent / 100.0,
        1.0 - params.stop_loss_percent / 100.0 if params.stop_loss_percent else 0.0,
        float(params.pause_candles),
        shares[0],
        *(1.0 - fall for fall in _falls(params)),
        *shares[1:],
    ]


@kernel
def on_candle(
    state: Vector, params: Vector, candle: Vector, account: Vector, orders: Vector
) -> int:
    """Start a cycle, stop a losing one, or rest again an order that ended unfilled."""
    if account[IN_FLIGHT] != 0.0:
        return 0
    close = candle[CLOSE]
    if state[PHASE] == ACTIVE:
        if state[HELD] > 0.0 and close < state[COST] / state[HELD] * params[STOP]:
            return _leave(state, params, close, orders)
        return _rest(state, params, close, orders, 0)
    if state[PHASE] != IDLE:
        return 0
    if state[WAIT] > 0.0:
        state[WAIT] -= 1.0
        return 0
    quantity = quantity_for(params[BUDGET] * params[BASE_SHARE], close, params)
    if quantity <= 0.0:
        return 0
    state[PHASE] = ENTERING
    return market(orders, 0, BUY, quantity, 0, 0)


@kernel
def on_fill(state: Vector, params: Vector, fill: Vector, account: Vector, orders: Vector) -> int:  # noqa: ARG001 - the signature of every step
    """Keep the average; arm the ladder after the entry, move the sale after a safety order."""
    count = int(params[COUNT])
    slot = int(fill[SLOT])
    bought = fill[SIDE] == BUY
    if bought:
        state[HELD] += fill[QUANTITY] - fill[FEE]
        state[COST] += fill[QUANTITY] * fill[PRICE]
    elif state[HELD] > 0.0:
        left = max(state[HELD] - fill[QUANTITY], 0.0)
        state[COST] *= left / state[HELD]
        state[HELD] = left
    if fill[COMPLETE] == 0.0:
        return 0
    if fill[QUANTITY] == 0.0:
        _ended_unfilled(state, slot, count, bought)
        return 0
    if not bought:
        return _end_cycle(state, params, orders)
    if slot == 0:
        state[PHASE] = ACTIVE
        state[ENTRY] = fill[PRICE]
        return _rest(state, params, fill[PRICE], orders, 0)
    state[SAFETY + slot - 1] = 2.0
    n = 0
    if state[PROFIT_RESTS] == 1.0:
        state[PROFIT_RESTS] = 0.0
        n = cancel(orders, n, count + 1, 4)
    return _rest(state, params, fill[PRICE], orders, n)


@kernel
def _ended_unfilled(state: Vector, slot: int, count: int, bought: bool) -> None:
    if slot == count + 1:
        state[PROFIT_RESTS] = 0.0
    elif slot > 0:
        state[SAFETY + slot - 1] = 0.0
    elif bought:
        # Refused or cut short: hold what came, else be idle; the next candle goes on from there.
        state[PHASE] = ACTIVE if state[HELD] > 0.0 else IDLE
        if state[HELD] > 0.0:
            state[ENTRY] = state[COST] / state[HELD]
    else:
        state[PHASE] = ACTIVE


@kernel
def _rest(state: Vector, params: Vector, price: float, orders: Vector, n: int) -> int:
    """Rest every safety order that is missing and lies below the price, and the sale."""
    count = int(params[COUNT])
    for index in range(count):
        level = floor_price(state[ENTRY] * params[LADDER + index], params)
        if state[SAFETY + index] != 0.0 or level >= price:
            continue
        quantity = quantity_for(params[BUDGET] * params[LADDER + count + index], level, params)
        if quantity > 0.0:
            state[SAFETY + index] = 1.0
            n = limit(orders, n, BUY, quantity, level, index + 1, 1)
    if state[PROFIT_RESTS] == 0.0 and state[HELD] > 0.0:
        goal = ceil_price(state[COST] / state[HELD] * params[PROFIT], params)
        quantity = sellable(state[HELD], goal, params)
        if quantity > 0.0:
            state[PROFIT_RESTS] = 1.0
            n = limit(orders, n, SELL, quantity, goal, count + 1, 2)
    return n


@kernel
def _leave(state: Vector, params: Vector, close: float, orders: Vector) -> int:
    """Cancel all and sell at market; a holding too small to sell ends the cycle as it is."""
    n = _cancel_resting(state, params, orders, 3)
    quantity = sellable(state[HELD], close, params)
    if quantity <= 0.0:
        _reset(state, params)
        return n
    state[PHASE] = LEAVING
    return market(orders, n, SELL, quantity, 0, 3)


@kernel
def _end_cycle(state: Vector, params: Vector, orders: Vector) -> int:
    state[PROFIT_RESTS] = 0.0
    n = _cancel_resting(state, params, orders, 5)
    _reset(state, params)
    return n


@kernel
def _reset(state: Vector, params: Vector) -> None:
    state[PHASE] = IDLE
    state[HELD] = 0.0  # dust below the step stays with the account
    state[COST] = 0.0
    state[WAIT] = params[PAUSE]
    for index in range(int(params[COUNT])):
        state[SAFETY + index] = 0.0


@kernel
def _cancel_resting(state: Vector, params: Vector, orders: Vector, reason: int) -> int:
    count = int(params[COUNT])
    n = 0
    for index in range(count):
        if state[SAFETY + index] == 1.0:
            state[SAFETY + index] = 0.0
            n = cancel(orders, n, index + 1, reason)
    if state[PROFIT_RESTS] == 1.0:
        state[PROFIT_RESTS] = 0.0
        n = cancel(orders, n, count + 1, reason)
    return n


STRATEGY = Strategy(
    id="dca",
    name="DCA with safety orders",
    summary="Buys, buys more on the way down, and sells all of it a little above the average "
    "price. Many small gains, and a large loss when the price does not come back.",
    version=1,
    params_model=DcaParams,
    on_candle=on_candle,
    on_fill=on_fill,
    reasons=(
        "cycle_start",
        "safety_order",
        "take_profit",
        "stop_loss",
        "take_profit_moves",
        "cycle_ended",
    ),
    encode=_encode,
    state_size=lambda params: SAFETY + int(params.safety_orders),
    slots=lambda params: int(params.safety_orders) + 2,
    warmup=lambda _params: 0,
    smallest_order=lambda params: min(_shares(params)),
)
