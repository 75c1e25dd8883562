"""Faults an operator injects: what goes wrong, where, how often."""

import itertools
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong."""

    LATENCY = "latency"
    """The answer takes `value` milliseconds longer."""
    DROP_ANSWER_AFTER_ACCEPT = "drop_answer_after_accept"
    """The request is carried out and the connection cut without an answer."""
    STATUS = "status"
    """The answer is HTTP status `value`."""
    TRUNCATED_BODY = "truncated_body"
    """The request is carried out and half the answer's body arrives."""
    LOOKUP_LAG = "lookup_lag"
    """Orders younger than `value` milliseconds are not found."""
    STREAM_CUT = "stream_cut"
    """A WebSocket connection is cut at its next message."""
    DUPLICATE_EVENTS = "duplicate_events"
    """A WebSocket message is sent twice."""


@dataclass(slots=True)
class Fault:
    """One injected fault; it goes away after `times` uses, or stays when that is None."""

    fault_id: int
    kind: FaultKind
    method: str | None
    path: str | None
    times: int | None
    value: float
    after_accept: bool

    def meets(self, method: str, path: str) -> bool:
        """Tell whether it concerns a request; a path may end in `*`."""
        if self.method is not None and self.method != method:
            return False
        if self.path is None:
            return True
        if self.path.endswith("*"):
            return path.startswith(self.path[:-1])
        return path == self.path


class FaultBox:
    """Keep the faults that are waiting to happen."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)

    def add(
        self,
        kind: FaultKind,
        *,
        method: str | None = None,
        path: str | None = None,
        times: int | None = 1,
        value: float = 0.0,
        after_accept: bool = False,
    ) -> Fault:
        """Add a fault."""
        fault = Fault(next(self._ids), kind, method, path, times, value, after_accept)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all faults."""
        self._faults.clear()

    def waiting(self) -> list[Fault]:
        """List the faults that can still happen."""
        return list(self._faults)

    def take(
        self, kind: FaultKind, method: str, path: str, *, after_accept: bool | None = None
    ) -> Fault | None:
        """Use the first fault that concerns a request, None when there is none."""
        for fault in self._faults:
            right_time = after_accept is None or fault.after_accept is after_accept
            if fault.kind is kind and right_time and fault.meets(method, path):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None
