"""Exact amounts that do not mix."""

import pickle
from decimal import Decimal, Inexact
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ct_kit.domain import Money, Price, Quantity

decimals = st.decimals(
    min_value=0, max_value=Decimal(10) ** 20, places=18, allow_nan=False, allow_infinity=False
)


@given(decimals, decimals)
def test_adding_and_taking_away_again_changes_nothing(left: Decimal, right: Decimal) -> None:
    assert Quantity(left) + Quantity(right) - Quantity(right) == Quantity(left)


@pytest.mark.parametrize("value", [1.5, True, None, b"1", 1j])
def test_what_is_not_exact_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        Price(value)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "one", "", "1,5"])
def test_what_is_no_finite_number_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        Money(value)


@pytest.mark.parametrize("kind", [Price, Quantity])
def test_prices_and_quantities_are_never_negative(kind: type[Price | Quantity]) -> None:
    with pytest.raises(ValueError, match="never negative"):
        kind("-0.1")
    with pytest.raises(ValueError, match="never negative"):
        kind(1) - kind(2)


def test_money_may_be_owed() -> None:
    assert Money(1) - Money(3) == Money(-2) == -Money(2)


def test_kinds_do_not_mix() -> None:
    with pytest.raises(TypeError):
        Price(1) + Quantity(1)
    with pytest.raises(TypeError):
        _ = Price(1) < Quantity(2)
    assert Price(1) != Quantity(1)
    assert Price(1) != Decimal(1)


def test_an_amount_is_frozen_and_hashable() -> None:
    price = Price("1.0")
    with pytest.raises(AttributeError):
        price._value = Decimal(2)
    with pytest.raises(AttributeError):
        del price._value
    assert {price, Price("1.00")} == {price}


def test_an_amount_is_written_plainly() -> None:
    assert str(Price("1E-8")) == "0.00000001"
    assert repr(Money("-5")) == "Money('-5')"


def test_an_amount_survives_a_process_border() -> None:
    assert pickle.loads(pickle.dumps(Price("1.5"))) == Price("1.5")  # noqa: S301 - our own bytes


def test_a_sum_that_would_be_rounded_raises() -> None:
    with pytest.raises(Inexact):
        Money("1E+50") + Money("1E-50")


def test_amounts_order_among_themselves() -> None:
    assert Price(1) < Price(2) <= Price(2)
    assert Price(3) > Price(2) >= Price(2)
    assert not Price(0)
