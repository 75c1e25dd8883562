"""Walking the book."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ct_exchange_bridge.domain.book import mid_price, walk
from ct_exchange_bridge.domain.market import BookView
from ct_kit.domain import Side

BOOK = BookView(
    bids=((Decimal(99), Decimal(1)), (Decimal(98), Decimal(10))),
    asks=((Decimal(101), Decimal(1)), (Decimal(102), Decimal(10))),
    time_ms=0,
)


def test_a_buy_takes_the_asks_from_the_best_on() -> None:
    walked = walk(BOOK, Side.BUY, quantity=Decimal(2))
    assert (walked.average_price, walked.worst_price, walked.complete) == (
        Decimal("101.5"),
        Decimal(102),
        True,
    )


def test_a_sell_larger_than_the_book_is_incomplete() -> None:
    walked = walk(BOOK, Side.SELL, quantity=Decimal(20))
    assert walked.quantity == Decimal(11)
    assert not walked.complete


@given(st.decimals("1", "1100", places=2))
def test_spending_quote_never_spends_more(amount: Decimal) -> None:
    walked = walk(BOOK, Side.BUY, quote_quantity=amount)
    assert abs(walked.quote - amount) < Decimal("1e-20")
    assert walked.complete


def test_the_mid_of_a_one_sided_book_is_unknown() -> None:
    assert mid_price(BOOK) == Decimal(100)
    assert mid_price(BookView((), BOOK.asks, 0)) is None
