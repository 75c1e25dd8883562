"""Binance Spot as data: error codes, limits, weights, spellings.

Source: binance/binance-spot-api-docs, rest-api.md, errors.md, filters.md, snapshot of 2026-07-21.
"""

from ct_simulator.errors import Reason

MAX_RECV_WINDOW_MS = 60_000
DEFAULT_RECV_WINDOW_MS = 5_000
MAX_AHEAD_MS = 1_000

WEIGHT_LIMIT_1M = 6_000
ORDER_LIMIT_10S = 100
ORDER_LIMIT_1D = 200_000
BAN_AFTER_REFUSALS = 20
"""Requests sent on into a 429 before the address is banned; Binance does not publish its number."""
BAN_S = 120

SYMBOL_RANGE = "^[A-Z0-9-_.]{1,20}$"
CLIENT_ID_RANGE = "^[a-zA-Z0-9-_]{1,36}$"
NUMBER_RANGE = r"^([0-9]{1,20})(\.[0-9]{1,20})?$"
INTEGER_RANGE = "^[0-9]{1,20}$"
SYMBOLS_RANGE = r"^\[(\"[A-Z0-9-_.]{1,20}\"(,\"[A-Z0-9-_.]{1,20}\"){0,}){0,1}\]$"

# (code, text) of what the engine refuses
REFUSALS: dict[Reason, tuple[int, str]] = {
    Reason.PRICE_STEP: (-1013, "Filter failure: PRICE_FILTER"),
    Reason.PRICE_BAND: (-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    Reason.QUANTITY_STEP: (-1013, "Filter failure: LOT_SIZE"),
    Reason.MARKET_QUANTITY: (-1013, "Filter failure: MARKET_LOT_SIZE"),
    Reason.NOTIONAL: (-1013, "Filter failure: NOTIONAL"),
    Reason.TOO_MANY_OPEN: (-1013, "Filter failure: MAX_NUM_ORDERS"),
    Reason.INSUFFICIENT_BALANCE: (-2010, "Account has insufficient balance for requested action."),
    Reason.DUPLICATE_CLIENT_ORDER_ID: (-2010, "Duplicate order sent."),
    Reason.WOULD_TAKE: (-2010, "Order would immediately match and take."),
}

# order types of the real venue that are not simulated, and its words for that
UNSUPPORTED_TYPES = {
    "STOP_LOSS": "Stop loss orders are not supported for this symbol.",
    "STOP_LOSS_LIMIT": "Stop loss limit orders are not supported for this symbol.",
    "TAKE_PROFIT": "Take profit orders are not supported for this symbol.",
    "TAKE_PROFIT_LIMIT": "Take profit limit orders are not supported for this symbol.",
}

ARCHIVED_AFTER_MS = 90 * 86_400_000
"""Canceled or expired orders without a fill are gone after this long (-2026)."""
LOOKUP_SPAN_MS = 86_400_000

RESTRICTED_TEXT = (
    "Service unavailable from a restricted location according to 'b. Eligibility' in "
    "https://www.binance.com/en/terms. Please contact customer service if you believe you "
    "received this message in error."
)
