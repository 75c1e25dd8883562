"""The backtest loop: candles in, fills and equity out, on the live bots' own step.

Fill model: docs/fill-model.md. `on_candle` and `on_fill` below are stand-ins; `jit.compiled`
binds a strategy's step in their place.
"""
# ruff: noqa: PLR0917 - numba kernels take their arrays by position

import numpy as np

from ct_strategies.backtest.columns import (
    BEST_BUY,
    BEST_SELL,
    DECIDED,
    ELIGIBLE,
    EXPOSED,
    FED,
    MAKER,
    PENDING_COUNT,
    REFUSED,
    RESTS,
    SHIFT,
    T_BASE,
    T_FEE,
    T_MAKER,
    T_PRICE,
    T_QUANTITY,
    T_REASON,
    T_SIDE,
    T_SLOT,
    T_TIME,
    TAKER,
)
from ct_strategies.jit import kernel
from ct_strategies.layout import (
    ACTION,
    BASE,
    BUY,
    CANCEL,
    CLOSE,
    COMPLETE,
    FEE,
    HIGH,
    IN_FLIGHT,
    LOW,
    MARKET,
    MIN_NOTIONAL,
    OPEN,
    OPEN_TIME,
    PRICE,
    QUANTITY,
    QUOTE,
    REASON,
    SELL,
    SIDE,
    SLOT,
)
from ct_strategies.orders import ignore_fill as on_candle
from ct_strategies.orders import ignore_fill as on_fill
from ct_strategies.rounding import ceil_price, floor_price, tradable
from ct_strategies.spec import Vector

FUNDS_TOLERANCE = 1e-9  # relative; the float noise of a long sum of fills stays far below it


@kernel
def run_rows(
    candles: Vector,
    first: int,
    params: Vector,
    costs: Vector,
    warmup: float,
    state: Vector,
    account: Vector,
    book: Vector,
    pending: Vector,
    orders: Vector,
    fill: Vector,
    trades: Vector,
    traded: int,
    equity: Vector,
) -> tuple[int, int]:
    """Run the rows from `first` on; return (next row, trades written so far).

    Stops early where `trades` might overflow, so that the caller can enlarge it and go on: all
    that carries over stands in the arrays. See docs/fill-model.md for what happens in a candle.
    """
    slots = book.shape[0]
    busiest = slots + pending.shape[0]
    for row in range(first, candles.shape[0]):
        if traded + busiest > trades.shape[0]:
            return row, traded
        candle = candles[row]
        account[FED] += 1.0
        if account[FED] <= warmup:
            account[IN_FLIGHT] = 1.0
            on_candle(state, params, candle, account, orders)
            account[IN_FLIGHT] = 0.0
            equity[row] = account[QUOTE] + account[BASE] * candle[CLOSE]
            continue
        account[DECIDED] += 1.0
        if account[PENDING_COUNT] > 0.0:
            traded = _fill_markets(
                candle, params, costs, state, account, book, pending, orders, fill, trades, traded
            )
        if candle[LOW] < account[BEST_BUY] or candle[HIGH] > account[BEST_SELL]:
            traded = _fill_limits(
                candle, params, costs, state, account, book, pending, orders, fill, trades, traded
            )
        account[IN_FLIGHT] = 1.0 if account[PENDING_COUNT] > 0.0 else 0.0
        count = on_candle(state, params, candle, account, orders)
        if count > 0:
            _accept(count, 1.0, params, state, account, book, pending, orders, fill)
        if account[BASE] > 0.0 and account[BASE] * candle[CLOSE] >= params[MIN_NOTIONAL]:
            account[EXPOSED] += 1.0
        equity[row] = account[QUOTE] + account[BASE] * candle[CLOSE]
    return candles.shape[0], traded


@kernel
def _fill_markets(
    candle: Vector,
    params: Vector,
    costs: Vector,
    state: Vector,
    account: Vector,
    book: Vector,
    pending: Vector,
    orders: Vector,
    fill: Vector,
    trades: Vector,
    traded: int,
) -> int:
    """Fill what waited at this open, spread and slippage against us, rounded away from us."""
    waiting = int(account[PENDING_COUNT])
    for index in range(waiting):
        order = pending[index]
        if order[SIDE] == BUY:
            price = ceil_price(candle[OPEN] * (1.0 + costs[SHIFT]), params)
        else:
            price = floor_price(candle[OPEN] * (1.0 - costs[SHIFT]), params)
        account[IN_FLIGHT] = 1.0 if index + 1 < waiting else 0.0
        quantity = order[QUANTITY]
        if not _affordable(order[SIDE], quantity, price, params, account, book):
            _refuse(order[SIDE], order[SLOT], state, params, account, orders, fill)
            continue
        _settle(
            candle[OPEN_TIME],
            order[SIDE],
            quantity,
            price,
            costs[TAKER],
            order[SLOT],
            order[REASON],
            0.0,
            account,
            fill,
            trades[traded],
        )
        traded += 1
        count = on_fill(state, params, fill, account, orders)
        _accept(count, 1.0, params, state, account, book, pending, orders, fill)
    # Market orders caused by these fills stand behind them and wait for the next open.
    left = int(account[PENDING_COUNT]) - waiting
    for index in range(left):
        pending[index] = pending[waiting + index]
    account[PENDING_COUNT] = left
    return traded


