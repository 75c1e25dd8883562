"""Bots: a strategy, an account, a budget, and what it did and why."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from ct_kit.contracts.common import (
    DecimalString,
    EpochMs,
    IntervalName,
    Label,
    ModeName,
    NonNegativeDecimal,
    PositiveDecimal,
    Request,
    SymbolName,
    View,
)
from ct_kit.contracts.orders import AccountId

StrategyId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
StrategyParameters = Annotated[dict[str, Any], Field(max_length=60)]
BotState = Literal["created", "running", "paused", "draining", "stopped", "exiting", "failed"]


class StrategyInfo(View):
    """A strategy and the JSON schema its form is drawn from."""

    id: StrategyId
    name: str
    summary: str
    version: int
    parameters: dict[str, Any] = Field(description="JSON schema of the parameters.")
    intervals: list[IntervalName]


class StrategyList(View):
    """All strategies shipped."""

    items: list[StrategyInfo]


class BotCreate(Request):
    """A new bot; it does nothing until started. `parameters` follow the strategy's schema."""

    label: Label
    strategy: StrategyId
    account_id: AccountId
    symbol: SymbolName
    interval: IntervalName
    budget: PositiveDecimal = Field(description="Quote the bot may hold in positions and orders.")
    parameters: StrategyParameters = Field(default_factory=dict)


class BotChange(Request):
    """A change of label or parameters; parameters make a new version, applied at next start."""

    label: Label | None = None
    parameters: StrategyParameters | None = None


class BotPosition(View):
    """What the bot holds, from its own fills."""

    base: NonNegativeDecimal
    average_price: NonNegativeDecimal | None
    value: DecimalString | None
    realised: DecimalString
    unrealised: DecimalString | None
    fees: NonNegativeDecimal


class Bot(View):
    """A bot as its page shows it."""

    id: str
    label: str
    strategy: StrategyId
    account_id: str
    mode: ModeName
    symbol: SymbolName
    interval: IntervalName
    budget: PositiveDecimal
    parameters: dict[str, Any]
    parameters_version: int
    state: BotState
    state_reason: str | None
    position: BotPosition
    open_orders: int
    last_candle: EpochMs | None = Field(description="Open time of the last candle decided on.")
    runner: str | None = Field(description="Which runner holds the lease; null when none.")
    created_at: AwareDatetime
    updated_at: AwareDatetime


class BotList(View):
    """The user's bots, newest first."""

    items: list[Bot]


class BotEvent(View):
    """One line of the bot's log."""

    id: str
    bot_id: str
    at: AwareDatetime
    code: str = Field(description="Stable reason code, such as order_refused.")
    level: Literal["info", "warning", "error"]
    message: str
    order_id: str | None = None
    candle: EpochMs | None = None


class Target(View):
    """What the strategy wanted."""

    action: Literal["market", "limit", "cancel"]
    side: Literal["buy", "sell"] | None
    quantity: NonNegativeDecimal | None
    price: NonNegativeDecimal | None
    slot: int
    reason: str
    order_id: str | None = Field(default=None, description="The order it became.")


class Decision(View):
    """One step of the strategy, unique on bot and event."""

    id: str
    bot_id: str
    at: AwareDatetime
    trigger: Literal["candle", "fill", "command"]
    candle: EpochMs | None
    targets: list[Target]
    parameters_version: int


class BotEquityPoint(View):
    """Value of the bot's budget over time: cash left, plus position at close."""

    at: AwareDatetime
    equity: DecimalString


class BotEquity(View):
    """Ascending."""

    items: list[BotEquityPoint]
