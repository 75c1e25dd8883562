"""The venue's own time."""

from collections.abc import Callable

import pytest

from ct_simulator.domain.clock import ClockMode, VirtualClock
from ct_simulator.errors import ClockNotStepped


def test_by_default_it_is_the_wall_clock(wall: Callable[[], float]) -> None:
    clock = VirtualClock(ClockMode.REALTIME, wall=wall)
    wall.now_ms += 1500  # type: ignore[attr-defined]
    assert clock.now_ms() == wall()
    assert clock.is_real


def test_runs_faster_from_where_it_was_set(wall: Callable[[], float]) -> None:
    clock = VirtualClock(ClockMode.REALTIME, start_ms=1000, speed=60, wall=wall)
    wall.now_ms += 100  # type: ignore[attr-defined]
    assert clock.now_ms() == 7000
    clock.set_speed(1)
    wall.now_ms += 100  # type: ignore[attr-defined]
    assert clock.now_ms() == 7100
    assert not clock.is_real


def test_never_passes_the_end_of_a_recording(wall: Callable[[], float]) -> None:
    clock = VirtualClock(ClockMode.REALTIME, start_ms=1000, speed=10, end_ms=2000, wall=wall)
    assert not clock.ended
    wall.now_ms += 500  # type: ignore[attr-defined]
    assert clock.now_ms() == 2000
    assert clock.ended


def test_a_wall_clock_set_back_does_not_turn_time_back(wall: Callable[[], float]) -> None:
    clock = VirtualClock(ClockMode.REALTIME, start_ms=1000, wall=wall)
    wall.now_ms -= 5000  # type: ignore[attr-defined]
    assert clock.now_ms() == 1000


def test_stepped_time_moves_by_hand_and_forward_only(wall: Callable[[], float]) -> None:
    clock = VirtualClock(ClockMode.STEPPED, start_ms=1000, wall=wall)
    wall.now_ms += 5000  # type: ignore[attr-defined]
    assert clock.now_ms() == 1000
    clock.move_to(2000)
    clock.move_to(1500)
    assert clock.now_ms() == 2000
    with pytest.raises(ClockNotStepped):
        clock.set_speed(2)


def test_a_running_clock_is_not_stepped(wall: Callable[[], float]) -> None:
    with pytest.raises(ClockNotStepped):
        VirtualClock(ClockMode.REALTIME, wall=wall).move_to(5)