@kernel
def _fill_limits(
    candle: Vector,
    params: Vector,
    costs: Vector,
    state: Vector,
    account: Vector,
    book: Vector,
    pending: Vector,
    orders: Vector,
    fill: Vector,
    trades: Vector,
    traded: int,
) -> int:
    """Fill what the candle traded through: first the way down, then the way up."""
    for side in (BUY, SELL):
        while True:
            slot = _next_through(side, candle, book)
            if slot < 0:
                break
            row = book[slot]
            row[RESTS] = 0.0
            account[IN_FLIGHT] = 1.0 if account[PENDING_COUNT] > 0.0 else 0.0
            _settle(
                candle[OPEN_TIME],
                side,
                row[QUANTITY],
                row[PRICE],
                costs[MAKER],
                slot,
                row[REASON],
                1.0,
                account,
                fill,
                trades[traded],
            )
            traded += 1
            count = on_fill(state, params, fill, account, orders)
            _accept(count, 0.0, params, state, account, book, pending, orders, fill)
    account[BEST_BUY] = 0.0
    account[BEST_SELL] = np.inf
    for slot in range(book.shape[0]):
        if book[slot, RESTS] == 1.0:
            book[slot, ELIGIBLE] = 1.0
            _note_best(book[slot], account)
    return traded


@kernel
def _next_through(side: float, candle: Vector, book: Vector) -> int:
    """Return the slot of the order the price meets next on its way, or -1."""
    found = -1
    best = candle[LOW] if side == BUY else candle[HIGH]
    for slot in range(book.shape[0]):
        row = book[slot]
        if row[RESTS] != 1.0 or row[ELIGIBLE] != 1.0 or row[SIDE] != side:
            continue
        if (row[PRICE] - best) * side > 0.0:
            best = row[PRICE]
            found = slot
    return found


@kernel
def _settle(
    time: float,
    side: float,
    quantity: float,
    price: float,
    fee_rate: float,
    slot: float,
    reason: float,
    maker: float,
    account: Vector,
    fill: Vector,
    trade: Vector,
) -> None:
    """Move the account, write the fill for the step and the trade for the result."""
    if side == BUY:
        fee = quantity * fee_rate
        account[QUOTE] -= quantity * price
        account[BASE] += quantity - fee
    else:
        fee = quantity * price * fee_rate
        account[QUOTE] += quantity * price - fee
        account[BASE] = max(account[BASE] - quantity, 0.0)
    fill[FEE] = fee
    fill[SIDE] = side
    fill[QUANTITY] = quantity
    fill[PRICE] = price
    fill[SLOT] = slot
    fill[COMPLETE] = 1.0
    trade[T_TIME] = time
    trade[T_SIDE] = side
    trade[T_QUANTITY] = quantity
    trade[T_PRICE] = price
    trade[T_FEE] = fee
    trade[T_SLOT] = slot
    trade[T_REASON] = reason
    trade[T_BASE] = account[BASE]
    trade[T_MAKER] = maker


@kernel
def _accept(
    count: int,
    eligible: float,
    params: Vector,
    state: Vector,
    account: Vector,
    book: Vector,
    pending: Vector,
    orders: Vector,
    fill: Vector,
) -> None:
    """Take a step's orders: market ones wait for the next open, limit ones rest, or are refused."""
    for index in range(count):
        order = orders[index]
        slot = int(order[SLOT])
        if order[ACTION] == CANCEL:
            book[slot, RESTS] = 0.0
        elif order[ACTION] == MARKET:
            waiting = int(account[PENDING_COUNT])
            pending[waiting] = order
            account[PENDING_COUNT] = waiting + 1
        elif book[slot, RESTS] == 1.0 or not _affordable(
            order[SIDE], order[QUANTITY], order[PRICE], params, account, book
        ):
            _refuse(order[SIDE], order[SLOT], state, params, account, orders, fill)
        else:
            book[slot] = order
            book[slot, RESTS] = 1.0
            book[slot, ELIGIBLE] = eligible
            if eligible == 1.0:
                _note_best(book[slot], account)


@kernel
def _note_best(row: Vector, account: Vector) -> None:
    if row[SIDE] == BUY:
        account[BEST_BUY] = max(account[BEST_BUY], row[PRICE])
    else:
        account[BEST_SELL] = min(account[BEST_SELL], row[PRICE])


@kernel
def _affordable(
    side: float, quantity: float, price: float, params: Vector, account: Vector, book: Vector
) -> bool:
    """Say whether what rests leaves enough, and whether the venue's minima are met."""
    if tradable(quantity, price, params) <= 0.0:
        return False
    locked = 0.0
    for slot in range(book.shape[0]):
        if book[slot, RESTS] == 1.0 and book[slot, SIDE] == side:
            amount = book[slot, QUANTITY]
            locked += amount * book[slot, PRICE] if side == BUY else amount
    if side == BUY:
        free = account[QUOTE] * (1.0 + FUNDS_TOLERANCE) - locked
        return bool(quantity * price <= free)
    free = account[BASE] * (1.0 + FUNDS_TOLERANCE) - locked
    return bool(quantity <= free)


@kernel
def _refuse(
    side: float,
    slot: float,
    state: Vector,
    params: Vector,
    account: Vector,
    orders: Vector,
    fill: Vector,
) -> None:
    """Tell the step that its order ended unfilled; it answers with its next candle."""
    account[REFUSED] += 1.0
    fill[FEE] = 0.0
    fill[SIDE] = side
    fill[QUANTITY] = 0.0
    fill[PRICE] = 0.0
    fill[SLOT] = slot
    fill[COMPLETE] = 1.0
    on_fill(state, params, fill, account, orders)
