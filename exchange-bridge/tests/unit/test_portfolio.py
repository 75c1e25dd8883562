"""Average-cost profit and loss."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ct_exchange_bridge.domain.portfolio import Deposit, book_of
from ct_kit.domain import Side

START = datetime(2026, 1, 1, tzinfo=UTC)
Maker = Callable[..., Any]


def test_realised_is_what_the_average_cost_says(fill: Maker) -> None:
    book = book_of(
        "USDT",
        [],
        [fill(Side.BUY, "1", "100"), fill(Side.BUY, "1", "200"), fill(Side.SELL, "1", "180")],
    )
    assert book.realised == Decimal(30)
    assert book.positions["BTC"].average_cost == Decimal(150)
    assert book.unrealised({"BTC": Decimal(160)}) == Decimal(10)


def test_a_fee_in_the_bought_asset_is_realised_at_once(fill: Maker) -> None:
    bought = fill(
        Side.BUY,
        "1",
        "100",
        commission=Decimal("0.001"),
        commission_asset="BTC",
        commission_value=Decimal("0.1"),
    )
    book = book_of("USDT", [], [bought])
    assert book.realised == Decimal("-0.1")
    assert book.fees == Decimal("0.1")
    assert book.positions["BTC"].quantity == Decimal("0.999")


_TRADES = st.lists(
    st.tuples(
        st.sampled_from(Side),
        st.integers(1, 100),
        st.integers(10, 1000),
        st.sampled_from(["BTC", "USDT"]),
    ),
    max_size=40,
)


@given(trades=_TRADES, last=st.integers(10, 1000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_deposits_and_profits_are_the_value_of_what_is_held(
    trades: list[tuple[Side, int, int, str]], last: int, fill: Maker
) -> None:
    cash, coins = Decimal(1_000_000), Decimal(1_000)
    deposits = [
        Deposit("USDT", cash, Decimal(1), None, START),
        Deposit("BTC", coins, Decimal(50), None, START),
    ]
    fills = []
    for side, quantity, price, fee_asset in trades:
        fee = Decimal(quantity) / 1000 if fee_asset == "BTC" else Decimal(quantity * price) / 1000
        if side is Side.SELL and coins < quantity + 1:
            continue
        done = fill(side, str(quantity), str(price), commission=fee, commission_asset=fee_asset)
        sign = 1 if side is Side.BUY else -1
        coins += sign * done.quantity - (fee if fee_asset == "BTC" else 0)
        cash -= sign * done.quote_quantity + (fee if fee_asset == "USDT" else 0)
        fills.append(done)
    book = book_of("USDT", deposits, fills)
    prices = {"BTC": Decimal(last)}
    worth = cash + coins * last
    said = book.deposited + book.realised + book.unrealised(prices)
    assert abs(worth - said) < Decimal("1e-12")
