"""Limit: budgets per user or address and kind of work, in memory.

Fails open across restarts (buckets are full again): these budgets protect the gateway and
its neighbours from floods. What must never fail open, sign-in throttling and order limits,
is counted durably by auth and by the bridge.
"""

import time
from collections.abc import Callable

from ct_gateway.domain.bucket import Buckets, Rate
from ct_gateway.operations import RateClass
from ct_gateway.pipeline.call import Call
from ct_kit.errors import TooManyRequests

RATES: dict[RateClass, Rate] = {
    # a page loads about a dozen resources at once and polls a few; 10x that is a program
    RateClass.READ: Rate(burst=200, per_second=50),
    RateClass.WRITE: Rate(burst=60, per_second=10),
    # a backtest takes seconds of a core
    RateClass.JOB: Rate(burst=20, per_second=0.5),
    # people mistype a few times; auth throttles per account on top
    RateClass.CREDENTIALS: Rate(burst=20, per_second=0.25),
}
ADDRESS_RATE = Rate(burst=600, per_second=200)
"""All calls of one address together, before anything is asked of auth; many share a NAT."""


class Limits:
    """The budgets of one gateway process."""

    def __init__(self, scale: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._address = Buckets(ADDRESS_RATE.scaled(scale))
        self._classes = {kind: Buckets(rate.scaled(scale)) for kind, rate in RATES.items()}

    def take_address(self, address: str) -> None:
        """Count a call against its address; raises `TooManyRequests`."""
        _refuse(self._address.take(address, self._clock()), "address_rate_exceeded")

    def take(self, call: Call) -> None:
        """Count a call against its user, or its address while nobody is signed in."""
        kind = call.operation.rate
        who = call.session.user.id if call.session else call.address
        _refuse(self._classes[kind].take(who, self._clock()), f"{kind.value}_rate_exceeded")


def _refuse(wait_s: float, code: str) -> None:
    if wait_s > 0:
        raise TooManyRequests(code, "Too many calls; wait a little.", retry_after_s=wait_s)
