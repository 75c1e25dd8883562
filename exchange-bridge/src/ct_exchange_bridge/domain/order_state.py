"""The life of an order as a table (state, event) -> state.

safety.md 3.2. Every arrow is durable before the next step is taken; the socket write is allowed
only after SENDING is. A pair that is not in the table is a fault of ours and raises.
"""

from enum import StrEnum

from ct_kit.domain import OrderStatus as State


class Event(StrEnum):
    """What can happen to an order."""

    CLAIM = "claim"
    SEND = "send"
    ABANDON = "abandon"
    """It is certain, in the process that owned it, that nothing was written to the socket."""
    ACK = "ack"
    """The venue accepted it and said nothing more."""
    REFUSE = "refuse"
    """The venue definitely refused it."""
    LOSE = "lose"
    """No definite answer: time-out, cut, 5xx, unreadable."""
    OPEN = "open"
    PARTIAL = "partial"
    FILL = "fill"
    CANCEL = "cancel"
    EXPIRE = "expire"
    PROVE_ABSENT = "prove_absent"
    """All the evidence of safety.md 3.2 says the venue never had it."""


class ImpossibleTransitionError(Exception):
    """The event cannot happen in this state: stop and look, do not guess."""


_REPORTS = {
    Event.OPEN: State.OPEN,
    Event.PARTIAL: State.PARTIAL,
    Event.FILL: State.FILLED,
    Event.CANCEL: State.CANCELED,
    Event.EXPIRE: State.EXPIRED,
}


def _every_report(state: State) -> dict[tuple[State, Event], State]:
    return {(state, event): target for event, target in _REPORTS.items()}


TABLE: dict[tuple[State, Event], State] = {
    (State.INTENT, Event.CLAIM): State.CLAIMED,
    (State.INTENT, Event.ABANDON): State.REFUSED,
    (State.CLAIMED, Event.SEND): State.SENDING,
    (State.CLAIMED, Event.ABANDON): State.REFUSED,
    # After a restore the backup may be older than the wire: what looks unsent may have been sent.
    (State.INTENT, Event.LOSE): State.UNKNOWN,
    (State.CLAIMED, Event.LOSE): State.UNKNOWN,
    (State.SENDING, Event.ABANDON): State.REFUSED,
    (State.SENDING, Event.ACK): State.ACKED,
    (State.SENDING, Event.REFUSE): State.REFUSED,
    (State.SENDING, Event.LOSE): State.UNKNOWN,
    # The user stream may be ahead of the answer to the POST.
    **_every_report(State.SENDING),
    **_every_report(State.ACKED),
    (State.ACKED, Event.ACK): State.ACKED,
    (State.ACKED, Event.REFUSE): State.REFUSED,
    **_every_report(State.UNKNOWN),
    (State.UNKNOWN, Event.ACK): State.ACKED,
    (State.UNKNOWN, Event.LOSE): State.UNKNOWN,
    (State.UNKNOWN, Event.REFUSE): State.REFUSED,
    (State.UNKNOWN, Event.PROVE_ABSENT): State.NOT_PLACED,
    **_every_report(State.OPEN),
    (State.OPEN, Event.ACK): State.OPEN,  # the answer to the POST came after the stream's report
    (State.OPEN, Event.LOSE): State.OPEN,  # a lost cancel changes nothing
    **_every_report(State.PARTIAL),
    (State.PARTIAL, Event.OPEN): State.PARTIAL,  # out of order: "new" after the first trade
    (State.PARTIAL, Event.ACK): State.PARTIAL,
    (State.PARTIAL, Event.LOSE): State.PARTIAL,
    # Late and repeated reports of an earlier life change nothing.
    **{(State.FILLED, event): State.FILLED for event in (*_REPORTS, Event.ACK, Event.LOSE)},
    **{(State.CANCELED, event): State.CANCELED for event in (*_REPORTS, Event.ACK, Event.LOSE)},
    **{(State.EXPIRED, event): State.EXPIRED for event in (*_REPORTS, Event.ACK, Event.LOSE)},
    (State.CANCELED, Event.FILL): State.FILLED,  # the last fill overtook the cancel: happens
    (State.EXPIRED, Event.FILL): State.FILLED,
    # The venue contradicts what we concluded. It is right, and the caller raises the alarm.
    **_every_report(State.REFUSED),
    (State.REFUSED, Event.REFUSE): State.REFUSED,
    **_every_report(State.NOT_PLACED),
    (State.NOT_PLACED, Event.ACK): State.ACKED,
}

RESERVING: frozenset[State] = frozenset({State.INTENT, State.CLAIMED, State.SENDING, State.UNKNOWN})
"""States in which the whole quantity counts as spent though the venue may not show it."""

CANCELABLE: frozenset[State] = frozenset({State.ACKED, State.OPEN, State.PARTIAL, State.UNKNOWN})


def next_state(state: State, event: Event) -> State:
    """Return the state after the event; raises `ImpossibleTransitionError` for an odd pair."""
    try:
        return TABLE[state, event]
    except KeyError:
        raise ImpossibleTransitionError(f"{event} cannot happen to a {state} order") from None


def contradicts(state: State, event: Event) -> bool:
    """Say whether the venue reports life where we had proven there was none."""
    return state in (State.REFUSED, State.NOT_PLACED) and event in (*_REPORTS, Event.ACK)
