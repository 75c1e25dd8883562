"""Orders and fills, from intent to the venue's last word."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from ct_kit.contracts.common import (
    AssetName,
    DecimalString,
    ModeName,
    NonNegativeDecimal,
    Origin,
    PositiveDecimal,
    Request,
    SymbolName,
    VenueName,
    View,
)

SideName = Literal["buy", "sell"]
OrderTypeName = Literal["market", "limit"]
TimeInForceName = Literal["GTC", "IOC", "FOK"]
OrderState = Literal[
    "intent",
    "claimed",
    "sending",
    "acked",
    "open",
    "partial",
    "unknown",
    "filled",
    "canceled",
    "expired",
    "refused",
    "not_placed",
]
"""safety.md 3.2, in lower case. `unknown` is settled by the venue's records only."""

TERMINAL_STATES: frozenset[str] = frozenset(
    {"filled", "canceled", "expired", "refused", "not_placed"}
)
AccountId = Annotated[str, Field(min_length=4, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class OrderRequest(Request):
    """What to trade. `quote_quantity` spends or receives that much quote (market orders only)."""

    account_id: AccountId
    symbol: SymbolName
    side: SideName
    type: OrderTypeName
    quantity: PositiveDecimal | None = None
    quote_quantity: PositiveDecimal | None = None
    price: PositiveDecimal | None = None
    time_in_force: TimeInForceName | None = None
    bot_id: AccountId | None = Field(default=None, description="Set by the bots service only.")

    @model_validator(mode="after")
    def _shape(self) -> Self:
        if (self.quantity is None) == (self.quote_quantity is None):
            raise ValueError("give exactly one of quantity and quote_quantity")
        if self.type == "limit":
            if self.price is None:
                raise ValueError("a limit order needs a price")
            if self.quantity is None:
                raise ValueError("a limit order needs quantity, not quote_quantity")
        elif self.price is not None:
            raise ValueError("a market order takes no price")
        elif self.time_in_force is not None:
            raise ValueError("a market order takes no time_in_force")
        return self


class StateChange(View):
    """One arrow of the order's life."""

    state: OrderState
    at: AwareDatetime
    reason: str | None = None


class Order(View):
    """An order intent and all that is known of it."""

    id: str
    account_id: str
    bot_id: str | None
    mode: ModeName
    venue: VenueName
    symbol: SymbolName
    side: SideName
    type: OrderTypeName
    time_in_force: TimeInForceName | None
    quantity: NonNegativeDecimal | None
    quote_quantity: NonNegativeDecimal | None
    price: NonNegativeDecimal | None
    state: OrderState
    reason: str | None = Field(description="Why it was refused or is unknown, in plain words.")
    client_order_id: str
    venue_order_id: str | None
    executed_quantity: NonNegativeDecimal
    executed_quote: NonNegativeDecimal
    average_price: NonNegativeDecimal | None
    history: list[StateChange]
    created_at: AwareDatetime
    updated_at: AwareDatetime


class Fill(View):
    """One execution, unique on the venue's trade id."""

    id: str
    order_id: str | None = Field(description="Null for an order placed outside CryptoTrade.")
    account_id: str
    bot_id: str | None
    mode: ModeName
    venue: VenueName
    venue_trade_id: str
    symbol: SymbolName
    side: SideName
    price: PositiveDecimal
    quantity: PositiveDecimal
    quote_quantity: PositiveDecimal
    commission: NonNegativeDecimal
    commission_asset: AssetName
    maker: bool
    at: AwareDatetime


class Check(View):
    """One rule of the venue or of risk, and whether the order passes it."""

    code: str
    passed: bool
    message: str


class OrderPreview(Origin):
    """What the order would do now; nothing is reserved and nothing is promised."""

    symbol: SymbolName
    side: SideName
    mode: ModeName
    quantity: NonNegativeDecimal = Field(description="After rounding down to the step.")
    price: NonNegativeDecimal = Field(description="Expected average price.")
    notional: NonNegativeDecimal
    fee: NonNegativeDecimal
    fee_asset: AssetName
    min_notional: NonNegativeDecimal
    price_impact: DecimalString = Field(description="Fraction against the mid price.")
    worst_case_quote: NonNegativeDecimal = Field(
        description="Most quote spent on a buy, least received on a sell, fee included."
    )
    acceptable: bool
    checks: list[Check]
