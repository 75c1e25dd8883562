"""Balances of every account: read once, then kept by its stream; reserved while in doubt."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from ct_exchange_bridge.app.live_orders import LiveOrders
from ct_exchange_bridge.app.single_flight import SingleFlight
from ct_exchange_bridge.domain.account import Account
from ct_exchange_bridge.domain.order import Fill
from ct_exchange_bridge.domain.order_state import RESERVING
from ct_exchange_bridge.domain.risk import given_asset, spending
from ct_exchange_bridge.domain.venue_report import VenueBalance
from ct_exchange_bridge.ports.venue import Credential, OrderVenue, Prices
from ct_kit.domain import Side

ZERO = Decimal(0)


@dataclass(slots=True)
class Sheet:
    """Free and locked amounts of one account. `read_at` is monotonic seconds."""

    free: dict[str, Decimal] = field(default_factory=dict)
    locked: dict[str, Decimal] = field(default_factory=dict)
    read_at: float = 0.0
    as_of_ms: int = 0
    streaming: bool = False

    def set(self, balances: Iterable[VenueBalance]) -> None:
        """Take over absolute amounts; assets that are not named stay as they are."""
        for item in balances:
            self.free[item.asset] = item.free
            self.locked[item.asset] = item.locked

    def assets(self) -> list[str]:
        """Return the assets there is any of."""
        names = self.free.keys() | self.locked.keys()
        return sorted(asset for asset in names if self.total(asset))

    def total(self, asset: str) -> Decimal:
        """Return free and locked together."""
        return self.free.get(asset, ZERO) + self.locked.get(asset, ZERO)


class Balances:
    """What every account has. Without a live stream a sheet is read again when it is old."""

    def __init__(
        self,
        venue: OrderVenue,
        orders: LiveOrders,
        prices: Prices,
        *,
        fresh_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._venue = venue
        self._orders = orders
        self._prices = prices
        self._fresh_s = fresh_s
        self._monotonic = monotonic
        self._sheets: dict[str, Sheet] = {}
        self._flights: SingleFlight[Sheet] = SingleFlight()

    async def of(self, account: Account, *, fresh: bool = False) -> Sheet:
        """Return the account's sheet, from the venue when it is not kept by a stream.

        Raises `VenueError` when it has to be read and cannot be.
        """
        sheet = self._sheets.get(account.id)
        if sheet is not None and not fresh and (sheet.streaming or self._is_fresh(sheet)):
            return sheet
        return await self._flights.run(account.id, lambda: self._read(account))

    def known(self, account_id: str) -> Sheet | None:
        """Return the sheet as it is in memory, however old."""
        return self._sheets.get(account_id)

    def stale(self, account_id: str) -> bool:
        """Say whether the sheet may no longer be true."""
        sheet = self._sheets.get(account_id)
        return sheet is None or not (sheet.streaming or self._is_fresh(sheet))

    def available(self, account_id: str, asset: str) -> Decimal | None:
        """Return what may be given away: free, less what orders in doubt may take."""
        sheet = self._sheets.get(account_id)
        if sheet is None:
            return None
        reserved = ZERO
        for order in self._orders.of_account(account_id):
            if order.state in RESERVING and given_asset(order.terms) == asset:
                price = self._prices.value_in_quote(order.terms.symbol.base)
                reserved += spending(order.terms, order.terms.price or price) or ZERO
        return sheet.free.get(asset, ZERO) - reserved

    def hear(self, account_id: str, balances: Iterable[VenueBalance]) -> None:
        """Take balances of the account's stream."""
        sheet = self._sheets.setdefault(account_id, Sheet())
        sheet.set(balances)
        sheet.as_of_ms = self._venue.now_ms()

    def streaming(self, account_id: str, *, up: bool) -> None:
        """Note whether the account's stream keeps its sheet true from now on."""
        self._sheets.setdefault(account_id, Sheet()).streaming = up

    def apply(self, fills: Iterable[Fill]) -> None:
        """Move amounts by fills that were booked before the stream told of them.

        On the stream the balances follow their execution, so a fill that is new to the ledger
        cannot be in the sheet yet; the absolute amounts that follow put it right in any case.
        """
        for fill in fills:
            sheet = self._sheets.get(fill.account_id)
            if sheet is None:
                continue
            base, quote = fill.symbol.base, fill.symbol.quote
            sign = 1 if fill.side is Side.BUY else -1
            _move(sheet, base, sign * fill.quantity)
            _move(sheet, quote, -sign * fill.quote_quantity)
            _move(sheet, fill.commission_asset, -fill.commission)

    async def _read(self, account: Account) -> Sheet:
        credential = Credential(account.owner, account.key_id)
        balances = await self._venue.balances(credential)
        sheet = self._sheets.setdefault(account.id, Sheet())
        sheet.free.clear()
        sheet.locked.clear()
        sheet.set(balances)
        sheet.read_at = self._monotonic()
        sheet.as_of_ms = self._venue.now_ms()
        return sheet

    def _is_fresh(self, sheet: Sheet) -> bool:
        return bool(sheet.read_at) and self._monotonic() - sheet.read_at <= self._fresh_s


def _move(sheet: Sheet, asset: str, amount: Decimal) -> None:
    sheet.free[asset] = max(sheet.free.get(asset, ZERO) + amount, ZERO)
