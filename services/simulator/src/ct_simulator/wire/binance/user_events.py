"""Events of one account, as Binance spells them (user-data-stream.md)."""

from decimal import Decimal

from ct_simulator.domain.events import (
    AccountOpened,
    Event,
    OrderAccepted,
    OrderClosed,
    OrderFilled,
)
from ct_simulator.domain.ledger import Account
from ct_simulator.domain.orders import Order, OrderStatus
from ct_simulator.wire.binance.venue import Json, eight, spelled


def user_events(account: Account, event: Event) -> list[Json]:
    """Return what the customer hears of an event: a report, then the balances it touched."""
    if isinstance(event, AccountOpened):
        return []
    order = account.orders[event.order_id]
    if isinstance(event, OrderFilled):
        report = _fill_report(order, event)
    elif isinstance(event, OrderClosed):
        report = _close_report(order, event)
    else:
        report = _accept_report(order, event)
    return [report, _position(account, event.symbol.split("-"), event.time_ms)]


def _accept_report(order: Order, event: OrderAccepted) -> Json:
    return _report(order, event.time_ms) | {"x": "NEW", "X": "NEW"}


def _fill_report(order: Order, event: OrderFilled) -> Json:
    so_far = [fill for fill in order.fills if fill.trade_id <= event.trade_id]
    executed = sum((fill.quantity for fill in so_far), Decimal(0))
    quote = sum((fill.quote_quantity for fill in so_far), Decimal(0))
    status = OrderStatus.PARTIALLY_FILLED if executed < order.quantity else OrderStatus.FILLED
    return _report(order, event.time_ms) | {
        "x": "TRADE",
        "X": status.value,
        "l": eight(event.quantity),
        "z": eight(executed),
        "L": eight(event.price),
        "n": eight(event.commission),
        "N": event.commission_asset,
        "t": event.trade_id,
        "w": status is not OrderStatus.FILLED,
        "m": event.is_maker,
        "M": True,
        "Z": eight(quote),
        "Y": eight(event.price * event.quantity),
    }


def _close_report(order: Order, event: OrderClosed) -> Json:
    report = _report(order, event.time_ms) | {
        "x": event.status.value,
        "X": event.status.value,
        "z": eight(order.executed),
        "Z": eight(order.executed_quote),
        "w": False,
    }
    if event.status is OrderStatus.CANCELED:
        # a cancel has a client order id of its own; the order's is in C
        report |= {"c": event.cancel_client_order_id, "C": event.client_order_id}
    return report


def _report(order: Order, time_ms: int) -> Json:
    return {
        "e": "executionReport",
        "E": time_ms,
        "s": spelled(order.symbol),
        "c": order.client_order_id,
        "S": order.side.value,
        "o": order.type.value,
        "f": order.time_in_force.value,
        "q": eight(order.quantity),
        "p": eight(order.price),
        "P": eight(0),
        "F": eight(0),
        "g": -1,
        "C": "",
        "x": "",
        "X": "",
        "r": "NONE",
        "i": order.order_id,
        "l": eight(0),
        "z": eight(0),
        "L": eight(0),
        "n": "0",
        "N": None,
        "T": time_ms,
        "t": -1,
        "I": order.order_id * 2,
        "w": True,
        "m": False,
        "M": False,
        "O": order.created_ms,
        "Z": eight(0),
        "Y": eight(0),
        "Q": eight(order.quote_quantity),
        "W": order.created_ms,
        "V": "NONE",
    }


def _position(account: Account, assets: list[str], time_ms: int) -> Json:
    return {
        "e": "outboundAccountPosition",
        "E": time_ms,
        "u": time_ms,
        "B": [
            {
                "a": asset,
                "f": eight(account.balance(asset).free),
                "l": eight(account.balance(asset).locked),
            }
            for asset in assets
        ],
    }
