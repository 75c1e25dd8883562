"""What happens to accounts, as immutable facts: the vocabulary of the truth log.

Everything an account holds follows from its events in their order, so the log alone rebuilds it.
In a record decimals are strings and times epoch milliseconds of the virtual clock.
"""

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, TypeAlias, get_type_hints

from ct_simulator.domain.orders import OrderStatus, OrderType, Side, TimeInForce

Record: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """An account began, with these free balances."""

    account_id: str
    time_ms: int
    label: str
    opening: dict[str, Decimal]
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """An order was accepted and `locked` set aside for it (quote for a buy, base for a sell)."""

    account_id: str
    time_ms: int
    order_id: int
    client_order_id: str
    symbol: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    price: Decimal
    quantity: Decimal
    quote_quantity: Decimal
    locked: Decimal


@dataclass(frozen=True, slots=True)
class OrderFilled:
    """An order traded."""

    account_id: str
    time_ms: int
    order_id: int
    client_order_id: str
    trade_id: int
    symbol: str
    side: Side
    price: Decimal
    quantity: Decimal
    commission: Decimal
    commission_asset: str
    is_maker: bool


@dataclass(frozen=True, slots=True)
class OrderClosed:
    """An order ended without being filled; what was locked for the rest became free."""

    account_id: str
    time_ms: int
    order_id: int
    client_order_id: str
    symbol: str
    status: OrderStatus
    cancel_client_order_id: str


Event: TypeAlias = AccountOpened | OrderAccepted | OrderFilled | OrderClosed

_KINDS: dict[str, type[Event]] = {
    "account": AccountOpened,
    "order": OrderAccepted,
    "fill": OrderFilled,
    "close": OrderClosed,
}
_NAMES = {cls: kind for kind, cls in _KINDS.items()}


def plain(number: Decimal) -> str:
    """Write a decimal without an exponent."""
    return format(number, "f")


def to_record(event: Event) -> Record:
    """Spell an event as JSON-ready values."""
    record: Record = {"kind": _NAMES[type(event)]}
    for field in fields(event):
        value = getattr(event, field.name)
        if isinstance(value, Decimal):
            value = plain(value)
        elif isinstance(value, dict):
            value = {asset: plain(amount) for asset, amount in value.items()}
        record[field.name] = value
    return record


def from_record(record: Record) -> Event:
    """Read an event back; other keys of the record are ignored.

    Raises KeyError or ValueError when the record is not one of ours.
    """
    cls = _KINDS[record["kind"]]
    values: dict[str, Any] = {}
    for name, read in _READERS[cls].items():
        value = record[name]
        if isinstance(value, dict):
            value = {asset: Decimal(amount) for asset, amount in value.items()}
        values[name] = value if read is None or value is None else read(value)
    return cls(**values)


def _readers(cls: type[Event]) -> dict[str, Any]:
    """Map each field to what reads it from JSON, None where JSON's own value will do."""
    special = {Decimal, Side, OrderType, TimeInForce, OrderStatus}
    hints = get_type_hints(cls)
    return {name: hint if hint in special else None for name, hint in hints.items()}


_READERS = {cls: _readers(cls) for cls in _NAMES}
