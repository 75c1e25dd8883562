"""The table of order states."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ct_exchange_bridge.domain.order_state import (
    CANCELABLE,
    RESERVING,
    TABLE,
    Event,
    ImpossibleTransitionError,
    contradicts,
    next_state,
)
from ct_kit.domain import OrderStatus as State

REPORTS = (Event.OPEN, Event.PARTIAL, Event.FILL, Event.CANCEL, Event.EXPIRE)
ON_THE_WIRE = (State.SENDING, State.ACKED, State.UNKNOWN, State.OPEN, State.PARTIAL)


@pytest.mark.parametrize("state", ON_THE_WIRE)
@pytest.mark.parametrize("report", REPORTS)
def test_every_report_is_possible_once_an_order_may_be_on_the_wire(
    state: State, report: Event
) -> None:
    assert next_state(state, report) in State


def test_nothing_is_sent_twice() -> None:
    assert [state for (state, event) in TABLE if event is Event.SEND] == [State.CLAIMED]


def test_only_an_unknown_order_can_be_proven_absent() -> None:
    assert [state for (state, event) in TABLE if event is Event.PROVE_ABSENT] == [State.UNKNOWN]


def test_a_lost_answer_is_never_a_failure() -> None:
    for (_, event), target in TABLE.items():
        if event is Event.LOSE:
            assert target not in (State.REFUSED, State.NOT_PLACED)


@pytest.mark.parametrize("state", [State.OPEN, State.PARTIAL, State.FILLED, State.UNKNOWN])
def test_what_was_on_the_wire_cannot_be_abandoned(state: State) -> None:
    with pytest.raises(ImpossibleTransitionError):
        next_state(state, Event.ABANDON)


def test_a_fill_that_overtakes_a_cancel_fills_the_order() -> None:
    assert next_state(State.CANCELED, Event.FILL) is State.FILLED


@given(st.lists(st.sampled_from(Event), max_size=30))
def test_a_settled_order_only_comes_back_when_the_venue_contradicts_us(events: list[Event]) -> None:
    state = State.INTENT
    for event in events:
        try:
            after = next_state(state, event)
        except ImpossibleTransitionError:
            continue
        if state.is_terminal and not after.is_terminal:
            assert contradicts(state, event)
        if state is State.FILLED:
            assert after is State.FILLED
        state = after


def test_every_state_that_lives_is_reserved_or_known_to_the_venue() -> None:
    living = {state for state in State if not state.is_terminal}
    assert living == RESERVING | CANCELABLE
