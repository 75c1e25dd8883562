"""Portfolio from the ledger: equity, profit and loss, history."""

from pydantic import AwareDatetime, Field

from ct_kit.contracts.common import (
    AssetName,
    DecimalString,
    ModeName,
    NonNegativeDecimal,
    View,
)


class Holding(View):
    """One asset over all accounts of one mode."""

    asset: AssetName
    quantity: NonNegativeDecimal
    price: NonNegativeDecimal | None
    value: DecimalString | None
    share: DecimalString | None = Field(description="Fraction of equity.")


class Portfolio(View):
    """Totals of the accounts of one mode, valued in `quote` at `as_of`."""

    mode: ModeName
    quote: AssetName
    equity: DecimalString
    deposited: DecimalString
    realised: DecimalString = Field(description="After fees, average cost.")
    unrealised: DecimalString
    fees: NonNegativeDecimal
    day_change: DecimalString
    drawdown: DecimalString = Field(description="Fraction below the highest equity seen.")
    buy_and_hold: DecimalString | None = Field(
        description="What the deposits would be worth had BTC been bought with them."
    )
    holdings: list[Holding]
    as_of: AwareDatetime
    stale: bool


class EquityPoint(View):
    """Equity at one time."""

    at: AwareDatetime
    equity: DecimalString


class EquityHistory(View):
    """Ascending."""

    mode: ModeName
    quote: AssetName
    items: list[EquityPoint]
