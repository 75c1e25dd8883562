"""How many guesses are weighed, per account and per address, without locking the owner out.

A failed sign-in from an address counts against that pair of account and address, and, where the
account never signed in from there, against the account and the address as well. So a crowd of
strange addresses spends one shared hourly budget, and the owner at an address known to the account
keeps a budget of their own, whatever others do from there.
"""

from dataclasses import dataclass
from datetime import timedelta

WINDOW = timedelta(hours=1)
_FREE_FAILURES = 5  # a person mistypes; a sixth time in a row is rare
_FIRST_WAIT_S = 10.0
_LONGEST_WAIT_S = 900.0
_STRANGERS_PER_HOUR = 20  # safety.md T9: at most 20 guesses on one account are evaluated an hour
_ADDRESS_PER_HOUR = 100  # a household or an office behind one address, registering and mistyping


@dataclass(frozen=True, slots=True)
class Recent:
    """Attempts of the last hour that failed or are under way, the one in question excluded."""

    by_pair: int
    since_pair_s: float
    by_strangers: int
    by_address: int
    address_is_known: bool


def sign_in_wait_s(recent: Recent) -> float:
    """Return 0 where this sign-in may be weighed, else the seconds to wait before another."""
    waits = [_pair_wait_s(recent.by_pair, recent.since_pair_s)]
    if not recent.address_is_known:
        waits.append(registration_wait_s(recent))
        if recent.by_strangers >= _STRANGERS_PER_HOUR:
            waits.append(_LONGEST_WAIT_S)
    return max(waits)


def registration_wait_s(recent: Recent) -> float:
    """Return 0 where this address may register another account, else the seconds to wait."""
    return _LONGEST_WAIT_S if recent.by_address >= _ADDRESS_PER_HOUR else 0.0


def _pair_wait_s(failures: int, since_s: float) -> float:
    beyond = failures - _FREE_FAILURES
    if beyond < 0:
        return 0.0
    # Doubling stops where it exceeds the longest wait anyway: 2**7 times the first.
    pause = min(_FIRST_WAIT_S * 2.0 ** min(beyond, 7), _LONGEST_WAIT_S)
    return max(0.0, pause - since_s)
