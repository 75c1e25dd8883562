"""Binance Spot as data: paths, weights, streams and every error code.

Source: binance-spot-api-docs a5e0bc3 (2026-07-21), rest-api.md, errors.md, web-socket-streams.md.
"""

from ct_exchange_bridge.domain.venue_error import VenueErrorKind as Kind

VENUE = "binance"

WEIGHT_PER_MINUTE = 6_000
WEIGHT_RESERVE = 0.2
"""Share of the weight kept for orders, cancels and reconciliation."""

RECV_WINDOW_MS = 5_000
"""The venue's default; it is our fence against a paused sender, so shorter is safer."""

CONNECT_TIMEOUT_S = 3.0
ORDER_READ_TIMEOUT_S = 12.0
"""The venue gives up after 10 s with -1007; hanging up earlier would make unknowns ourselves."""
DATA_READ_TIMEOUT_S = 8.0
MAX_BODY_BYTES = 16 * 1024 * 1024
"""exchangeInfo of all symbols, the largest answer, is about 12 MB unpacked."""

MAX_KLINES = 1_000
MAX_TRADES = 1_000
MAX_ORDERS = 1_000

WEIGHTS: dict[tuple[str, str], int] = {
    ("GET", "/api/v3/time"): 1,
    ("GET", "/api/v3/exchangeInfo"): 20,
    ("GET", "/api/v3/depth"): 5,
    ("GET", "/api/v3/trades"): 25,
    ("GET", "/api/v3/klines"): 2,
    ("GET", "/api/v3/ticker/24hr"): 80,
    ("GET", "/api/v3/account"): 20,
    ("POST", "/api/v3/order"): 1,
    ("DELETE", "/api/v3/order"): 1,
    ("GET", "/api/v3/order"): 4,
    ("GET", "/api/v3/openOrders"): 80,
    ("GET", "/api/v3/allOrders"): 20,
    ("GET", "/api/v3/myTrades"): 20,
    ("GET", "/sapi/v1/account/apiRestrictions"): 1,
}
"""Weight of each call; where it depends on the parameters, the dearest form we use."""

SUBSCRIBE_USER_STREAM = "userDataStream.subscribe.signature"
PUBLIC_STREAMS = ("kline_1m", "ticker", "depth20", "trade")
STREAM_SILENCE_S = 30.0
"""The server pings every 20 s; nothing at all for longer means the connection is dead (O8)."""

_MARKET_CLOSED = "market is closed"

NOT_ACCEPTED: frozenset[int] = frozenset({-1013, -2010})
"""On submission these say the order was turned away, whatever the text (a duplicate apart)."""

HTTP_STATUS: dict[int, Kind] = {
    403: Kind.RATE_LIMITED,  # the web application firewall, which also counts requests
    418: Kind.RATE_LIMITED,
    429: Kind.RATE_LIMITED,
    451: Kind.GEO_RESTRICTED,
}

ERROR_CODES: dict[int, Kind] = {
    -1000: Kind.UNKNOWN_OUTCOME,
    -1001: Kind.UNKNOWN_OUTCOME,
    -1002: Kind.AUTH_FAILED,
    -1003: Kind.RATE_LIMITED,
    -1006: Kind.UNKNOWN_OUTCOME,
    -1007: Kind.UNKNOWN_OUTCOME,
    -1008: Kind.VENUE_UNAVAILABLE,
    -1013: Kind.INVALID_ORDER,
    -1014: Kind.INVALID_ORDER,
    -1015: Kind.RATE_LIMITED,
    -1016: Kind.VENUE_UNAVAILABLE,
    -1020: Kind.INVALID_ORDER,
    -1021: Kind.CLOCK_SKEW,
    -1022: Kind.AUTH_FAILED,
    -1034: Kind.RATE_LIMITED,
    -2010: Kind.INVALID_ORDER,  # the message decides, see MESSAGES
    -2011: Kind.ORDER_NOT_FOUND,
    -2013: Kind.ORDER_NOT_FOUND,
    -2014: Kind.AUTH_FAILED,
    -2015: Kind.PERMISSION_DENIED,
    -2016: Kind.VENUE_UNAVAILABLE,
    -2026: Kind.ORDER_NOT_FOUND,
    -2035: Kind.INVALID_ORDER,
    -2036: Kind.INVALID_ORDER,
    -2039: Kind.INVALID_ORDER,
    -2042: Kind.RATE_LIMITED,
    -2043: Kind.VENUE_UNAVAILABLE,
    -1121: Kind.SYMBOL_NOT_FOUND,
    # Malformed or impossible requests: refused before the matching engine.
    **dict.fromkeys(
        (
            *range(-1108, -1099),
            -1111,
            -1112,
            *range(-1120, -1113),
            -1122,
            -1125,
            -1127,
            -1128,
            -1130,
            -1134,
            -1135,
            -1139,
            -1145,
            *range(-1153, -1150),
            -1155,
            -1158,
            -1160,
            -1161,
            -1165,
            -1166,
            -1168,
            -1182,
            -1194,
            *range(-1199, -1195),
            -1210,
            -1211,
            *range(-1225, -1219),
        ),
        Kind.INVALID_ORDER,
    ),
    # The FIX gateway's session rules; REST and WebSocket never send them.
    **dict.fromkeys((-1033, -1035, *range(-1181, -1168)), Kind.AUTH_FAILED),
    **dict.fromkeys(range(-1191, -1182), Kind.AUTH_FAILED),
}

MESSAGES: dict[int, tuple[tuple[str, Kind], ...]] = {
    -2010: (
        ("duplicate order sent", Kind.DUPLICATE_ORDER),
        ("insufficient balance", Kind.INSUFFICIENT_FUNDS),
        (_MARKET_CLOSED, Kind.VENUE_UNAVAILABLE),
        ("action is disabled", Kind.PERMISSION_DENIED),
        ("may not place or cancel", Kind.PERMISSION_DENIED),
        ("not permitted for this account", Kind.PERMISSION_DENIED),
        ("restricted for this account", Kind.PERMISSION_DENIED),
    ),
    -1013: ((_MARKET_CLOSED, Kind.VENUE_UNAVAILABLE),),
    -2011: (("cancel restrictions", Kind.INVALID_ORDER),),
    0: (("restricted location", Kind.GEO_RESTRICTED),),
}
"""Codes whose text decides; lower case, looked for inside the message."""
