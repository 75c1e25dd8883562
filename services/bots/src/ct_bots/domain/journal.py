"""What a bot writes down: decisions, and events with stable reason codes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

Level = Literal["info", "warning", "error"]
Trigger = Literal["candle", "fill", "command"]

EVENT_CODES: dict[str, Level] = {
    # the user's verbs and the bot's life
    "created": "info",
    "started": "info",
    "resumed": "info",
    "paused": "info",
    "draining": "info",
    "drained": "info",
    "stopping": "info",
    "stopped": "info",
    "force_exit": "warning",
    "failed": "error",
    "parameters_changed": "info",
    "parameters_applied": "info",
    "budget_above_balance": "warning",
    # decisions and their orders
    "decision_buy": "info",
    "decision_sell": "info",
    "decision_cancel": "info",
    "entry_suppressed": "info",
    "candle_not_live": "warning",
    "budget_exceeded": "warning",
    "cash_exceeded": "warning",
    "position_exceeded": "warning",
    "price_unknown": "warning",
    "quantity_zero": "warning",
    "slot_taken": "warning",
    "order_placed": "info",
    "order_filled": "info",
    "order_partly_filled": "info",
    "order_ended": "info",
    "order_refused": "warning",
    "order_unknown": "warning",
    "order_expired": "warning",
    "order_adopted": "warning",
    "order_delayed": "warning",
    "dust_left": "info",
    # the runner and its senses
    "lease_taken": "info",
    "warmed_up": "info",
    "candles_missed": "warning",
    "history_incomplete": "warning",
    "market_stale": "warning",
    "market_fresh": "info",
    "feed_lost": "warning",
    "feed_back": "info",
}
"""Every code a bot's log may hold, with its level. Codes are a contract: none is ever renamed."""


@dataclass(frozen=True, slots=True)
class Note:
    """One line for the bot's log."""

    code: str
    message: str
    order_id: str | None = None
    candle: int | None = None

    @property
    def level(self) -> Level:
        """Return the level its code always has."""
        return EVENT_CODES[self.code]


@dataclass(frozen=True, slots=True)
class DecidedTarget:
    """A target as decided. `order_key` is None where it became no order."""

    action: Literal["market", "limit", "cancel"]
    side: Literal["buy", "sell"] | None
    quantity: Decimal | None
    price: Decimal | None
    slot: int
    reason: str
    order_key: str | None
    denied: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One step of the strategy that wanted something, with the state it left behind."""

    key: str
    trigger: Trigger
    candle: int | None
    at: datetime
    targets: tuple[DecidedTarget, ...]
    parameters_version: int
    state_after: tuple[float, ...]
