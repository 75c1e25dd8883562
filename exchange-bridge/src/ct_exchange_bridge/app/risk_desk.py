"""Looks at an order with everything that is known at this moment."""

from dataclasses import dataclass
from decimal import Decimal

from ct_exchange_bridge.app.balances import Balances
from ct_exchange_bridge.app.live_orders import LiveOrders
from ct_exchange_bridge.app.market_hub import MarketHub
from ct_exchange_bridge.domain import risk
from ct_exchange_bridge.domain.account import Account
from ct_exchange_bridge.domain.book import walk
from ct_exchange_bridge.domain.order import OrderTerms
from ct_exchange_bridge.domain.risk import Halt, Limits, OperatorLimits, Verdict
from ct_exchange_bridge.ports.stores import RiskStore
from ct_kit.domain import OrderType


@dataclass(frozen=True, slots=True)
class RiskRules:
    """What the database says about an owner now."""

    limits: Limits
    halts: tuple[Halt, ...]


class RiskDesk:
    """Gathers the situation and judges; `judge` does not wait, so nothing changes under it."""

    def __init__(
        self,
        store: RiskStore,
        hub: MarketHub,
        balances: Balances,
        orders: LiveOrders,
        operator: OperatorLimits,
    ) -> None:
        self._store = store
        self._hub = hub
        self._balances = balances
        self._orders = orders
        self._operator = operator

    async def rules(self, account: Account, bot_id: str | None) -> RiskRules:
        """Read limits and halts; raises `Unavailable` when they cannot be read."""
        limits, halts = await self._store.read(account.owner, bot_id, account.venue)
        return RiskRules(
            limits,
            risk.blocking(halts, owner=account.owner, bot_id=bot_id, venue=account.venue),
        )

    def judge(self, account: Account, terms: OrderTerms, rules: RiskRules) -> tuple[Verdict, ...]:
        """Apply every rule to the order as things stand."""
        state = self._hub.state(terms.symbol)
        situation = risk.Situation(
            listed=state.listed,
            limits=rules.limits,
            operator=self._operator,
            halts=rules.halts,
            last_price=None if state.ticker is None else state.ticker.last,
            expected_price=self.expected_price(terms),
            stale=self._hub.stale(terms.symbol),
            open_orders=self._orders.open_count(account.owner),
            orders_last_minute=self._orders.placed_last_minute(account.owner),
            available=self._balances.available(account.id, risk.given_asset(terms)),
        )
        return risk.judge(terms, situation)

    def expected_price(self, terms: OrderTerms) -> Decimal | None:
        """Return the average price the order would get now; the limit price where it has one."""
        if terms.type is OrderType.LIMIT:
            return terms.price
        state = self._hub.state(terms.symbol)
        if state.book is not None:
            walked = walk(
                state.book,
                terms.side,
                quantity=terms.quantity,
                quote_quantity=terms.quote_quantity,
            )
            if walked.quantity:
                return walked.average_price
        return None if state.ticker is None else state.ticker.last
