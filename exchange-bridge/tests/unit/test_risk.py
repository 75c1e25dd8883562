"""The rules before the wire."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ct_exchange_bridge.domain.risk import Halt, Limits, blocking, judge, refusals
from ct_kit.domain import OrderType, Price, Quantity, Side

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Maker = Callable[..., Any]


def codes(verdicts: Any) -> list[str]:
    return [verdict.code for verdict in refusals(verdicts)]


def test_an_ordinary_order_passes_every_rule(terms: Maker, situation: Maker) -> None:
    assert codes(judge(terms(), situation())) == []


@pytest.mark.parametrize(
    ("order", "now", "code"),
    [
        ({"quantity": Decimal("0.010001")}, {}, "quantity_step"),
        ({"quantity": Decimal("0.00002")}, {}, "min_notional"),
        ({"quantity": Decimal(101)}, {}, "max_quantity"),
        ({"quote_quantity": Decimal(4)}, {}, "min_notional"),
        ({"type": OrderType.LIMIT, "price": Decimal("50000.005")}, {}, "price_tick"),
        ({"type": OrderType.LIMIT, "price": Decimal(56_000)}, {}, "price_collar"),
        (
            {"side": Side.SELL, "type": OrderType.LIMIT, "price": Decimal(44_000)},
            {},
            "price_collar",
        ),
        ({"quantity": Decimal(21)}, {}, "max_order_notional"),
        ({}, {"stale": True}, "stale_market"),
        ({}, {"last_price": None, "expected_price": None}, "stale_market"),
        ({}, {"available": Decimal(499)}, "insufficient_balance"),
        ({}, {"available": None}, "insufficient_balance"),
        ({}, {"open_orders": 10}, "max_open_orders"),
        ({}, {"orders_last_minute": 10}, "orders_per_minute"),
        ({}, {"halts": (Halt("user", "usr_a", "enough", NOW),)}, "halted"),
        ({}, {"limits": Limits(allowed_symbols=("ETH-USDT",))}, "symbol_not_allowed"),
        ({}, {"limits": Limits(max_order_notional=Decimal(100))}, "max_order_notional"),
    ],
)
def test_each_rule_refuses_with_its_code(
    order: dict[str, Any], now: dict[str, Any], code: str, terms: Maker, situation: Maker
) -> None:
    assert code in codes(judge(terms(**order), situation(**now)))


def test_every_refusal_names_a_field_and_a_remedy(terms: Maker, situation: Maker) -> None:
    order = terms(type=OrderType.LIMIT, price=Decimal("99999.005"), quantity=Decimal("0.0000001"))
    found = refusals(judge(order, situation(available=Decimal(0), open_orders=99)))
    assert all(item.field.startswith("body") and item.remedy and item.message for item in found)


def test_the_user_cannot_raise_the_operators_limit(terms: Maker, situation: Maker) -> None:
    limits = Limits(max_order_notional=Decimal(10) ** 12)
    verdicts = judge(terms(quantity=Decimal(21)), situation(limits=limits))
    assert "max_order_notional" in codes(verdicts)


def test_a_resting_order_far_on_the_harmless_side_is_allowed(
    terms: Maker, situation: Maker
) -> None:
    order = terms(type=OrderType.LIMIT, price=Decimal(20_000))
    assert codes(judge(order, situation())) == []


def test_a_limit_order_may_rest_while_prices_are_old(terms: Maker, situation: Maker) -> None:
    order = terms(type=OrderType.LIMIT, price=Decimal(49_000))
    assert codes(judge(order, situation(stale=True))) == []


def test_a_bots_halt_stops_this_bot_alone() -> None:
    halts = (Halt("bot", "bot_a", "loss", NOW),)
    assert blocking(halts, owner="usr_a", bot_id="bot_a", venue="binance") == halts
    assert blocking(halts, owner="usr_a", bot_id="bot_b", venue="binance") == ()
    assert blocking(halts, owner="usr_a", bot_id=None, venue="binance") == ()


@given(
    quantity=st.decimals("0.0000001", "200", places=7),
    price=st.decimals("0.001", "100000", places=3),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_passes_the_filters_the_instrument_accepts(
    quantity: Decimal, price: Decimal, terms: Maker, situation: Maker
) -> None:
    order = terms(type=OrderType.LIMIT, quantity=quantity, price=price)
    now = situation()
    filters = {"price_tick", "quantity_step", "min_quantity", "max_quantity", "min_notional"}
    denied = filters & set(codes(judge(order, now)))
    accepted = not now.listed.instrument.refusals(Price(price), Quantity(quantity))
    assert accepted == (not denied)
