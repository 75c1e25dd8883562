"""Portfolio from the ledger: profit and loss, equity, history, and the yearly report."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ct_exchange_bridge.app import views
from ct_exchange_bridge.app.accounts import Accounts
from ct_exchange_bridge.app.balances import Balances, Sheet
from ct_exchange_bridge.domain.account import Account
from ct_exchange_bridge.domain.order import Fill
from ct_exchange_bridge.domain.portfolio import EquitySnapshot, PositionBook, book_of
from ct_exchange_bridge.domain.venue_error import VenueError
from ct_exchange_bridge.errors import as_problem
from ct_exchange_bridge.ports.stores import EquityStore, FillStore
from ct_exchange_bridge.ports.venue import OrderVenue, Prices
from ct_kit.contracts import portfolio as contract
from ct_kit.domain import Mode

ZERO = Decimal(0)
_EIGHT = Decimal("0.00000001")
HISTORY_POINTS = 500
REPORT_COLUMNS = (
    "time",
    "account",
    "symbol",
    "side",
    "quantity",
    "price",
    "proceeds",
    "cost",
    "fee",
    "fee_asset",
    "fee_value",
    "realised",
    "venue_trade_id",
)


@dataclass(frozen=True, slots=True)
class Valuation:
    """All holdings of one owner and mode at current prices."""

    holdings: dict[str, Decimal]
    prices: dict[str, Decimal]
    equity: Decimal
    deposited: Decimal
    stale: bool


class PortfolioDesk:
    """Values accounts. Position books are kept in memory and follow the ledger fill by fill."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        fills: FillStore,
        equity: EquityStore,
        balances: Balances,
        prices: Prices,
        venue: OrderVenue,
        quote: str,
    ) -> None:
        self._accounts = accounts
        self._fills = fills
        self._equity = equity
        self._balances = balances
        self._prices = prices
        self._venue = venue
        self._quote = quote
        self._books: dict[str, PositionBook] = {}

    def hear_fills(self, fills: Sequence[Fill]) -> None:
        """Follow the ledger; a fill from before the last one makes the book be built anew."""
        for fill in fills:
            book = self._books.get(fill.account_id)
            if book is None:
                continue
            if book.last_at is not None and fill.at < book.last_at:
                del self._books[fill.account_id]
            else:
                book.book(fill)

    async def portfolio(self, owner: str, mode: Mode) -> contract.Portfolio:
        """Return the owner's totals in one mode, at current prices."""
        accounts = await self._of(owner, mode)
        valued = await self._value(accounts)
        books = [await self._book(account) for account in accounts]
        peak = max(await self._equity.peak(owner, mode) or ZERO, valued.equity)
        now = views.moment(self._venue.now_ms())
        before = await self._equity.at_or_before(owner, mode, now - timedelta(days=1))
        gained = valued.equity - valued.deposited
        gained_before = before.equity - before.deposited if before else ZERO
        return contract.Portfolio(
            mode=mode.value,
            quote=self._quote,
            equity=_round(valued.equity),
            deposited=_round(valued.deposited),
            realised=_round(sum((book.realised for book in books), ZERO)),
            unrealised=_round(sum((book.unrealised(valued.prices) for book in books), ZERO)),
            fees=_round(sum((book.fees for book in books), ZERO)),
            day_change=_round(gained - gained_before),
            drawdown=_round((peak - valued.equity) / peak if peak else ZERO),
            buy_and_hold=self._buy_and_hold(accounts),
            holdings=_holdings(valued),
            as_of=now,
            stale=valued.stale,
        )

    async def history(
        self, owner: str, mode: Mode, start: datetime | None
    ) -> contract.EquityHistory:
        """Return equity over time, thinned to what a chart can show."""
        found = await self._equity.since(owner, mode, start)
        step = -(-len(found) // HISTORY_POINTS) or 1
        kept = found[::step]
        if found and kept[-1] is not found[-1]:
            kept.append(found[-1])
        return contract.EquityHistory(
            mode=mode.value,
            quote=self._quote,
            items=[contract.EquityPoint(at=item.at, equity=_round(item.equity)) for item in kept],
        )

    async def report(self, owner: str, mode: Mode, year: int) -> str:
        """Return every trade of a year with what it realised, as CSV."""
        target = io.StringIO()
        writer = csv.writer(target)
        writer.writerow(REPORT_COLUMNS)
        for account in await self._of(owner, mode):
            book = book_of(self._quote, account.deposits, ())
            for fill in await self._fills.of_account(account.id):
                trade = book.book(fill)
                if fill.at.year == year:
                    writer.writerow(_report_row(account, trade.fill, trade.cost, trade.realised))
        return target.getvalue()

    async def snapshot(self, owner: str, mode: Mode) -> EquitySnapshot | None:
        """Measure equity now; none while prices or balances are too old to be believed."""
        valued = await self._value(await self._of(owner, mode))
        if valued.stale:
            return None
        at = views.moment(self._venue.now_ms())
        return EquitySnapshot(at, _round(valued.equity), _round(valued.deposited))

    def account_value(self, sheet: Sheet) -> tuple[dict[str, Decimal | None], Decimal]:
        """Return the value of each asset of a sheet and of all together."""
        values = {asset: self._worth(asset, sheet.total(asset)) for asset in sheet.assets()}
        return values, sum((value for value in values.values() if value is not None), ZERO)

    async def _value(self, accounts: Sequence[Account]) -> Valuation:
        holdings: dict[str, Decimal] = {}
        stale = False
        for account in accounts:
            try:
                sheet = await self._balances.of(account)
            except VenueError as error:
                known = self._balances.known(account.id)
                if known is None:
                    raise as_problem(error) from error
                sheet = known
            stale = stale or self._balances.stale(account.id)
            for asset in sheet.assets():
                holdings[asset] = holdings.get(asset, ZERO) + sheet.total(asset)
        prices = {}
        for asset in holdings:
            price = self._prices.value_in_quote(asset)
            if price is None:
                stale = True
            else:
                prices[asset] = price
        equity = sum((holdings[asset] * price for asset, price in prices.items()), ZERO)
        deposited = sum(
            (deposit.value for account in accounts for deposit in account.deposits), ZERO
        )
        return Valuation(holdings, prices, equity, deposited, stale)

    async def _of(self, owner: str, mode: Mode) -> list[Account]:
        return [account for account in await self._accounts.of_owner(owner) if account.mode is mode]

    async def _book(self, account: Account) -> PositionBook:
        book = self._books.get(account.id)
        if book is None:
            fills = await self._fills.of_account(account.id)
            book = self._books[account.id] = book_of(self._quote, account.deposits, fills)
        return book

    def _worth(self, asset: str, amount: Decimal) -> Decimal | None:
        price = self._prices.value_in_quote(asset)
        return None if price is None else _round(amount * price)

    def _buy_and_hold(self, accounts: Sequence[Account]) -> Decimal | None:
        """Return what the deposits would be worth had BTC been bought with them."""
        btc_now = self._prices.value_in_quote("BTC")
        deposits = [deposit for account in accounts for deposit in account.deposits]
        if btc_now is None or not deposits:
            return None
        total = ZERO
        for deposit in deposits:
            if not deposit.btc_price:
                return None
            total += deposit.value / deposit.btc_price * btc_now
        return _round(total)


def _holdings(valued: Valuation) -> list[contract.Holding]:
    found = []
    for asset, quantity in sorted(valued.holdings.items()):
        price = valued.prices.get(asset)
        value = None if price is None else _round(quantity * price)
        share = _round(value / valued.equity) if value is not None and valued.equity else None
        found.append(
            contract.Holding(asset=asset, quantity=quantity, price=price, value=value, share=share)
        )
    return found


def _report_row(account: Account, fill: Fill, cost: Decimal, realised: Decimal) -> tuple[str, ...]:
    return (
        fill.at.isoformat().replace("+00:00", "Z"),
        account.id,
        str(fill.symbol),
        fill.side.value,
        _text(fill.quantity),
        _text(fill.price),
        _text(fill.quote_quantity),
        _text(cost),
        _text(fill.commission),
        fill.commission_asset,
        _text(fill.commission_value),
        _text(realised),
        fill.venue_trade_id,
    )


def _text(amount: Decimal) -> str:
    return format(_round(amount), "f")


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(_EIGHT)
