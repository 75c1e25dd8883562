"""Position and profit against exact arithmetic, for any sequence of fills."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ct_bots.domain.book import Book, Execution
from ct_kit.errors import Conflict

BUDGET = Decimal(1000)
PRICES = st.decimals("0.01", "99999", places=2)
QUANTITIES = st.decimals("0.00001", "50", places=5)
FILLS = st.lists(st.tuples(st.booleans(), QUANTITIES, PRICES), max_size=30)


def buy(quantity: str, price: str, fee: str = "0") -> Execution:
    amount, at = Decimal(quantity), Decimal(price)
    return Execution("buy", amount, amount * at, at, fee_base=Decimal(fee))


def sell(quantity: str, price: str, fee: str = "0") -> Execution:
    amount, at = Decimal(quantity), Decimal(price)
    return Execution("sell", amount, amount * at, at, fee_quote=Decimal(fee))


def test_a_round_trip_realises_price_difference_less_fees() -> None:
    book = Book().after(buy("1", "100", fee="0.001"))
    assert book.base == Decimal("0.999")
    assert book.cost == 100

    book = book.after(sell("0.999", "110", fee="0.10989"))

    assert book.base == 0
    assert book.cost == 0
    assert book.realised == Decimal("0.999") * 110 - Decimal("0.10989") - 100
    assert book.fees == Decimal("0.1") + Decimal("0.10989")
    assert book.average_price is None


def test_a_partial_sale_takes_its_share_of_the_cost() -> None:
    book = Book().after(buy("2", "100")).after(buy("2", "200")).after(sell("1", "180"))

    assert book.average_price == 150
    assert book.realised == 30
    assert book.cost == 450
    assert book.unrealised(Decimal(160)) == 30


def test_selling_more_than_was_bought_is_a_mismatch_not_a_short_position() -> None:
    book = Book().after(buy("1", "100"))

    with pytest.raises(Conflict) as caught:
        book.after(sell("1.00001", "100"))

    assert caught.value.code == "position_mismatch"


@given(FILLS)
def test_cash_and_base_are_the_exact_sums_of_the_fills(
    fills: list[tuple[bool, Decimal, Decimal]],
) -> None:
    book = Book()
    cash, base = Fraction(BUDGET), Fraction(0)
    for buying, quantity, price in fills:
        fee = quantity / 1000
        if buying:
            book = book.after(Execution("buy", quantity, quantity * price, price, fee_base=fee))
            cash -= Fraction(quantity) * Fraction(price)
            base += Fraction(quantity) - Fraction(fee)
        elif quantity <= book.base:
            charged = quantity * price / 1000
            book = book.after(
                Execution("sell", quantity, quantity * price, price, fee_quote=charged)
            )
            cash += Fraction(quantity) * Fraction(price) - Fraction(charged)
            base -= Fraction(quantity)
        assert Fraction(book.base) == base
        assert Fraction(book.cash(BUDGET)) == cash
        assert book.cost >= 0
        assert Fraction(book.equity(BUDGET, price)) == cash + base * Fraction(price)
