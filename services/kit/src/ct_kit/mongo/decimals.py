"""Exact decimals across the border of MongoDB."""

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

from bson.decimal128 import Decimal128

from ct_kit.domain.amounts import Money, Price, Quantity


def to_bson(value: Any) -> Any:
    """Return a copy fit for MongoDB: decimals and amounts as Decimal128, enums as their value.

    Goes through mappings, lists and tuples. Raises `ValueError` for a decimal of more than 34
    digits, which Decimal128 would round.
    """
    if isinstance(value, Decimal):
        return _decimal128(value)
    if isinstance(value, (Price, Quantity, Money)):
        return _decimal128(value.value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {key: to_bson(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_bson(item) for item in value]
    return value


def from_bson(value: Any) -> Any:
    """Return a copy with every Decimal128 as `Decimal`."""
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, Mapping):
        return {key: from_bson(item) for key, item in value.items()}
    if isinstance(value, list):
        return [from_bson(item) for item in value]
    return value


def _decimal128(value: Decimal) -> Decimal128:
    stored = Decimal128(value)
    if stored.to_decimal() != value:
        raise ValueError(f"MongoDB would round {value}: more than 34 digits")
    return stored
