"""When an order counts as never placed."""

from ct_exchange_bridge.domain.resolution import Absences, fence_passed


def test_three_spaced_absences_are_needed() -> None:
    absences = Absences()
    for now_ms in (0, 100, 1_999, 2_000, 3_000):
        absences.note(now_ms)
    assert not absences.enough
    absences.note(4_000)
    assert absences.enough


def test_seeing_the_order_starts_the_count_over() -> None:
    absences = Absences()
    for now_ms in (0, 2_000, 4_000):
        absences.note(now_ms)
    absences.forget()
    assert not absences.enough


def test_the_fence_is_the_venues_deadline_plus_the_margins() -> None:
    assert not fence_passed(1_000_000, 5_000, 1_000_000 + 19_999)
    assert fence_passed(1_000_000, 5_000, 1_000_000 + 20_000)
