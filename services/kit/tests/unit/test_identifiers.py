"""Symbols, ids, intervals."""

from typing import Any, get_args

import pytest

from ct_kit.contracts import common, orders
from ct_kit.domain import (
    Interval,
    Market,
    Mode,
    OrderStatus,
    OrderType,
    Side,
    Symbol,
    TimeInForce,
    client_order_id,
    new_id,
)


def test_a_symbol_reads_what_it_writes() -> None:
    assert str(Symbol.parse("BTC-USDT")) == "BTC-USDT"
    assert Symbol.parse("BTC-USDT") == Symbol("BTC", "USDT")


@pytest.mark.parametrize(
    "text", ["BTCUSDT", "btc-usdt", "BTC-", "A-B-C", "BTC-USDT\n", "ÄÖ-USDT", ""]
)
def test_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="BTC-USDT"):
        Symbol.parse(text)


def test_ids_sort_by_the_time_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for now_ms in (1, 1_000, 1_700_000_000_000, 1_800_000_000_000):
        monkeypatch.setattr("time.time_ns", lambda now=now_ms: now * 1_000_000)
        made.append(new_id("ord"))
    assert made == sorted(made)


def test_ten_thousand_ids_are_all_different() -> None:
    assert len({new_id("ord") for _ in range(10_000)}) == 10_000


@pytest.mark.parametrize("prefix", ["", "a", "ORD", "order_id", "ninechars"])
def test_an_ids_prefix_is_checked(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        new_id(prefix)


def test_the_client_order_id_is_what_every_venue_takes() -> None:
    made = client_order_id("acc_1", "key-1", 1)
    assert made == client_order_id("acc_1", "key-1", 1)
    assert len(made) == 32
    assert made.startswith("ct")
    assert made.isalnum()
    assert made == made.lower()


def test_each_part_of_an_intent_makes_another_client_order_id() -> None:
    parts = [("a", "b", 1), ("a", "b", 2), ("a", "c", 1), ("c", "b", 1)]
    assert len({client_order_id(*part) for part in parts}) == 4


@pytest.mark.parametrize("parts", [("", "b", 1), ("a|b", "c", 1), ("a", "b|c", 1), ("a", "b", 0)])
def test_ambiguous_parts_are_refused(parts: Any) -> None:
    with pytest.raises(ValueError, match="was"):
        client_order_id(*parts)


def test_candles_open_on_multiples_of_their_interval() -> None:
    assert Interval.M5.milliseconds == 300_000
    assert Interval.M5.open_of(299_999) == 0
    assert Interval.M5.open_of(300_000) == 300_000
    assert not Interval.M1.is_closed(0, 59_999)
    assert Interval.M1.is_closed(0, 60_000)


def test_the_domains_words_are_the_contracts_words() -> None:
    assert [*Interval] == list(get_args(common.IntervalName))
    assert [*Market] == list(get_args(common.MarketKind))
    assert [*Mode] == list(get_args(common.ModeName))
    assert [*Side] == list(get_args(orders.SideName))
    assert [*OrderType] == list(get_args(orders.OrderTypeName))
    assert [*TimeInForce] == list(get_args(orders.TimeInForceName))
    assert [*OrderStatus] == list(get_args(orders.OrderState))
    assert {s for s in OrderStatus if s.is_terminal} == orders.TERMINAL_STATES
