"""What the bots need from outside, each no larger than its user."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from ct_bots.domain.bot import Bot
from ct_bots.domain.journal import Note
from ct_bots.domain.orders import BotOrder
from ct_bots.domain.seen import Step
from ct_kit.contracts.accounts import Account
from ct_kit.contracts.bots import BotEquityPoint, BotEvent, Decision
from ct_kit.contracts.markets import CandleList
from ct_kit.contracts.orders import Fill, Order
from ct_kit.domain import Instrument


@dataclass(frozen=True, slots=True)
class Held:
    """A bot and who runs it now; None where no runner holds a live lease."""

    bot: Bot
    runner: str | None


@dataclass(frozen=True, slots=True)
class IdempotencyMark:
    """The caller's key and the hash of the body it came with."""

    key: str
    body_hash: str


class Bots(Protocol):
    """A user's bots; every call names the owner."""

    async def create(self, bot: Bot, mark: IdempotencyMark | None) -> Held:
        """Insert; return the earlier bot of the same key and body. Raises on another body."""
        ...

    async def made_under(self, owner: str, mark: IdempotencyMark) -> Held | None:
        """Return the bot made under this key, or None; raises on another body."""
        ...

    async def get(self, owner: str, bot_id: str) -> Held:
        """Return one bot; raises `NotFound`."""
        ...

    async def all_of(self, owner: str) -> list[Held]:
        """Return all bots, newest first."""
        ...

    async def change(self, before: Bot, after: Bot) -> bool:
        """Write the user's half where nobody changed it since `before` was read."""
        ...

    async def delete(self, bot: Bot) -> bool:
        """Remove the bot and its records where nobody changed it since it was read."""
        ...


class Records(Protocol):
    """What bots wrote down; every call names the owner."""

    async def note(self, bot: Bot, notes: Sequence[Note]) -> None:
        """Append lines to the log."""
        ...

    async def events(
        self, owner: str, bot_id: str, cursor: str | None, limit: int
    ) -> list[BotEvent]:
        """Return events older than the cursor, newest first."""
        ...

    async def decisions(
        self, owner: str, bot_id: str, cursor: str | None, limit: int
    ) -> list[Decision]:
        """Return decisions older than the cursor, newest first."""
        ...

    async def equity(self, owner: str, bot_id: str) -> list[BotEquityPoint]:
        """Return the equity points, ascending."""
        ...


class BridgeReads(Protocol):
    """What the API asks of the exchange bridge, in the user's name."""

    async def account(self, owner: str, account_id: str) -> Account:
        """Return the account; raises `NotFound` for one that is not the owner's."""
        ...

    async def instrument(self, owner: str, symbol: str) -> Instrument:
        """Return what may be traded and in which steps; raises `NotFound`."""
        ...

    async def orders_page(self, owner: str, params: Mapping[str, Any]) -> Any:
        """Return a page of orders as the bridge wrote it."""
        ...


class Trading(Protocol):
    """What a runner asks of the exchange bridge, in the owner's name."""

    async def instrument(self, owner: str, symbol: str) -> Instrument:
        """Return what may be traded and in which steps."""
        ...

    async def submit(self, bot: Bot, order: BotOrder) -> Order:
        """Place the order under its idempotency key; the same key gives the same order."""
        ...

    async def cancel(self, owner: str, order_id: str) -> Order:
        """Ask the venue to take an order back."""
        ...

    async def order(self, owner: str, order_id: str) -> Order:
        """Return one order."""
        ...

    async def find_order(self, bot: Bot, client_order_id: str) -> Order | None:
        """Look for an order of the bot by the id the venue knows it under."""
        ...

    async def fills_of(self, bot: Bot, order_ids: Sequence[str]) -> list[Fill]:
        """Return all fills of these orders, oldest first."""
        ...

    async def candles(
        self, bot: Bot, *, start: int | None, end: int | None, limit: int
    ) -> CandleList:
        """Return candles of the bot's market, ascending."""
        ...


class Leases(Protocol):
    """Who may act for a bot, decided by the database's clock."""

    async def claim(self, bot_id: str) -> int | None:
        """Take the lease if nobody holds it; return its epoch, higher than all before."""
        ...

    async def renew(self, bot_ids: Sequence[str]) -> dict[str, int]:
        """Prolong what we still hold; return those bots with their epochs."""
        ...

    async def release(self, bot_id: str, epoch: int) -> None:
        """Give the lease back, if it is still ours."""
        ...


class Runs(Protocol):
    """A runner's view of the bots: fenced by the lease's epoch."""

    async def unheld(self) -> list[str]:
        """Return bots that need a runner and have none."""
        ...

    async def take_over(self, bot_id: str, epoch: int) -> Bot | None:
        """Raise the bot's fence, write again what an earlier holder may have left unwritten."""
        ...

    async def load(self, bot_id: str, epoch: int) -> Bot | None:
        """Return the bot, or None where the epoch is no longer ours."""
        ...

    async def controls(self, bot_ids: Sequence[str]) -> dict[str, int]:
        """Return the control versions of these bots."""
        ...

    async def commit(self, before: Bot, step: Step, epoch: int) -> bool:
        """Write a step where nothing changed since `before`; then its decision and notes."""
        ...

    async def note(self, bot: Bot, notes: Sequence[Note]) -> None:
        """Append lines to the log."""
        ...

    async def order_placed(self, bot: Bot, order: BotOrder) -> None:
        """Record on the decision which order a target became."""
        ...

    async def was_ours(self, bot: Bot, order_id: str) -> bool:
        """Say whether a decision of the bot ever became this order."""
        ...

    async def add_equity(self, bot: Bot, points: Sequence[tuple[datetime, Decimal]]) -> None:
        """Append equity points; the oldest beyond the limit are forgotten."""
        ...
