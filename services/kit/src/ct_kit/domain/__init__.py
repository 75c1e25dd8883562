"""The trade's own words: pure values without I/O, clock or framework."""

from ct_kit.domain.amounts import Money, Price, Quantity
from ct_kit.domain.enums import Market, Mode, OrderStatus, OrderType, Side, TimeInForce
from ct_kit.domain.identifiers import client_order_id, new_id
from ct_kit.domain.instrument import Direction, Instrument, Refusal
from ct_kit.domain.interval import Interval
from ct_kit.domain.symbol import Symbol

__all__ = [
    "Direction",
    "Instrument",
    "Interval",
    "Market",
    "Mode",
    "Money",
    "OrderStatus",
    "OrderType",
    "Price",
    "Quantity",
    "Refusal",
    "Side",
    "Symbol",
    "TimeInForce",
    "client_order_id",
    "new_id",
]
