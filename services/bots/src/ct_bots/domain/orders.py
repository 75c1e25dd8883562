"""An order the bot wants, from the decision that asked for it to its last fill.

The same value is the outbox entry: an order with state `unsent` was decided and made durable,
and may or may not have reached the bridge. Sending it again under the same `key` is safe, for the
bridge knows the key; the venue sees one order.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from ct_bots.domain.book import ZERO, Side, product
from ct_bots.domain.guard import Approved

OrderKind = Literal["market", "limit"]
CancelBy = Literal["strategy", "bot"]
"""Who wants the order back. A strategy is told of an end it did not ask for itself."""

TERMINAL = frozenset({"filled", "canceled", "expired", "refused", "not_placed"})
UNSENT = "unsent"
DROPPED = "not_placed"
"""An unsent order that grew stale and that the bridge does not know."""


@dataclass(frozen=True, slots=True)
class BotOrder:
    """One order. `executed` is the bridge's word, `filled` the sum of the fills applied here.

    `generation` numbers the strategy's state that asked for it: a state begun afresh since knows
    nothing of this order and is not told of it. It is sent once the orders in `after` have ended.
    """

    key: str
    decision: str
    index: int
    slot: int
    side: Side
    kind: OrderKind
    quantity: Decimal
    price: Decimal | None
    reason: str
    decided_at: datetime
    client_order_id: str
    generation: int
    after: tuple[str, ...] = ()
    order_id: str | None = None
    state: str = UNSENT
    executed: Decimal = ZERO
    filled: Decimal = ZERO
    fills: tuple[str, ...] = ()
    cancel: CancelBy | None = None

    @property
    def forced(self) -> bool:
        """Say whether a command of the user asked for it, not the strategy."""
        return self.decision.startswith("command")

    @property
    def terminal(self) -> bool:
        """Say whether the venue will not execute more of it."""
        return self.state in TERMINAL or self.filled >= self.quantity

    @property
    def ended(self) -> bool:
        """Say whether it is terminal and every fill of it was applied."""
        return self.filled >= self.quantity or (
            self.state in TERMINAL and self.filled >= self.executed
        )

    @property
    def remaining(self) -> Decimal:
        """Return the quantity that may still fill."""
        return ZERO if self.ended else self.quantity - self.filled

    def notional(self, market_price: Decimal | None) -> Decimal:
        """Return what the rest would cost at its limit, or at `market_price`."""
        price = self.price if self.price is not None else market_price
        return product(self.remaining, price) if price is not None else ZERO

    def crossed_by(self, low: Decimal, high: Decimal) -> bool:
        """Say whether a candle traded through this resting order, so that a fill must come."""
        if self.kind != "limit" or self.price is None or self.ended or self.order_id is None:
            return False
        return low < self.price if self.side == "buy" else high > self.price

    def known_as(self, order_id: str | None, client_order_id: str | None) -> bool:
        """Say whether the bridge's order is this one."""
        if self.order_id is not None and order_id is not None:
            return self.order_id == order_id
        return client_order_id == self.client_order_id

    def asked_to_cancel(self, by: CancelBy) -> "BotOrder":
        """Return it with a cancel wanted; the first who asked stays noted."""
        return self if self.cancel is not None else replace(self, cancel=by)


def from_approved(
    approved: Approved,
    *,
    key: str,
    decision: str,
    index: int,
    decided_at: datetime,
    client_order_id: str,
    generation: int,
    after: tuple[str, ...] = (),
) -> BotOrder:
    """Make the outbox entry of an approved target; nothing else can make one."""
    return BotOrder(
        key=key,
        decision=decision,
        index=index,
        slot=approved.slot,
        side=approved.side,
        kind=approved.kind,
        quantity=approved.quantity,
        price=approved.price,
        reason=approved.reason,
        decided_at=decided_at,
        client_order_id=client_order_id,
        generation=generation,
        after=after,
    )
