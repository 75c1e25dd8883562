"""Placing, canceling and looking up orders."""

from typing import TypeVar

from ct_simulator.domain.faults import FaultKind
from ct_simulator.domain.orders import Fill, Order, OrderStatus, OrderType
from ct_simulator.errors import OrderRefused, UnknownOrder
from ct_simulator.wire.binance.consts import ARCHIVED_AFTER_MS, LOOKUP_SPAN_MS
from ct_simulator.wire.binance.errors import (
    ARCHIVED,
    NO_SUCH_ORDER,
    UNKNOWN_ORDER,
    WireError,
    refused,
)
from ct_simulator.wire.binance.order_request import answer_kind, read_order
from ct_simulator.wire.binance.params import Params
from ct_simulator.wire.binance.venue import Caller, Json, Venue, eight, spelled

_RESTRICTIONS = {
    "ONLY_NEW": OrderStatus.NEW,
    "ONLY_PARTIALLY_FILLED": OrderStatus.PARTIALLY_FILLED,
}
Row = TypeVar("Row", Order, Fill)


def new_order(venue: Venue, params: Params, caller: Caller) -> Json:
    """POST /api/v3/order."""
    request = read_order(venue, params)
    answer = answer_kind(params, request.type)
    venue.limits.check_orders(caller.account.account_id)
    try:
        order = venue.exchange.place(caller.account, request)
    except OrderRefused as error:
        raise refused(error) from error
    venue.limits.add_order(caller.account.account_id)
    if answer == "ACK":
        return _head(order) | {"transactTime": order.created_ms}
    body = _head(order) | {"transactTime": order.created_ms} | _amounts(order)
    body |= _nature(order) | {"workingTime": order.created_ms}
    if order.status is OrderStatus.EXPIRED and order.type is OrderType.MARKET:
        body["expiryReason"] = "INSUFFICIENT_LIQUIDITY"
    body["selfTradePreventionMode"] = "NONE"
    if answer == "FULL":
        body["fills"] = [_fill_of_answer(fill) for fill in order.fills]
    return body


def try_order(venue: Venue, params: Params, caller: Caller) -> Json:
    """POST /api/v3/order/test: all checks but the balance, nothing happens."""
    request = read_order(venue, params)
    try:
        venue.exchange.check(caller.account, request)
    except OrderRefused as error:
        raise refused(error) from error
    if params.text("computeCommissionRates") != "true":
        return {}
    none = {"maker": eight(0), "taker": eight(0)}
    standard = {
        "maker": eight(venue.exchange.maker_fee),
        "taker": eight(venue.exchange.taker_fee),
    }
    return {
        "standardCommissionForOrder": standard,
        "specialCommissionForOrder": none,
        "taxCommissionForOrder": none,
        "discount": no_discount(),
    }


def no_discount() -> Json:
    """Spell that commission is never paid in BNB here."""
    return {
        "enabledForAccount": False,
        "enabledForSymbol": False,
        "discountAsset": "BNB",
        "discount": eight(0),
    }


def cancel_order(venue: Venue, params: Params, caller: Caller) -> Json:
    """DELETE /api/v3/order."""
    listing = venue.listing(params)
    restriction = params.text("cancelRestrictions")
    if restriction is not None and restriction not in _RESTRICTIONS:
        raise WireError(-1145, "Invalid cancelRestrictions")
    order_id, client_id = _ids(params)
    new_id = params.client_id("newClientOrderId")
    venue.exchange.settle(listing.symbol)
    try:
        order = caller.account.find(listing.symbol, order_id, client_id)
        if restriction is not None and order.status is not _RESTRICTIONS[restriction]:
            raise WireError(-2011, "Order was not canceled due to cancel restrictions.")
        return _canceled(venue, order, new_id)
    except UnknownOrder as error:
        raise WireError(*UNKNOWN_ORDER) from error


def cancel_open_orders(venue: Venue, params: Params, caller: Caller) -> Json:
    """DELETE /api/v3/openOrders: all of one symbol."""
    listing = venue.listing(params)
    venue.exchange.settle(listing.symbol)
    mine = [o for o in caller.account.open_orders.values() if o.symbol == listing.symbol]
    if not mine:
        raise WireError(*UNKNOWN_ORDER)
    return [_canceled(venue, order, None) for order in mine]


def query_order(venue: Venue, params: Params, caller: Caller) -> Json:
    """GET /api/v3/order."""
    listing = venue.listing(params)
    order_id, client_id = _ids(params)
    venue.exchange.settle(listing.symbol)
    try:
        order = caller.account.find(listing.symbol, order_id, client_id)
    except UnknownOrder as error:
        raise WireError(*NO_SUCH_ORDER) from error
    age = venue.now_ms() - order.created_ms
    lag = venue.faults.take(FaultKind.LOOKUP_LAG, "GET", "/api/v3/order")
    if lag is not None and age < lag.value:
        raise WireError(*NO_SUCH_ORDER)
    if not order.status.is_open and not order.executed and age > ARCHIVED_AFTER_MS:
        raise WireError(*ARCHIVED)
    return spell_order(order)


