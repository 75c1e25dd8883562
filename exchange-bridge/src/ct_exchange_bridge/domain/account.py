"""A trading account: whose it is, whose money it moves, and which key signs for it."""

from dataclasses import dataclass
from datetime import datetime

from ct_exchange_bridge.domain.portfolio import Deposit
from ct_kit.domain import Market, Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Immutable after its creation: mode, venue and key never change."""

    id: str
    owner: str
    label: str
    mode: Mode
    venue: str
    market: Market
    key_id: str
    venue_account_id: str
    deposits: tuple[Deposit, ...]
    created_at: datetime
    idempotency_key: str | None = None
    body_hash: str | None = None
