"""Egress routes: made by the operator, never by a user, a bot or a request."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["market_data", "signed"]


@dataclass(frozen=True, slots=True)
class Route:
    """One way out. Signed traffic needs an attestation here and the route's name in the settings."""

    id: str
    kind: Literal["direct"]
    country: str | None
    venues: tuple[str, ...]
    market_data: bool
    signed: bool
    attestation: str | None = None


BUILT_IN = Route(
    id="direct", kind="direct", country=None, venues=("binance",), market_data=True, signed=False
)
"""What there is without a route file: public data straight out, nothing signed."""


def route_for(
    role: Role, venue: str, routes: tuple[Route, ...], signed_routes: frozenset[str]
) -> Route | None:
    """Return the first route that carries this role to this venue.

    The order is the operator's and does not depend on earlier failures: there is no rotation and
    no automatic alternative (safety.md G4).
    """
    for route in routes:
        if venue not in route.venues:
            continue
        if role == "market_data" and route.market_data:
            return route
        if role == "signed" and route.signed and route.attestation and route.id in signed_routes:
            return route
    return None
