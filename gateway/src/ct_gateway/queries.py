"""Query parameters of the public API, one strict model per shape.

The gateway refuses unknown, repeated and malformed parameters before it forwards, so no
service sees a query it would have to guess about. The bounds are the public contract; a
service may refuse more.
"""

from typing import Annotated

from pydantic import Field

from ct_kit.contracts.ai import JobKind
from ct_kit.contracts.common import EpochMs, IntervalName, ModeName, Request, SymbolName
from ct_kit.contracts.orders import AccountId, OrderState

Cursor = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=r"^[A-Za-z0-9_=.:~-]+$",
        description="`next_cursor` of the page before.",
    ),
]
PageSize = Annotated[int, Field(ge=1, le=200, description="Most items of the page.")]


class PageQuery(Request):
    """Which page of a list, newest first."""

    cursor: Cursor | None = None
    limit: PageSize = 50


class OrderQuery(PageQuery):
    """Orders of one account, one bot, or in one state."""

    account_id: AccountId | None = None
    bot_id: AccountId | None = None
    state: OrderState | None = None
    working: bool = Field(default=False, description="Only orders that may still fill.")


class FillQuery(PageQuery):
    """Fills of one account, one bot or one order."""

    account_id: AccountId | None = None
    bot_id: AccountId | None = None
    order_id: AccountId | None = None


class CandleQuery(Request):
    """Which candles; without start and end the newest `limit`."""

    interval: IntervalName = "1m"
    start: EpochMs | None = Field(default=None, description="First open time, inclusive.")
    end: EpochMs | None = Field(default=None, description="Last open time, exclusive.")
    limit: int = Field(default=500, ge=1, le=1000)


class BookQuery(Request):
    """How many levels a side."""

    depth: int = Field(default=20, ge=1, le=100)


class TradeQuery(Request):
    """How many of the newest public trades."""

    limit: int = Field(default=50, ge=1, le=200)


class ModeQuery(Request):
    """Paper and live are never summed."""

    mode: ModeName = "paper"


class ReportQuery(ModeQuery):
    """The calendar year (UTC) of the report."""

    year: int = Field(ge=2009, le=2100)


class JobQuery(Request):
    """Jobs of one kind."""

    kind: JobKind | None = None


class SymbolQuery(Request):
    """Only this symbol."""

    symbol: SymbolName | None = None


class AnalysisQuery(Request):
    """Candles of which interval are measured."""

    interval: IntervalName = "1h"
