"""Steps, ticks and refusals."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ct_kit.domain import Direction, Instrument, Money, Price, Quantity, Side, Symbol

BTC = Instrument(
    symbol=Symbol.parse("BTC-USDT"),
    venue="binance",
    tick_size=Decimal("0.01"),
    step_size=Decimal("0.00001"),
    min_quantity=Decimal("0.00001"),
    max_quantity=Decimal(9000),
    min_notional=Decimal(5),
)

steps = st.sampled_from(["0.00000001", "0.01", "0.5", "1", "3", "0.3", "25"]).map(Decimal)
amounts = st.decimals(min_value=0, max_value=10**9, places=12)


@given(amounts, steps)
def test_rounding_lands_on_the_step_and_less_than_a_step_away(
    amount: Decimal, step: Decimal
) -> None:
    instrument = Instrument(BTC.symbol, "v", step, step, Decimal(0), Decimal(10**12), Decimal(0))
    down = instrument.round_price(amount, Direction.DOWN).value
    up = instrument.round_price(amount, Direction.UP).value
    nearest = instrument.round_price(amount, Direction.NEAREST).value

    assert down <= amount <= up
    assert up - down in (0, step)
    assert nearest in (down, up)
    assert abs(nearest - amount) * 2 <= step
    assert all(price % step == 0 for price in (down, up, nearest))
    assert instrument.floor_quantity(amount).value == down


@pytest.mark.parametrize(
    ("side", "rounded"), [(Side.BUY, Price("100.12")), (Side.SELL, Price("100.13"))]
)
def test_a_resting_order_is_rounded_in_its_owners_favour(side: Side, rounded: Price) -> None:
    assert BTC.round_price(Price("100.125"), side) == rounded


def test_half_a_tick_goes_to_the_even_neighbour() -> None:
    assert BTC.round_price(Price("0.125"), Direction.NEAREST) == Price("0.12")
    assert BTC.round_price(Price("0.135"), Direction.NEAREST) == Price("0.14")


@pytest.mark.parametrize(
    ("price", "quantity", "codes"),
    [
        ("100", "1", []),
        ("0", "1", ["price_zero", "notional_too_small"]),
        ("100.001", "1", ["price_off_tick"]),
        ("100", "0", ["quantity_too_small", "notional_too_small"]),
        ("100", "0.000001", ["quantity_too_small", "quantity_off_step", "notional_too_small"]),
        ("100", "9000.1", ["quantity_too_large"]),
        ("100", "0.04999", ["notional_too_small"]),
        ("100", "0.05", []),
    ],
)
def test_every_broken_filter_is_named(price: str, quantity: str, codes: list[str]) -> None:
    found = BTC.refusals(Price(price), Quantity(quantity))
    assert [refusal.code for refusal in found] == codes
    assert all(refusal.field in ("price", "quantity") for refusal in found)


def test_price_times_quantity_is_exact_money() -> None:
    assert BTC.notional(Price("0.1"), Quantity("0.2")) == Money("0.02")


@pytest.mark.parametrize(
    "change",
    [
        {"tick_size": Decimal(0)},
        {"step_size": Decimal("NaN")},
        {"min_notional": Decimal(-1)},
        {"max_quantity": Decimal(0)},
        {"tick_size": 0.01},
    ],
)
def test_filters_that_cannot_be_are_refused(change: dict[str, Any]) -> None:
    fields = {
        name: getattr(BTC, name)
        for name in ("symbol", "venue", "tick_size", "step_size", "min_quantity", "max_quantity")
    }
    with pytest.raises(ValueError, match="must"):
        Instrument(**{**fields, "min_notional": Decimal(5), **change})
