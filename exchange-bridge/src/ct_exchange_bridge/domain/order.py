"""An order intent and all that is known of it, immutable; every change is a new version."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from ct_exchange_bridge.domain.order_state import Event, next_state
from ct_kit.domain import Mode, OrderStatus, OrderType, Side, Symbol, TimeInForce


@dataclass(frozen=True, slots=True)
class StateChange:
    """One arrow of the order's life, in our clock."""

    state: OrderStatus
    at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerms:
    """What is to be traded. Exactly one of `quantity` (base) and `quote_quantity` is set."""

    symbol: Symbol
    side: Side
    type: OrderType
    quantity: Decimal | None = None
    quote_quantity: Decimal | None = None
    price: Decimal | None = None
    time_in_force: TimeInForce | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One attempt of one intent. `version` grows by one with every durable change."""

    id: str
    owner: str
    account_id: str
    mode: Mode
    venue: str
    bot_id: str | None
    intent_key: str
    body_hash: str
    terms: OrderTerms
    client_order_id: str
    attempt: int
    epoch: str
    """The run of the bridge that claimed it."""
    state: OrderStatus
    history: tuple[StateChange, ...]
    created_at: datetime
    updated_at: datetime
    version: int = 0
    reason: str | None = None
    venue_order_id: str | None = None
    signed_at_ms: int | None = None
    """The venue's time in the signed request; with `recv_window_ms` the venue's own deadline."""
    recv_window_ms: int | None = None
    executed_quantity: Decimal = Decimal(0)
    executed_quote: Decimal = Decimal(0)

    @property
    def average_price(self) -> Decimal | None:
        """Return what one base unit cost on average; none before the first fill."""
        if not self.executed_quantity:
            return None
        return self.executed_quote / self.executed_quantity

    def after(self, event: Event, at: datetime, reason: str | None = None) -> "Order":
        """Return the next version: the state moves by the table, the arrow enters the history."""
        state = next_state(self.state, event)
        if state is self.state:
            return replace(self, updated_at=at, version=self.version + 1)
        return replace(
            self,
            state=state,
            reason=reason,
            history=(*self.history, StateChange(state, at, reason)),
            updated_at=at,
            version=self.version + 1,
        )


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution, unique on (venue, account, symbol, venue trade id)."""

    id: str
    owner: str
    account_id: str
    mode: Mode
    venue: str
    venue_trade_id: str
    venue_order_id: str
    order_id: str | None
    """Null for an order that was placed outside CryptoTrade."""
    bot_id: str | None
    symbol: Symbol
    side: Side
    price: Decimal
    quantity: Decimal
    quote_quantity: Decimal
    commission: Decimal
    commission_asset: str
    commission_value: Decimal
    """The commission in the quote asset at the time of the fill."""
    maker: bool
    at: datetime
