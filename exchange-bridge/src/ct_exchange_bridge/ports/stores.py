"""What the bridge needs from its database, the vault and the paper venue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from ct_exchange_bridge.domain.account import Account
from ct_exchange_bridge.domain.candles import Columns
from ct_exchange_bridge.domain.order import Fill, Order
from ct_exchange_bridge.domain.portfolio import EquitySnapshot
from ct_exchange_bridge.domain.risk import Halt, Limits, Scope
from ct_kit.contracts.keys import Key, Pair, VerificationReport
from ct_kit.domain import Interval, Mode, Symbol


class OrderStore(Protocol):
    """Durable order intents; every write is majority and journaled."""

    async def insert(self, order: Order) -> Order | None:
        """Store a new intent; returns the stored one when the intent key was used before."""
        ...

    async def replace(self, order: Order) -> bool:
        """Store the next version where the stored one is `order.version - 1`; say whether."""
        ...

    async def get(self, owner: str, order_id: str) -> Order | None:
        """Return one order of this owner."""
        ...

    async def by_intent(self, account_id: str, intent_key: str) -> Order | None:
        """Find the order of an intent."""
        ...

    async def by_client_id(self, account_id: str, client_order_id: str) -> Order | None:
        """Find the order the venue knows under our id."""
        ...

    async def by_venue_id(
        self, account_id: str, symbol: Symbol, venue_order_id: str
    ) -> Order | None:
        """Find the order the venue numbered so."""
        ...

    async def page(
        self, owner: str, where: Mapping[str, Any], *, before: str | None, limit: int
    ) -> list[Order]:
        """Return the owner's newest matches older than `before`."""
        ...

    async def unsettled(self) -> list[Order]:
        """Return every order that may still live, of all owners."""
        ...


class FillStore(Protocol):
    """The ledger: append-only, unique on the venue's trade id."""

    async def append(self, fills: list[Fill]) -> list[Fill]:
        """Add what is new and return it."""
        ...

    async def of_order(self, order_id: str) -> list[Fill]:
        """Return the fills of one order."""
        ...

    async def of_account(self, account_id: str) -> list[Fill]:
        """Return all fills of one account in the order of their time."""
        ...

    async def newest_at(self, account_id: str, symbol: Symbol) -> datetime | None:
        """Return the venue time of the newest fill of a symbol."""
        ...

    async def page(
        self, owner: str, where: Mapping[str, Any], *, before: str | None, limit: int
    ) -> list[Fill]:
        """Return the owner's newest matches older than `before`."""
        ...


class AccountStore(Protocol):
    """Accounts, never changed after they are made."""

    async def insert(self, account: Account) -> bool:
        """Store a new account; False where its idempotency key was used before."""
        ...

    async def get(self, owner: str, account_id: str) -> Account | None:
        """Return one account of this owner."""
        ...

    async def by_idempotency_key(self, owner: str, key: str) -> Account | None:
        """Find what this owner made with a key before."""
        ...

    async def of_owner(self, owner: str) -> list[Account]:
        """Return the owner's accounts, oldest first."""
        ...

    async def everybody(self) -> list[Account]:
        """Return all accounts, for the bridge's own work."""
        ...


class RiskStore(Protocol):
    """Limits and halts; unreadable means stop."""

    async def read(
        self, owner: str, bot_id: str | None, venue: str
    ) -> tuple[Limits, tuple[Halt, ...]]:
        """Return the limits and halts that concern one order; raises `Unavailable`."""
        ...

    async def of_owner(self, owner: str, venue: str) -> tuple[Limits, tuple[Halt, ...]]:
        """Return all limits and halts of an owner; raises `Unavailable`."""
        ...

    async def put_limits(self, owner: str, limits: Limits) -> None:
        """Replace the owner's limits."""
        ...

    async def halt(self, owner: str, scope: Scope, target: str, reason: str, at: datetime) -> None:
        """Put a halt in force."""
        ...

    async def resume(self, owner: str, scope: Scope, target: str) -> None:
        """Lift a halt of this owner."""
        ...


class CandleStore(Protocol):
    """Closed candles of one market."""

    async def read(self, symbol: Symbol, interval: Interval, start_ms: int, end_ms: int) -> Columns:
        """Return the stored candles that open in [start, end)."""
        ...

    async def add(self, symbol: Symbol, interval: Interval, candles: Columns) -> None:
        """Store closed candles."""
        ...

    async def newest(self, symbol: Symbol, interval: Interval) -> Columns:
        """Return the newest stored month, empty where there is none."""
        ...

    async def forget(self, symbol: Symbol) -> None:
        """Drop a symbol's history."""
        ...


class EquityStore(Protocol):
    """Equity snapshots."""

    async def add(self, owner: str, mode: Mode, snapshot: EquitySnapshot) -> None:
        """Store a snapshot."""
        ...

    async def since(self, owner: str, mode: Mode, start: datetime | None) -> list[EquitySnapshot]:
        """Return snapshots from a time on, ascending."""
        ...

    async def peak(self, owner: str, mode: Mode) -> Decimal | None:
        """Return the highest equity ever seen."""
        ...

    async def at_or_before(self, owner: str, mode: Mode, at: datetime) -> EquitySnapshot | None:
        """Return the newest snapshot not after `at`, else the oldest there is."""
        ...


class KeyVault(Protocol):
    """The vault, apart from signing (which belongs to the venue adapters)."""

    async def make_pair(self, owner: str, venue: str, label: str) -> Pair:
        """Make a key pair inside the vault for a paper account."""
        ...

    async def activate(self, owner: str, key_id: str, api_key: str) -> None:
        """Give the vault the API key the venue issued for a pair."""
        ...

    async def report(self, owner: str, key_id: str, report: VerificationReport) -> Key:
        """Record what the venue said about a key and return the key."""
        ...


@dataclass(frozen=True, slots=True)
class PaperVenueAccount:
    """What the paper venue made: its account id and the API key for our public key."""

    account_id: str
    api_key: str


class PaperVenue(Protocol):
    """Makes accounts on the simulated venue."""

    async def create_account(
        self, label: str, balances: dict[str, Decimal], public_key_pem: str, once: str
    ) -> PaperVenueAccount:
        """Open an account with these balances for the holder of the key pair, once per `once`."""
        ...
