"""Reading a new order: Binance's rules of which parameters go with which type."""

from decimal import Decimal

from ct_simulator.domain.orders import OrderRequest, OrderType, Side, TimeInForce
from ct_simulator.wire.binance.consts import UNSUPPORTED_TYPES
from ct_simulator.wire.binance.errors import WireError, missing, not_required
from ct_simulator.wire.binance.params import Params
from ct_simulator.wire.binance.venue import Venue

_SIDES = frozenset(Side)
_TYPES = frozenset(OrderType) | UNSUPPORTED_TYPES.keys()
_TIMES_IN_FORCE = frozenset(TimeInForce)
_ANSWERS = frozenset({"ACK", "RESULT", "FULL"})


def read_order(venue: Venue, params: Params) -> OrderRequest:
    """Return the order a request asks for; raises WireError for a malformed one."""
    listing = venue.listing(params)
    side = Side(params.choice("side", _SIDES, WireError(-1117, "Invalid side.")))
    name = params.choice("type", _TYPES, WireError(-1116, "Invalid orderType."))
    if name in UNSUPPORTED_TYPES:
        raise WireError(-2010, UNSUPPORTED_TYPES[name])
    if params.number("icebergQty"):
        raise WireError(-2010, "Iceberg orders are not supported for this symbol.")
    for contingent in ("stopPrice", "trailingDelta"):
        if params.has(contingent):
            raise not_required(contingent)
    kind = OrderType(name)
    quantity = _amount(params, "quantity", "Invalid quantity.")
    quote = _amount(params, "quoteOrderQty", "Invalid quote order qty.")
    price = _amount(params, "price", "Invalid price.")
    if kind is OrderType.MARKET:
        _check_market(params, quantity, quote)
    else:
        if quantity is None:
            raise missing("quantity")
        if price is None:
            raise missing("price")
        if quote is not None:
            raise not_required("quoteOrderQty")
    return OrderRequest(
        listing.symbol,
        side,
        kind,
        _time_in_force(params, kind),
        quantity,
        quote,
        price,
        params.client_id("newClientOrderId"),
    )


def answer_kind(params: Params, kind: OrderType) -> str:
    """Return how much of the order the answer tells."""
    if params.has("newOrderRespType"):
        return params.choice("newOrderRespType", _ANSWERS, missing("newOrderRespType"))
    return "ACK" if kind is OrderType.LIMIT_MAKER else "FULL"


def _check_market(params: Params, quantity: Decimal | None, quote: Decimal | None) -> None:
    if params.has("price"):
        raise not_required("price")
    if quantity is not None and quote is not None:
        raise not_required("quoteOrderQty")
    if quantity is None and quote is None:
        raise WireError(
            -1102,
            "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!",
        )


def _time_in_force(params: Params, kind: OrderType) -> TimeInForce:
    if kind is not OrderType.LIMIT:
        if params.has("timeInForce"):
            raise not_required("timeInForce")
        return TimeInForce.GTC
    invalid = WireError(-1115, "Invalid timeInForce.")
    return TimeInForce(params.choice("timeInForce", _TIMES_IN_FORCE, invalid))


def _amount(params: Params, name: str, zero_text: str) -> Decimal | None:
    amount = params.number(name)
    if amount is not None and amount <= 0:
        raise WireError(-1013, zero_text)
    return amount
