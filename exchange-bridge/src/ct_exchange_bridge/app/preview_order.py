"""What an order would do now. Nothing is reserved and nothing is promised."""

from decimal import ROUND_DOWN, ROUND_UP, Decimal

from ct_exchange_bridge.app.accounts import Accounts
from ct_exchange_bridge.app.balances import Balances
from ct_exchange_bridge.app.market_hub import MarketHub
from ct_exchange_bridge.app.place_order import terms_of
from ct_exchange_bridge.app.risk_desk import RiskDesk
from ct_exchange_bridge.domain.book import mid_price, walk
from ct_exchange_bridge.domain.order import OrderTerms
from ct_exchange_bridge.domain.venue_error import VenueError
from ct_exchange_bridge.errors import as_problem
from ct_kit.contracts.orders import Check, OrderPreview, OrderRequest
from ct_kit.domain import OrderType, Side
from ct_kit.errors import Unavailable

_EIGHT = Decimal("0.00000001")
_SIX = Decimal("0.000001")
ZERO = Decimal(0)


class PreviewOrder:
    """Judges and prices an order like `PlaceOrder`, and stops there."""

    def __init__(
        self,
        accounts: Accounts,
        balances: Balances,
        hub: MarketHub,
        desk: RiskDesk,
        *,
        fee_rate: Decimal,
    ) -> None:
        self._accounts = accounts
        self._balances = balances
        self._hub = hub
        self._desk = desk
        self._fee_rate = fee_rate

    async def __call__(self, owner: str, request: OrderRequest) -> OrderPreview:
        """Return fee, price impact, the worst case and every check.

        Raises `NotFound` for an account or symbol that is not there, `Unavailable` before the
        first price.
        """
        account = await self._accounts.get(owner, request.account_id)
        terms = terms_of(request)
        state = self._hub.state(terms.symbol)
        rules = await self._desk.rules(account, request.bot_id)
        try:
            await self._balances.of(account)
        except VenueError as error:
            raise as_problem(error) from error
        # From here on nothing waits, so that every figure is of the same moment of the book.
        price = self._desk.expected_price(terms)
        if price is None or state.ticker is None:
            raise Unavailable("stale_market", f"There is no price of {terms.symbol} yet.")
        verdicts = self._desk.judge(account, terms, rules)

        instrument = state.listed.instrument
        quantity = terms.quantity or (terms.quote_quantity or ZERO) / price
        quantity = instrument.floor_quantity(quantity).value
        notional = quantity * price
        buying = terms.side is Side.BUY
        fee = (quantity if buying else notional) * self._fee_rate
        where = self._hub.origin(terms.symbol, state.ticker.time_ms)
        return OrderPreview(
            **where.model_dump(),
            symbol=request.symbol,
            side=request.side,
            mode=account.mode.value,
            quantity=quantity,
            price=price.quantize(_EIGHT),
            notional=notional.quantize(_EIGHT),
            fee=fee.quantize(_EIGHT, ROUND_UP),
            fee_asset=terms.symbol.base if buying else terms.symbol.quote,
            min_notional=instrument.min_notional,
            price_impact=self._impact(terms, price),
            worst_case_quote=self._worst_case(terms, quantity, price),
            acceptable=all(verdict.passed for verdict in verdicts),
            checks=[
                Check(code=item.code, passed=item.passed, message=item.message) for item in verdicts
            ],
        )

    def _impact(self, terms: OrderTerms, price: Decimal) -> Decimal:
        """Return how far the average price is from the mid, against us positive."""
        book = self._hub.state(terms.symbol).book
        mid = None if book is None else mid_price(book)
        if mid is None or terms.type is OrderType.LIMIT:
            return ZERO
        away = (price - mid) / mid
        return (away if terms.side is Side.BUY else -away).quantize(_SIX)

    def _worst_case(self, terms: OrderTerms, quantity: Decimal, price: Decimal) -> Decimal:
        """Return the most spent or the least received: the last level touched, fee included."""
        worst = price
        book = self._hub.state(terms.symbol).book
        if terms.type is OrderType.MARKET and book is not None:
            worst = walk(book, terms.side, quantity=quantity).worst_price or price
        if terms.side is Side.BUY:
            spent = terms.quote_quantity or quantity * worst
            return spent.quantize(_EIGHT, ROUND_UP)
        return (quantity * worst * (1 - self._fee_rate)).quantize(_EIGHT, ROUND_DOWN)
