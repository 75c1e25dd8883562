"""Weights, order counts and bans."""

from collections.abc import Callable

import pytest

from ct_simulator.domain.clock import ClockMode, VirtualClock
from ct_simulator.wire.binance.errors import WireError
from ct_simulator.wire.binance.limits import Limits


@pytest.fixture
def limits(wall: Callable[[], float]) -> Limits:
    return Limits(
        VirtualClock(ClockMode.REALTIME, wall=wall), weight_1m=100, orders_10s=3, orders_1d=5
    )


def test_weight_is_counted_per_address_and_clock_minute(
    limits: Limits, wall: Callable[[], float]
) -> None:
    assert [limits.spend("a", 40), limits.spend("a", 60), limits.spend("b", 1)] == [40, 100, 1]
    with pytest.raises(WireError) as caught:
        limits.spend("a", 1)
    assert (caught.value.code, caught.value.status) == (-1003, 429)
    wait = caught.value.retry_after_s
    assert wait is not None
    wall.now_ms += wait * 1000  # type: ignore[attr-defined]
    assert limits.spend("a", 1) == 1


def test_who_goes_on_into_a_429_is_banned(limits: Limits, wall: Callable[[], float]) -> None:
    limits.spend("a", 100)
    statuses = []
    for _ in range(25):
        with pytest.raises(WireError) as caught:
            limits.spend("a", 1)
        statuses.append(caught.value.status)
    assert statuses == [429] * 20 + [418] * 5
    assert caught.value.retry_after_s == 120
    wall.now_ms += 119_000  # type: ignore[attr-defined]
    with pytest.raises(WireError, match="banned"):
        limits.spend("a", 1)
    wall.now_ms += 1_000  # type: ignore[attr-defined]
    assert limits.spend("a", 1) == 1


def test_only_unfilled_orders_count(limits: Limits, wall: Callable[[], float]) -> None:
    for _ in range(3):
        limits.check_orders("acc")
        limits.add_order("acc")
    with pytest.raises(WireError, match="3 orders per 10 SECOND"):
        limits.check_orders("acc")
    limits.order_traded("acc")
    limits.check_orders("acc")
    limits.add_order("acc")
    wall.now_ms += 10_000  # type: ignore[attr-defined]
    assert limits.orders("acc") == (0, 3)
    limits.add_order("acc")
    limits.add_order("acc")
    with pytest.raises(WireError, match="5 orders per 1 DAY"):
        limits.check_orders("acc")


def test_a_step_of_the_virtual_clock_begins_a_new_window(wall: Callable[[], float]) -> None:
    clock = VirtualClock(ClockMode.STEPPED, start_ms=60_000, wall=wall)
    limits = Limits(clock, weight_1m=10)
    limits.spend("a", 10)
    clock.move_to(120_000)
    assert limits.spend("a", 10) == 10
