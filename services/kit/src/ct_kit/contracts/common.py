"""What every area of the API uses: strict models, decimals as strings, pages, origin and age."""

import re
from decimal import Decimal
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

_PLAIN_DECIMAL = re.compile(r"-?\d{1,20}(\.\d{1,18})?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def _plain_decimal(value: object) -> Decimal:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("must be a finite number")
        return value
    if isinstance(value, str) and _PLAIN_DECIMAL.fullmatch(value):
        return Decimal(value)
    raise ValueError(
        'must be a decimal written as a string, such as "0.015": '
        "at most 20 digits before and 18 after the point, no exponent"
    )


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError("must be greater than 0")
    return value


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError("must be 0 or greater")
    return value


def _clean_text(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("must not contain control characters")
    if not value.strip():
        raise ValueError("must not be blank")
    return value.strip()


def _decimal_schema(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "format": "decimal", "pattern": pattern})


_AS_STRING = PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json")
_SIGNED = r"^-?\d{1,20}(\.\d{1,18})?$"
_UNSIGNED = r"^\d{1,20}(\.\d{1,18})?$"

DecimalString = Annotated[
    Decimal, BeforeValidator(_plain_decimal), _AS_STRING, _decimal_schema(_SIGNED)
]
"""A decimal that may be negative; a plain string in JSON, never a float."""

PositiveDecimal = Annotated[
    Decimal,
    BeforeValidator(_plain_decimal),
    AfterValidator(_positive),
    _AS_STRING,
    _decimal_schema(_UNSIGNED),
]
NonNegativeDecimal = Annotated[
    Decimal,
    BeforeValidator(_plain_decimal),
    AfterValidator(_not_negative),
    _AS_STRING,
    _decimal_schema(_UNSIGNED),
]

Label = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_clean_text)]
SymbolName = Annotated[
    str,
    Field(
        pattern=r"^[A-Z0-9]{2,12}-[A-Z0-9]{2,12}$",
        max_length=25,
        description="Base and quote asset joined by a hyphen, such as BTC-USDT.",
    ),
]
AssetName = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,12}$")]
IntervalName = Literal["1m", "5m", "15m", "1h", "4h", "1d"]
VenueName = Literal["binance"]
MarketKind = Literal["simulated", "replay", "live"]
ModeName = Literal["paper", "live"]
EpochMs = Annotated[int, Field(ge=0, le=4_102_444_800_000)]
"""Milliseconds since 1970-01-01T00:00Z, up to the year 2100."""

Item = TypeVar("Item")


class Request(BaseModel):
    """A body that comes from outside: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TypedRequest(Request):
    """A body with numbers or flags: JSON has types, so "5" is no number and 1 is no flag.

    What comes as text, such as a query, stays a plain `Request`.
    """

    model_config = ConfigDict(strict=True)


class View(BaseModel):
    """A body that goes out, or comes from a service of ours."""

    model_config = ConfigDict(frozen=True)


class Origin(View):
    """Where a market figure comes from and how old it is."""

    venue: VenueName
    market: MarketKind
    as_of: AwareDatetime
    stale: bool


class Page(View, Generic[Item]):
    """One page of a list; `next_cursor` is null on the last page."""

    items: list[Item]
    next_cursor: str | None = None


class Nothing(View):
    """An answer that carries no fact but its status."""
