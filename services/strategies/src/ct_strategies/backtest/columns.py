"""Name the columns of the kernel's own arrays."""

from typing import Final

# Account of the kernel: the three columns the step sees (layout.py), then the kernel's counters.
PENDING_COUNT: Final = 3  # market orders that wait for the next open
BEST_BUY: Final = 4  # highest eligible resting buy, 0 when none; may be stale on the high side
BEST_SELL: Final = 5  # lowest eligible resting sell, infinity when none; may be stale likewise
REFUSED: Final = 6  # orders refused for lack of funds or below the venue's minima
EXPOSED: Final = 7  # candles that closed with a position
DECIDED: Final = 8  # candles after the warm-up
FED: Final = 9  # candles in all
KERNEL_ACCOUNT_COLUMNS: Final = 10

# Book: one row per slot, an order's columns with these in place of ACTION and SLOT
RESTS: Final = 0  # 1 while an order rests here
ELIGIBLE: Final = 4  # 0 until the end of the candle in which a limit fill caused the order

# Costs
TAKER: Final = 0
MAKER: Final = 1
SHIFT: Final = 2  # half spread and slippage as a fraction of the price

# Trades
T_TIME: Final = 0
T_SIDE: Final = 1
T_QUANTITY: Final = 2
T_PRICE: Final = 3
T_FEE: Final = 4  # in the asset received
T_SLOT: Final = 5
T_REASON: Final = 6
T_BASE: Final = 7  # base held after the fill
T_MAKER: Final = 8
TRADE_COLUMNS: Final = 9
