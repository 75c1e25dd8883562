"""What the vault signs: an allow-list of exact calls per venue. All else is refused.

There is no rule for withdrawals, transfers, sub-accounts or loans, and none can be configured in.
"""

from dataclasses import dataclass
from enum import Enum

from ct_keyvault.domain.records import KeyRecord


class Reach(Enum):
    """How far a call goes, from looking at the key itself to moving money."""

    PREFLIGHT = 1  # asks what the key may do; the answer decides whether it may do more
    READ = 2
    TRADE = 3


class Payload(Enum):
    """How the venue wants the signed string written."""

    QUERY = "query"  # percent-encoded, in the order given
    SORTED = "sorted"  # WebSocket API: sorted by name with apiKey, not percent-encoded


@dataclass(frozen=True, slots=True)
class Rule:
    """One call that may be signed."""

    reach: Reach
    payload: Payload = Payload.QUERY


_PREFLIGHT = Rule(Reach.PREFLIGHT)
_READ = Rule(Reach.READ)
_TRADE = Rule(Reach.TRADE)
_SUBSCRIBE = Rule(Reach.READ, Payload.SORTED)

# Paths from binance-spot-api-docs (a5e0bc3, 2026-07-21): rest-api.md and web-socket-api.md.
RULES: dict[str, dict[tuple[str, str], Rule]] = {
    "binance": {
        ("GET", "/sapi/v1/account/apiRestrictions"): _PREFLIGHT,
        ("GET", "/api/v3/account"): _PREFLIGHT,  # its canTrade is part of the answer
        ("GET", "/api/v3/account/commission"): _READ,
        ("GET", "/api/v3/order"): _READ,
        ("GET", "/api/v3/openOrders"): _READ,
        ("GET", "/api/v3/allOrders"): _READ,
        ("GET", "/api/v3/myTrades"): _READ,
        ("GET", "/api/v3/rateLimit/order"): _READ,
        # A WebSocket call has no HTTP method: callers name it GET or POST.
        ("GET", "/ws-api/v3/userDataStream.subscribe.signature"): _SUBSCRIBE,
        ("POST", "/ws-api/v3/userDataStream.subscribe.signature"): _SUBSCRIBE,
        ("POST", "/api/v3/order/test"): _TRADE,
        ("POST", "/api/v3/order"): _TRADE,
        ("DELETE", "/api/v3/order"): _TRADE,
        ("DELETE", "/api/v3/openOrders"): _TRADE,
    },
}

_FURTHEST = {"refused": Reach.PREFLIGHT, "unverified": Reach.READ, "verified": Reach.TRADE}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call is not signed."""

    code: str
    detail: str


def decide(record: KeyRecord, method: str, path: str) -> Rule | Refusal:
    """Return the rule that lets this key sign this call, or why there is none.

    A key the venue has not vouched for may only read; a refused one may only be asked again what
    it may do; a pair without its API key signs nothing.
    """
    rule = RULES.get(record.venue, {}).get((method, path))
    if rule is None:
        return Refusal("call_not_allowed", "The vault does not sign this call.")
    furthest = _FURTHEST.get(record.state)
    if furthest is None:
        return Refusal("key_pending", "The key pair waits for the API key the venue gave for it.")
    if rule.reach.value > furthest.value:
        if record.state == "refused":
            return Refusal("key_refused", f"The key was refused: {record.state_reason}")
        return Refusal("key_unverified", "The key may only read until the venue vouched for it.")
    return rule
