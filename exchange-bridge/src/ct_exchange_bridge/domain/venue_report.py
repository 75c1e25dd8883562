"""What a venue says about orders and executions, in our words."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ct_exchange_bridge.domain.order_state import Event
from ct_kit.domain import Side, Symbol


class VenueOrderStatus(StrEnum):
    """A venue's word on an order; a word we do not know must fail where it is parsed."""

    ACCEPTED = "accepted"
    OPEN = "open"
    PARTIAL = "partial"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"

    @property
    def event(self) -> Event:
        """Return the event this word is for our state table."""
        return _EVENTS[self]


_EVENTS = {
    VenueOrderStatus.ACCEPTED: Event.ACK,
    VenueOrderStatus.OPEN: Event.OPEN,
    VenueOrderStatus.PARTIAL: Event.PARTIAL,
    VenueOrderStatus.FILLED: Event.FILL,
    VenueOrderStatus.CANCELED: Event.CANCEL,
    VenueOrderStatus.EXPIRED: Event.EXPIRE,
    VenueOrderStatus.REJECTED: Event.REFUSE,
}


@dataclass(frozen=True, slots=True)
class Execution:
    """One trade of an account. `time_ms` is the venue's clock."""

    trade_id: str
    venue_order_id: str
    symbol: Symbol
    side: Side
    price: Decimal
    quantity: Decimal
    quote_quantity: Decimal
    commission: Decimal
    commission_asset: str
    maker: bool
    time_ms: int


@dataclass(frozen=True, slots=True)
class OrderReport:
    """The venue's state of one order, with the executions the message carried.

    `executed_quantity` is cumulative; none where the message does not say (a bare ACK).
    """

    client_order_id: str
    venue_order_id: str
    symbol: Symbol
    side: Side | None
    status: VenueOrderStatus
    quantity: Decimal | None
    executed_quantity: Decimal | None
    time_ms: int
    executions: tuple[Execution, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class VenueBalance:
    """One asset of an account at the venue."""

    asset: str
    free: Decimal
    locked: Decimal


@dataclass(frozen=True, slots=True)
class KeyRights:
    """What a venue says a key may do."""

    can_read: bool
    can_trade: bool
    can_withdraw: bool
    ip_restricted: bool
