"""EMA cross trend: long while the fast average is above the slow one, else flat.

Each closed candle moves two exponential averages of the close, seeded with the first close seen,
alpha = 2 / (period + 1). When the fast one rises above the slow one the strategy buys at market
for its budget (less a reserve for the price moving before the order fills), sized from that
candle's close. While the fast one is below, whatever is held is sold at market. An entry needs
the cross itself: a bot started in the middle of a trend waits for the next one. An exit needs
only the averages, so a sale that failed is tried again.
"""

from typing import Self

from pydantic import Field, model_validator

from ct_strategies.jit import kernel
from ct_strategies.layout import BASE, BUDGET, BUY, CLOSE, IN_FLIGHT, OWN, QUOTE, SELL
from ct_strategies.orders import ignore_fill, market
from ct_strategies.rounding import quantity_for, sellable
from ct_strategies.spec import Params, Strategy, Vector

FAST_ALPHA, SLOW_ALPHA, WARMUP, USABLE = OWN, OWN + 1, OWN + 2, OWN + 3
SEEN, FAST, SLOW, ABOVE = 0, 1, 2, 3

# The seed's weight after n candles is (1 - alpha)^n; after 3 slow periods it is about e^-6.
SEED_DECAY_PERIODS = 3


class EmaCrossParams(Params):
    """Parameters of the EMA cross."""

    fast: int = Field(
        default=12,
        ge=2,
        le=500,
        title="Fast average",
        description="Period of the average that follows the price closely.",
        json_schema_extra={"unit": "candles", "group": "basic"},
    )
    slow: int = Field(
        default=26,
        ge=3,
        le=2000,
        title="Slow average",
        description="Period of the average that shows the trend; longer trades less.",
        json_schema_extra={"unit": "candles", "group": "basic"},
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
    def _fast_is_faster(self) -> Self:
        if self.fast >= self.slow:
            raise ValueError(
                f"fast must be smaller than slow; they were {self.fast} and {self.slow}"
            )
        return self


@kernel
def on_candle(
    state: Vector, params: Vector, candle: Vector, account: Vector, orders: Vector
) -> int:
    """Move the averages; buy on an upward cross, sell while below."""
    close = candle[CLOSE]
    if state[SEEN] == 0.0:
        state[FAST] = close
        state[SLOW] = close
    state[SEEN] += 1.0
    state[FAST] += params[FAST_ALPHA] * (close - state[FAST])
    state[SLOW] += params[SLOW_ALPHA] * (close - state[SLOW])
    was_above = state[ABOVE]
    state[ABOVE] = 1.0 if state[FAST] > state[SLOW] else 0.0
    if account[IN_FLIGHT] != 0.0 or state[SEEN] <= params[WARMUP]:
        return 0
    if state[ABOVE] == 0.0:
        if account[BASE] <= 0.0:
            return 0
        quantity = sellable(account[BASE], close, params)
        return market(orders, 0, SELL, quantity, 0, 1) if quantity > 0.0 else 0
    if was_above != 0.0:
        return 0
    if sellable(account[BASE], close, params) > 0.0:
        return 0
    quote = min(params[BUDGET], account[QUOTE]) * params[USABLE]
    quantity = quantity_for(quote, close, params)
    return market(orders, 0, BUY, quantity, 0, 0) if quantity > 0.0 else 0


def _encode(params: EmaCrossParams) -> list[float]:
    return [
        2.0 / (params.fast + 1.0),
        2.0 / (params.slow + 1.0),
        float(params.slow),
        1.0 - params.reserve_percent / 100.0,
    ]


STRATEGY = Strategy(
    id="ema_cross",
    name="EMA cross trend",
    summary="Buys when a fast average of the price rises above a slow one, sells when it falls "
    "below. Earns in long trends, pays fees in sideways markets.",
    version=1,
    params_model=EmaCrossParams,
    on_candle=on_candle,
    on_fill=ignore_fill,
    reasons=("fast_rose_above_slow", "fast_below_slow"),
    encode=_encode,
    state_size=lambda _params: 4,
    slots=lambda _params: 1,
    warmup=lambda params: SEED_DECAY_PERIODS * int(params.slow),
    smallest_order=lambda params: 1.0 - float(params.reserve_percent) / 100.0,
)
