"""Limits at the last hop and the kill switch."""

from typing import Literal

from pydantic import AwareDatetime, Field

from ct_kit.contracts.common import Label, PositiveDecimal, Request, SymbolName, TypedRequest, View


class RiskLimits(TypedRequest):
    """Limits of the user, checked before signing. Null means the operator's limit alone holds."""

    max_order_notional: PositiveDecimal | None = Field(default=None, description="In quote.")
    max_open_orders: int | None = Field(default=None, ge=1, le=500)
    max_orders_per_minute: int | None = Field(default=None, ge=1, le=600)
    price_collar: PositiveDecimal | None = Field(
        default=None, description="Largest distance of a limit price from the market, a fraction."
    )
    allowed_symbols: list[SymbolName] | None = Field(default=None, max_length=200)


class HaltRequest(TypedRequest):
    """Stop trading: the user's own orders, or one bot's."""

    scope: Literal["user", "bot"] = "user"
    bot_id: str | None = Field(default=None, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
    reason: Label = "halted by the user"
    cancel_open_orders: bool = True


class ResumeRequest(Request):
    """Lift the user's own halt, or one bot's."""

    scope: Literal["user", "bot"] = "user"
    bot_id: str | None = Field(default=None, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")


class Halt(View):
    """One halt in force."""

    scope: Literal["user", "bot", "venue", "all"]
    target: str
    reason: str
    at: AwareDatetime


class RiskState(View):
    """The limits and halts that hold for the user now."""

    limits: RiskLimits
    halted: bool
    halts: list[Halt]
    canceled_orders: int = 0
