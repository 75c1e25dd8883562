"""Drive a strategy one event at a time, as a live bot does.

The step is the function the backtest kernel loops over. Here it runs as plain Python by default:
one candle a minute needs no compiler, and a runner of many bots stays small. `compiled=True` runs
the numba twin; a test shows that both decide alike to the last bit.
"""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from ct_strategies.jit import compiled as compile_kernel
from ct_strategies.layout import (
    ACTION,
    BASE,
    BUY,
    CANCEL,
    CANDLE_COLUMNS,
    COMPLETE,
    FEE,
    FILL_COLUMNS,
    IN_FLIGHT,
    LIMIT,
    MARKET,
    ORDER_COLUMNS,
    PRICE,
    QUANTITY,
    QUOTE,
    REASON,
    SELL,
    SIDE,
    SLOT,
)
from ct_strategies.rounding import to_decimal
from ct_strategies.spec import Account, Action, Fill, Instrument, Params, Strategy, Target, Vector

_ACTIONS: dict[float, Action] = {MARKET: "market", LIMIT: "limit", CANCEL: "cancel"}
Candle = Sequence[float] | Vector
"""(open_time in epoch ms, open, high, low, close, volume), closed."""


class Stepper:
    """One strategy with its parameters on one instrument, and its state.

    Not thread-safe. The state is a list of floats that JSON carries exactly (shortest repr), so a
    stepper rebuilt from a stored state continues with the same decisions.
    """

    def __init__(
        self,
        strategy: Strategy,
        params: Params,
        instrument: Instrument,
        budget: Decimal,
        *,
        state: Sequence[float] | None = None,
        compiled: bool = False,
    ) -> None:
        """Start afresh, or from `state` as an earlier stepper of these parameters stored it.

        Raises ValueError where the state has another length than these parameters make.
        """
        self.strategy = strategy
        self.params = params
        self._instrument = instrument
        self._vector = strategy.vector(params, instrument, budget)
        self._orders = np.zeros((strategy.max_orders(params), ORDER_COLUMNS))
        size = strategy.state_size(params)
        if state is not None and len(state) != size:
            raise ValueError(f"the state must hold {size} numbers; it held {len(state)}")
        self._state = np.zeros(size) if state is None else np.array(state, dtype=np.float64)
        self._on_candle = strategy.on_candle
        self._on_fill = strategy.on_fill
        if compiled:
            self._on_candle = compile_kernel(strategy.on_candle)
            self._on_fill = compile_kernel(strategy.on_fill)

    @property
    def state(self) -> list[float]:
        """Return a copy of the state, ready for JSON."""
        return [float(value) for value in self._state]

    def warm_up(self, candle: Candle) -> None:
        """Let the indicators see a past candle; no order comes of it."""
        account = Account(quote=Decimal(0), base=Decimal(0), in_flight=True)
        if self.on_candle(candle, account):
            raise RuntimeError(f"{self.strategy.id} asked for an order while warming up")

    def on_candle(self, candle: Candle, account: Account) -> list[Target]:
        """Return what the strategy wants after this closed candle."""
        row = np.asarray(candle, dtype=np.float64)
        if row.shape != (CANDLE_COLUMNS,) or not np.isfinite(row).all():
            raise ValueError(f"a candle must be {CANDLE_COLUMNS} finite numbers; it was {candle}")
        count = self._on_candle(
            self._state, self._vector, row, _account_vector(account), self._orders
        )
        return self._targets(count)

    def on_fill(self, fill: Fill, account: Account) -> list[Target]:
        """Return what the strategy wants after this fill; `account` is the one after it."""
        row = np.zeros(FILL_COLUMNS)
        row[FEE] = float(fill.fee)
        row[SIDE] = BUY if fill.side == "buy" else SELL
        row[QUANTITY] = float(fill.quantity)
        row[PRICE] = float(fill.price)
        row[SLOT] = float(fill.slot)
        row[COMPLETE] = 1.0 if fill.complete else 0.0
        count = self._on_fill(
            self._state, self._vector, row, _account_vector(account), self._orders
        )
        return self._targets(count)

    def _targets(self, count: int) -> list[Target]:
        return [self._target(row) for row in self._orders[:count]]

    def _target(self, row: Vector) -> Target:
        action = _ACTIONS[float(row[ACTION])]
        reason = self.strategy.reasons[int(row[REASON])]
        slot = int(row[SLOT])
        if action == "cancel":
            return Target(action, None, None, None, slot, reason)
        step, tick = self._instrument.step_size, self._instrument.tick_size
        return Target(
            action=action,
            side="buy" if row[SIDE] == BUY else "sell",
            quantity=to_decimal(float(row[QUANTITY]), step),
            price=to_decimal(float(row[PRICE]), tick) if action == "limit" else None,
            slot=slot,
            reason=reason,
        )


def _account_vector(account: Account) -> Vector:
    vector = np.zeros(3)
    vector[QUOTE] = float(account.quote)
    vector[BASE] = float(account.base)
    vector[IN_FLIGHT] = 1.0 if account.in_flight else 0.0
    return vector
