"""What a strategy is: a parameter model, and a pure step that turns events into order targets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from ct_strategies.layout import (
    BUDGET,
    MIN_NOTIONAL,
    MIN_QUANTITY,
    OWN,
    STEP_DEN,
    STEP_NUM,
    TICK_DEN,
    TICK_NUM,
)
from ct_strategies.rounding import as_fraction

Vector = NDArray[np.float64]
Action = Literal["market", "limit", "cancel"]
SideName = Literal["buy", "sell"]
Step = Callable[[Vector, Vector, Vector, Vector, Vector], int]
"""(state, params, candle or fill, account, orders) -> number of order rows written.

`state` is changed in place; everything else but `orders` is read only. See `layout` for columns.
"""


class Instrument(Protocol):
    """The venue's steps and minima, as `ct_kit.domain.Instrument` carries them."""

    @property
    def tick_size(self) -> Decimal:
        """Return the price tick."""
        ...

    @property
    def step_size(self) -> Decimal:
        """Return the quantity step."""
        ...

    @property
    def min_quantity(self) -> Decimal:
        """Return the smallest quantity of an order."""
        ...

    @property
    def min_notional(self) -> Decimal:
        """Return the smallest price times quantity of an order."""
        ...


class Params(BaseModel):
    """Base of every parameter model: bounds, units and help live on the fields.

    Each field carries `title`, `description`, bounds, a default, and
    `json_schema_extra={"unit": ..., "group": "basic" | "advanced"}`; the form is drawn from them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _number_is_a_number(cls, value: object, info: ValidationInfo) -> object:
        # Not strict mode: a search hands a whole 12.0 to a parameter that counts.
        field = cls.model_fields[str(info.field_name)]
        if field.annotation in (int, float) and isinstance(value, (str, bool)):
            raise ValueError("must be a number, neither text nor a flag")
        return value


@dataclass(frozen=True, slots=True)
class Account:
    """What belongs to this bot alone: its budget less what it spent, and what it bought.

    Resting orders are not deducted. `in_flight` says that a market order has no outcome yet.
    """

    quote: Decimal
    base: Decimal
    in_flight: bool = False


@dataclass(frozen=True, slots=True)
class Fill:
    """A fill of one of our orders, or the end of one that no longer fills (quantity 0).

    `fee` is in the asset received (base for a buy, quote for a sell). `complete` is true when the
    order will not fill further: filled, cancelled, expired or refused.
    """

    side: SideName
    quantity: Decimal
    price: Decimal
    fee: Decimal
    slot: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Target:
    """One order the strategy wants now; execute a step's targets in the order given.

    A market order has no price, a cancel neither side, quantity nor price. A slot holds at most
    one resting order; `cancel` names the slot. A cancel must be settled before the next target.
    """

    action: Action
    side: SideName | None
    quantity: Decimal | None
    price: Decimal | None
    slot: int
    reason: str


@dataclass(frozen=True, slots=True)
class Strategy:
    """A strategy as one file declares it in its module variable STRATEGY.

    `encode` turns valid parameters into the step's own numbers (logarithms and powers belong
    here, not in the step); `check` names what is wrong with a budget on an instrument.
    """

    id: str
    name: str
    summary: str
    version: int
    params_model: type[Params]
    on_candle: Step
    on_fill: Step
    reasons: tuple[str, ...]
    encode: Callable[[Any], Sequence[float]]
    state_size: Callable[[Any], int]
    slots: Callable[[Any], int]
    warmup: Callable[[Any], int]
    smallest_order: Callable[[Any], float] = lambda _params: 1.0  # as a fraction of the budget
    intervals: tuple[str, ...] = ("1m", "5m", "15m", "1h", "4h", "1d")

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema the parameter form is drawn from."""
        return self.params_model.model_json_schema()

    def parse(self, parameters: object) -> Params:
        """Return validated parameters; raises pydantic.ValidationError naming every fault."""
        if isinstance(parameters, self.params_model):
            return parameters
        return self.params_model.model_validate(parameters)

    def warmup_candles(self, params: Params) -> int:
        """Return how many closed candles to feed before the first decision counts."""
        return self.warmup(params)

    def minimum_budget(self, params: Params, instrument: Instrument) -> Decimal:
        """Return the budget below which some order would be under the venue's min notional."""
        share = Decimal(repr(self.smallest_order(params)))
        return (instrument.min_notional / share).quantize(Decimal("0.01")) + Decimal("0.01")

    def vector(self, params: Params, instrument: Instrument, budget: Decimal) -> Vector:
        """Return the float64 parameter vector of the step. Raises ValueError on a bad budget."""
        if budget <= 0:
            raise ValueError(f"the budget must be positive; it was {budget}")
        own = list(self.encode(params))
        vector = np.zeros(OWN + len(own))
        vector[BUDGET] = float(budget)
        vector[STEP_NUM], vector[STEP_DEN] = as_fraction(instrument.step_size)
        vector[TICK_NUM], vector[TICK_DEN] = as_fraction(instrument.tick_size)
        vector[MIN_QUANTITY] = float(instrument.min_quantity)
        vector[MIN_NOTIONAL] = float(instrument.min_notional)
        vector[OWN:] = own
        return vector

    def max_orders(self, params: Params) -> int:
        """Return how many order rows one step may write: cancel and place in every slot, twice."""
        return 2 * self.slots(params) + 2
