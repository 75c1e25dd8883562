"""The book around a price."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ct_simulator.domain.book import Book
from ct_simulator.domain.listing import LISTINGS
from ct_simulator.domain.matching import match_quantity, match_quote
from ct_simulator.domain.orders import Side

BITCOIN = LISTINGS["BTC-USDT"]


def book(mid: float = 50_000.0, moment: int = 1_700_000_000_000) -> Book:
    return Book(BITCOIN, mid, moment, 1.0, 50_000.0)


@pytest.mark.parametrize(
    ("mid", "bid", "ask"),
    [
        (50_000.0, "49995.00", "50005.00"),
        (44_715.38, "44710.90", "44719.86"),  # 44719.8515 and 44710.9084, away from the taker
        (0.01, "0.01", "0.02"),
    ],
)
def test_spread_is_rounded_away_from_the_taker(mid: float, bid: str, ask: str) -> None:
    found = book(mid)
    assert BITCOIN.price(found.bids[0][0]) == Decimal(bid)
    assert BITCOIN.price(found.asks[0][0]) == Decimal(ask)


@given(st.sampled_from(sorted(LISTINGS)), st.floats(0.3, 200_000))
def test_books_are_sorted_apart_and_full(symbol: str, mid: float) -> None:
    found = Book(LISTINGS[symbol], mid, 1_700_000_000_000, 1.0, 50_000.0)
    asks = [price for price, _ in found.asks]
    bids = [price for price, _ in found.bids]
    assert asks == sorted(set(asks))
    assert bids == sorted(set(bids), reverse=True)
    assert bids[0] < asks[0]
    assert all(quantity > 0 for _, quantity in found.asks + found.bids)


def test_depth_grows_away_from_the_middle() -> None:
    asks = [quantity for _, quantity in book().asks]
    assert sum(asks[-10:]) > 3 * sum(asks[:10])


def test_what_was_taken_is_gone_and_the_update_id_grows() -> None:
    found = book()
    before = found.update_id
    (best, available), second = found.asks[0], found.asks[1]
    found.take(Side.BUY, [(best, available), (second[0], 1)])
    assert found.asks[0] == (second[0], second[1] - 1)
    assert found.update_id > before


def test_matching_walks_the_levels_up_to_the_limit() -> None:
    found = book()
    (first, available), (second, _) = found.asks[:2]
    whole = match_quantity(found, Side.BUY, available + 5)
    assert whole.levels == [(first, available), (second, 5)]
    assert match_quantity(found, Side.BUY, available + 5, first).levels == [(first, available)]
    assert match_quantity(found, Side.BUY, 5, first - 1).levels == []


@given(st.decimals("0.01", "10000000", places=2), st.sampled_from(Side))
def test_a_quote_amount_is_never_overspent(amount: Decimal, side: Side) -> None:
    match = match_quote(book(), BITCOIN, side, amount)
    assert match.cost(BITCOIN) <= amount


def test_a_quote_amount_buys_the_closest_quantity() -> None:
    found = book()
    match = match_quote(found, BITCOIN, Side.BUY, Decimal(500))
    one_step_more = match_quantity(found, Side.BUY, match.steps + 1)
    assert one_step_more.cost(BITCOIN) > 500
