"""Accounts, their balances and their orders: the sum of all events.

`Ledger.apply` is the only code that changes them, when trading and when rebuilding alike.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from ct_simulator.domain.events import (
    AccountOpened,
    Event,
    OrderAccepted,
    OrderClosed,
    OrderFilled,
)
from ct_simulator.domain.orders import ZERO, Fill, Order, OrderStatus, Side
from ct_simulator.errors import UnknownAccount, UnknownOrder


@dataclass(slots=True)
class Balance:
    """What an account has of one asset."""

    free: Decimal = ZERO
    locked: Decimal = ZERO


@dataclass(slots=True)
class Account:
    """One customer of the venue."""

    account_id: str
    number: int
    label: str
    created_ms: int
    updated_ms: int
    balances: dict[str, Balance] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    open_orders: dict[int, Order] = field(default_factory=dict)
    latest_by_client_id: dict[str, Order] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    opening: dict[str, Decimal] = field(default_factory=dict)
    idempotency_key: str | None = None

    def balance(self, asset: str) -> Balance:
        """Return the balance of an asset, beginning it at nothing."""
        return self.balances.setdefault(asset, Balance())

    def open_by_client_id(self, client_order_id: str) -> Order | None:
        """Return the open order of this client order id: the only scope in which it is unique."""
        order = self.latest_by_client_id.get(client_order_id)
        return order if order is not None and order.status.is_open else None

    def find(self, symbol: str, order_id: int | None, client_order_id: str | None) -> Order:
        """Return an order by its id, or the latest one that carried a client order id.

        Raises UnknownOrder when there is none, also when both ids are given and disagree.
        """
        if order_id is not None:
            order = self.orders.get(order_id)
            if client_order_id and order and order.client_order_id != client_order_id:
                order = None
        else:
            order = self.latest_by_client_id.get(client_order_id or "")
        if order is None or order.symbol != symbol:
            raise UnknownOrder
        return order


class Ledger:
    """Hold every account, and the open orders per symbol."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.open_by_symbol: dict[str, dict[int, Order]] = {}
        self.last_order_id = 0
        self.last_trade_id = 0
        self.last_time_ms = 0

    def account(self, account_id: str) -> Account:
        """Return an account; raises UnknownAccount."""
        try:
            return self.accounts[account_id]
        except KeyError:
            raise UnknownAccount(account_id) from None

    def apply(self, event: Event) -> tuple[Account, tuple[str, ...]]:
        """Carry out an event; return the account and the assets whose balance changed."""
        self.last_time_ms = max(self.last_time_ms, event.time_ms)
        if isinstance(event, AccountOpened):
            return self._opened(event), tuple(event.opening)
        account = self.account(event.account_id)
        account.updated_ms = event.time_ms
        if isinstance(event, OrderAccepted):
            return account, (self._accepted(account, event),)
        if isinstance(event, OrderFilled):
            return account, self._filled(account, event)
        return account, (self._closed(account, event),)

    def _opened(self, event: AccountOpened) -> Account:
        account = Account(
            event.account_id,
            len(self.accounts) + 1,
            event.label,
            event.time_ms,
            event.time_ms,
            {asset: Balance(free=amount) for asset, amount in event.opening.items()},
            opening=event.opening,
            idempotency_key=event.idempotency_key,
        )
        self.accounts[event.account_id] = account
        return account

    def _accepted(self, account: Account, event: OrderAccepted) -> str:
        order = Order(
            event.order_id,
            event.account_id,
            event.symbol,
            event.side,
            event.type,
            event.time_in_force,
            event.price,
            event.quantity,
            event.quote_quantity,
            event.client_order_id,
            event.time_ms,
            event.time_ms,
            locked=event.locked,
        )
        account.orders[order.order_id] = order
        account.open_orders[order.order_id] = order
        account.latest_by_client_id[order.client_order_id] = order
        self.open_by_symbol.setdefault(order.symbol, {})[order.order_id] = order
        self.last_order_id = max(self.last_order_id, order.order_id)
        asset = _locked_asset(order)
        balance = account.balance(asset)
        balance.free -= event.locked
        balance.locked += event.locked
        return asset

    def _filled(self, account: Account, event: OrderFilled) -> tuple[str, str]:
        order = account.orders[event.order_id]
        cost = event.price * event.quantity
        base, quote = event.symbol.split("-")
        if event.side is Side.BUY:
            # a limit buy locked its own price; what it paid less than that becomes free again
            released = order.price * event.quantity if order.price else cost
            paid, received = account.balance(quote), account.balance(base)
            paid.free += released - cost
            received.free += event.quantity - event.commission
        else:
            released = event.quantity
            paid, received = account.balance(base), account.balance(quote)
            received.free += cost - event.commission
        paid.locked -= released
        order.locked -= released
        order.executed += event.quantity
        order.executed_quote += cost
        order.updated_ms = event.time_ms
        fill = Fill(
            event.trade_id,
            event.order_id,
            event.symbol,
            event.side,
            event.price,
            event.quantity,
            event.commission,
            event.commission_asset,
            event.is_maker,
            event.time_ms,
        )
        order.fills.append(fill)
        account.fills.append(fill)
        self.last_trade_id = max(self.last_trade_id, event.trade_id)
        if order.remaining:
            order.status = OrderStatus.PARTIALLY_FILLED
        else:
            self._end(account, order, OrderStatus.FILLED)
        return base, quote

    def _closed(self, account: Account, event: OrderClosed) -> str:
        order = account.orders[event.order_id]
        balance = account.balance(_locked_asset(order))
        balance.free += order.locked
        balance.locked -= order.locked
        order.locked = ZERO
        order.updated_ms = event.time_ms
        self._end(account, order, event.status)
        return _locked_asset(order)

    def _end(self, account: Account, order: Order, status: OrderStatus) -> None:
        order.status = status
        account.open_orders.pop(order.order_id, None)
        self.open_by_symbol.get(order.symbol, {}).pop(order.order_id, None)


def _locked_asset(order: Order) -> str:
    base, quote = order.symbol.split("-")
    return quote if order.side is Side.BUY else base
