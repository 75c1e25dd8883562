"""Name the columns of the float64 vectors that pass between runner and step.

Vectors, not objects, because the same function must run under numba and under plain Python.
"""

from typing import Final

# Parameters: a common head, then each strategy's own values from OWN on.
BUDGET: Final = 0  # quote asset the bot may use
STEP_NUM: Final = 1  # quantity step as a fraction: k * num / den is the float nearest the decimal
STEP_DEN: Final = 2
TICK_NUM: Final = 3  # price tick as a fraction
TICK_DEN: Final = 4
MIN_QUANTITY: Final = 5
MIN_NOTIONAL: Final = 6
OWN: Final = 8

# Candle
OPEN_TIME: Final = 0  # epoch ms
OPEN: Final = 1
HIGH: Final = 2
LOW: Final = 3
CLOSE: Final = 4
VOLUME: Final = 5
CANDLE_COLUMNS: Final = 6

# Account: what belongs to this bot alone, resting orders not deducted.
QUOTE: Final = 0
BASE: Final = 1
IN_FLIGHT: Final = 2  # 1 while a market order has no outcome, and while warming up
ACCOUNT_COLUMNS: Final = 3

# Orders a step asks for
ACTION: Final = 0
SIDE: Final = 1
QUANTITY: Final = 2
PRICE: Final = 3
SLOT: Final = 4
REASON: Final = 5
ORDER_COLUMNS: Final = 6

MARKET: Final = 1.0
LIMIT: Final = 2.0
CANCEL: Final = 3.0

BUY: Final = 1.0
SELL: Final = -1.0

# Fill: SIDE, QUANTITY, PRICE and SLOT stand where they stand in an order.
FEE: Final = 0  # in the asset received: base for a buy, quote for a sell
COMPLETE: Final = 5  # 1 when the order has ended; quantity 0 then means it ended unfilled
FILL_COLUMNS: Final = 6
