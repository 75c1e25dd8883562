"""Weight budget, clock, and the calls the SDK builds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ct_exchange_bridge.domain.venue_error import VenueError
from ct_exchange_bridge.venues.binance.rest import Call, NotSignableError, SpotCalls
from ct_exchange_bridge.venues.clock import VenueClock
from ct_exchange_bridge.venues.weight import WeightBudget
from ct_kit.domain import Interval


def test_the_reserve_is_for_what_is_urgent() -> None:
    budget = WeightBudget(100, 0.2, now=lambda: 0.0)
    budget.admit(80, urgent=False)
    with pytest.raises(VenueError):
        budget.admit(1, urgent=False)
    budget.admit(20, urgent=True)
    with pytest.raises(VenueError):
        budget.admit(1, urgent=True)


def test_a_new_minute_is_a_new_budget() -> None:
    now = [0.0]
    budget = WeightBudget(100, 0.0, now=lambda: now[0])
    budget.admit(100, urgent=True)
    now[0] = 60.0
    budget.admit(100, urgent=True)


def test_the_venues_count_wins_over_ours() -> None:
    budget = WeightBudget(100, 0.0, now=lambda: 0.0)
    budget.observe(99)
    with pytest.raises(VenueError):
        budget.admit(2, urgent=True)


def test_retry_after_stops_everything() -> None:
    now = [0.0]
    budget = WeightBudget(100, 0.0, now=lambda: now[0])
    budget.block(17)
    with pytest.raises(VenueError) as limited:
        budget.admit(1, urgent=True)
    assert limited.value.retry_after_s == 17
    now[0] = 17.0
    budget.admit(1, urgent=True)


def test_a_real_venues_time_is_ours_plus_the_offset() -> None:
    clock = VenueClock(wall=lambda: 1_000_000)
    clock.learn(1_002_010, 1_000_000, 1_000_020)
    assert clock.now_ms() == clock.stamp_ms() == 1_002_000


@given(st.lists(st.integers(0, 10**12), min_size=1))
def test_a_replays_time_is_never_ahead_of_what_it_said(heard: list[int]) -> None:
    clock = VenueClock(tracks_wall=False, wall=lambda: 10**13)
    for time_ms in heard:
        clock.hear(time_ms)
    assert clock.now_ms() == max(heard)
    assert clock.stamp_ms() == 10**13


def test_the_sdk_builds_the_order_and_sends_nothing() -> None:
    calls = SpotCalls(base_url="http://nowhere.invalid")
    call = calls.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.00001")
    assert call == Call(
        "POST",
        "/api/v3/order",
        (("symbol", "BTCUSDT"), ("side", "BUY"), ("type", "MARKET"), ("quantity", "0.00001")),
    )


def test_a_float_never_reaches_the_wire() -> None:
    calls = SpotCalls(base_url="http://nowhere.invalid")
    with pytest.raises(TypeError):
        calls.new_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity=0.00001)


def test_the_sdks_own_signing_path_is_shut() -> None:
    calls = SpotCalls(base_url="http://nowhere.invalid")
    with pytest.raises(NotSignableError):
        calls.limited_encoded_sign_request("POST", "/api/v3/order")


def test_klines_are_asked_for_with_whole_numbers() -> None:
    calls = SpotCalls(base_url="http://nowhere.invalid")
    call = calls.klines("BTCUSDT", Interval.M1.value, startTime=60_000, limit=1000)
    assert call.query == "symbol=BTCUSDT&interval=1m&startTime=60000&limit=1000"
