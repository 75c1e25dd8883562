"""Trading accounts: paper or live, fixed at creation."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from ct_kit.contracts.common import (
    AssetName,
    DecimalString,
    Label,
    MarketKind,
    ModeName,
    NonNegativeDecimal,
    PositiveDecimal,
    Request,
    VenueName,
    View,
)


class PaperAccountCreate(Request):
    """A paper account on the simulated venue with its starting balances."""

    label: Label
    balances: Annotated[dict[AssetName, PositiveDecimal], Field(min_length=1, max_length=20)]


class Balance(View):
    """One asset of an account, valued in the quote currency."""

    asset: AssetName
    free: NonNegativeDecimal
    locked: NonNegativeDecimal
    total: NonNegativeDecimal
    value: DecimalString | None = Field(description="In quote; null where no price is known.")


class AccountSummary(View):
    """An account without its balances."""

    id: str
    label: str
    mode: ModeName
    venue: VenueName
    market: MarketKind
    created_at: AwareDatetime


class AccountList(View):
    """The user's accounts, oldest first."""

    items: list[AccountSummary]


class Account(AccountSummary):
    """An account with balances read from the venue at `as_of`."""

    balances: list[Balance]
    quote: AssetName
    equity: DecimalString
    as_of: AwareDatetime
    stale: bool
