"""Faults strike where they are told to, as often as they are told to."""

import pytest

from ct_simulator.domain.faults import FaultBox, FaultKind


@pytest.mark.parametrize(
    ("method", "path", "strikes"),
    [
        ("POST", "/api/v3/order", True),
        ("GET", "/api/v3/order", False),
        ("POST", "/api/v3/order/test", False),
    ],
)
def test_a_fault_strikes_only_what_it_matches(method: str, path: str, strikes: bool) -> None:
    box = FaultBox()
    box.add(FaultKind.STATUS, method="POST", path="/api/v3/order", value=500)
    assert (box.take(FaultKind.STATUS, method, path) is not None) is strikes


def test_a_star_matches_what_begins_alike() -> None:
    box = FaultBox()
    box.add(FaultKind.LATENCY, path="/api/*", times=None)
    assert box.take(FaultKind.LATENCY, "GET", "/api/v3/ping")
    assert not box.take(FaultKind.LATENCY, "GET", "/sapi/v1/x")


def test_a_fault_wears_off() -> None:
    box = FaultBox()
    box.add(FaultKind.STATUS, times=2, value=500)
    assert box.take(FaultKind.STATUS, "GET", "/a")
    assert box.take(FaultKind.STATUS, "GET", "/a")
    assert not box.take(FaultKind.STATUS, "GET", "/a")
    assert box.waiting() == []


def test_before_and_after_the_venue_has_accepted_are_two_things() -> None:
    box = FaultBox()
    box.add(FaultKind.STATUS, value=500, after_accept=True)
    assert not box.take(FaultKind.STATUS, "GET", "/a", after_accept=False)
    assert box.take(FaultKind.STATUS, "GET", "/a", after_accept=True)