def open_orders(venue: Venue, params: Params, caller: Caller) -> Json:
    """GET /api/v3/openOrders, of one symbol or all."""
    name = params.symbol()
    symbol = None if name is None else venue.named(name).symbol
    venue.exchange.settle_all()
    return [
        spell_order(order)
        for order in caller.account.open_orders.values()
        if symbol in {None, order.symbol}
    ]


def all_orders(venue: Venue, params: Params, caller: Caller) -> Json:
    """GET /api/v3/allOrders."""
    listing = venue.listing(params)
    venue.exchange.settle(listing.symbol)
    from_id = params.integer("orderId")
    rows = [
        order
        for order in caller.account.orders.values()
        if order.symbol == listing.symbol and (from_id is None or order.order_id >= from_id)
    ]
    times = [order.created_ms for order in rows]
    return [spell_order(o) for o in _window(params, rows, times, oldest=from_id is not None)]


def my_trades(venue: Venue, params: Params, caller: Caller) -> Json:
    """GET /api/v3/myTrades."""
    listing = venue.listing(params)
    venue.exchange.settle(listing.symbol)
    from_id, order_id = params.integer("fromId"), params.integer("orderId")
    rows = [
        fill
        for fill in caller.account.fills
        if fill.symbol == listing.symbol
        and (from_id is None or fill.trade_id >= from_id)
        and order_id in {None, fill.order_id}
    ]
    times = [fill.time_ms for fill in rows]
    return [_spell_trade(f) for f in _window(params, rows, times, oldest=from_id is not None)]


def spell_order(order: Order) -> Json:
    """Spell an order as the lookups do."""
    return (
        _head(order)
        | _amounts(order)
        | _nature(order)
        | {
            "stopPrice": eight(0),
            "icebergQty": eight(0),
            "time": order.created_ms,
            "updateTime": order.updated_ms,
            "isWorking": True,
            "workingTime": order.created_ms,
            "selfTradePreventionMode": "NONE",
        }
    )


def _canceled(venue: Venue, order: Order, new_id: str | None) -> Json:
    cancel_id = venue.exchange.cancel(order, new_id)
    return (
        {"symbol": spelled(order.symbol), "origClientOrderId": order.client_order_id}
        | {"orderId": order.order_id, "orderListId": -1, "clientOrderId": cancel_id}
        | {"transactTime": order.updated_ms}
        | _amounts(order)
        | _nature(order)
        | {"selfTradePreventionMode": "NONE"}
    )


def _ids(params: Params) -> tuple[int | None, str | None]:
    order_id, client_id = params.integer("orderId"), params.text("origClientOrderId")
    if order_id is None and client_id is None:
        raise WireError(
            -1102,
            "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
        )
    return order_id, client_id


def _window(params: Params, rows: list[Row], times: list[int], *, oldest: bool) -> list[Row]:
    """Keep what lies in startTime..endTime, the newest unless a start is named."""
    start, end = params.integer("startTime"), params.integer("endTime")
    if start is not None and end is not None and end - start > LOOKUP_SPAN_MS:
        raise WireError(-1127, "More than 24 hours between startTime and endTime.")
    limit = params.limit(500, 1000)
    kept = [
        row
        for row, time_ms in zip(rows, times, strict=True)
        if (start is None or time_ms >= start) and (end is None or time_ms <= end)
    ]
    return kept[:limit] if start is not None or oldest else kept[-limit:]


def _head(order: Order) -> Json:
    return {
        "symbol": spelled(order.symbol),
        "orderId": order.order_id,
        "orderListId": -1,
        "clientOrderId": order.client_order_id,
    }


def _amounts(order: Order) -> Json:
    return {
        "price": eight(order.price),
        "origQty": eight(order.quantity),
        "executedQty": eight(order.executed),
        "origQuoteOrderQty": eight(order.quote_quantity),
        "cummulativeQuoteQty": eight(order.executed_quote),
    }


def _nature(order: Order) -> Json:
    return {
        "status": order.status.value,
        "timeInForce": order.time_in_force.value,
        "type": order.type.value,
        "side": order.side.value,
    }


def _fill_of_answer(fill: Fill) -> Json:
    return {
        "price": eight(fill.price),
        "qty": eight(fill.quantity),
        "commission": eight(fill.commission),
        "commissionAsset": fill.commission_asset,
        "tradeId": fill.trade_id,
    }


def _spell_trade(fill: Fill) -> Json:
    return {
        "symbol": spelled(fill.symbol),
        "id": fill.trade_id,
        "orderId": fill.order_id,
        "orderListId": -1,
        "price": eight(fill.price),
        "qty": eight(fill.quantity),
        "quoteQty": eight(fill.quote_quantity),
        "commission": eight(fill.commission),
        "commissionAsset": fill.commission_asset,
        "time": fill.time_ms,
        "isBuyer": fill.side == "BUY",
        "isMaker": fill.is_maker,
        "isBestMatch": True,
    }
