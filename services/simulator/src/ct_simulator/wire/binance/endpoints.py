"""Which endpoints there are, what they weigh, what they read, who may call them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from ct_simulator.wire.binance import account_routes as account
from ct_simulator.wire.binance import market_routes as market
from ct_simulator.wire.binance import order_routes as orders
from ct_simulator.wire.binance.exchange_info import exchange_info
from ct_simulator.wire.binance.params import Params
from ct_simulator.wire.binance.venue import Caller, Json, Venue

PublicHandler = Callable[[Venue, Params], Json]
SignedHandler = Callable[[Venue, Params, Caller], Json]
Weight = Callable[[Params], int]


class Access(Enum):
    """What a signed call needs of its key."""

    READ = auto()
    TRADE = auto()


@dataclass(frozen=True, slots=True)
class Public:
    """An endpoint anybody may call."""

    handle: PublicHandler
    weight: Weight
    reads: frozenset[str]


@dataclass(frozen=True, slots=True)
class Signed:
    """An endpoint for who signs."""

    handle: SignedHandler
    weight: Weight
    reads: frozenset[str]
    access: Access = Access.READ


def _fixed(weight: int) -> Weight:
    return lambda _: weight


def _by_symbol(one: int, everything: int) -> Weight:
    return lambda params: one if params.has("symbol") else everything


def _depth_weight(params: Params) -> int:
    limit = params.limit(100, 5000)
    return next(weight for most, weight in _DEPTH_WEIGHTS if limit <= most)


_DEPTH_WEIGHTS = ((100, 5), (500, 25), (1000, 50), (5000, 250))


def _public(handle: PublicHandler, weight: Weight, *reads: str) -> Public:
    return Public(handle, weight, frozenset(reads))


def _signed(handle: SignedHandler, weight: Weight, *reads: str) -> Signed:
    return Signed(handle, weight, frozenset(reads))


def _trade(handle: SignedHandler, *reads: str) -> Signed:
    return Signed(handle, _fixed(1), frozenset(reads), Access.TRADE)


_KLINES = _public(
    market.klines,
    _fixed(2),
    *("symbol", "interval", "startTime", "endTime", "timeZone", "limit"),
)
_NEW_ORDER = (
    *("symbol", "side", "type", "timeInForce", "quantity", "quoteOrderQty", "price"),
    *("newClientOrderId", "newOrderRespType", "stopPrice", "trailingDelta", "icebergQty"),
)
_PAGE = ("startTime", "endTime", "limit")

ENDPOINTS: dict[tuple[str, str], Public | Signed] = {
    ("GET", "/api/v3/ping"): _public(market.ping, _fixed(1)),
    ("GET", "/api/v3/time"): _public(market.server_time, _fixed(1)),
    ("GET", "/api/v3/exchangeInfo"): _public(
        exchange_info,
        _fixed(20),
        *("symbol", "symbols", "permissions", "symbolStatus", "showPermissionSets"),
    ),
    ("GET", "/api/v3/depth"): _public(market.depth, _depth_weight, "symbol", "limit"),
    ("GET", "/api/v3/trades"): _public(market.trades, _fixed(25), "symbol", "limit"),
    ("GET", "/api/v3/aggTrades"): _public(market.agg_trades, _fixed(4), "symbol", "fromId", *_PAGE),
    ("GET", "/api/v3/klines"): _KLINES,
    ("GET", "/api/v3/uiKlines"): _KLINES,
    ("GET", "/api/v3/ticker/24hr"): _public(
        market.ticker_24hr, _by_symbol(2, 80), "symbol", "symbols", "type"
    ),
    ("GET", "/api/v3/ticker/price"): _public(
        market.ticker_price, _by_symbol(2, 4), "symbol", "symbols"
    ),
    ("GET", "/api/v3/ticker/bookTicker"): _public(
        market.book_ticker, _by_symbol(2, 4), "symbol", "symbols"
    ),
    ("GET", "/api/v3/avgPrice"): _public(market.average_price, _fixed(2), "symbol"),
    ("GET", "/api/v3/account"): _signed(account.account, _fixed(20), "omitZeroBalances"),
    ("GET", "/api/v3/account/commission"): _signed(account.commission, _fixed(20), "symbol"),
    ("GET", "/api/v3/rateLimit/order"): _signed(account.order_counts, _fixed(40)),
    ("GET", "/sapi/v1/capital/config/getall"): _signed(account.nothing, _fixed(10)),
    ("GET", "/sapi/v1/margin/allPairs"): _signed(account.nothing, _fixed(1)),
    ("GET", "/sapi/v1/margin/isolated/allPairs"): _signed(account.nothing, _fixed(10), "symbol"),
    ("GET", "/sapi/v1/account/apiRestrictions"): _signed(account.api_restrictions, _fixed(1)),
    ("POST", "/api/v3/order"): _trade(orders.new_order, *_NEW_ORDER),
    ("POST", "/api/v3/order/test"): _trade(orders.try_order, *_NEW_ORDER, "computeCommissionRates"),
    ("DELETE", "/api/v3/order"): _trade(
        orders.cancel_order,
        *("symbol", "orderId", "origClientOrderId", "newClientOrderId", "cancelRestrictions"),
    ),
    ("GET", "/api/v3/order"): _signed(
        orders.query_order, _fixed(4), "symbol", "orderId", "origClientOrderId"
    ),
    ("GET", "/api/v3/openOrders"): _signed(orders.open_orders, _by_symbol(6, 80), "symbol"),
    ("DELETE", "/api/v3/openOrders"): _trade(orders.cancel_open_orders, "symbol"),
    ("GET", "/api/v3/allOrders"): _signed(
        orders.all_orders, _fixed(20), "symbol", "orderId", *_PAGE
    ),
    ("GET", "/api/v3/myTrades"): _signed(
        orders.my_trades,
        lambda params: 5 if params.has("orderId") else 20,
        *("symbol", "orderId", "fromId", *_PAGE),
    ),
}

RETIRED = frozenset({"/api/v3/userDataStream"})
"""Listen keys ended on 2026-02-20; the WebSocket API has taken their place."""
