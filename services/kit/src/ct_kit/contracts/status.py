"""What is up, what is down, and how old the data is."""

from typing import Literal

from pydantic import AwareDatetime, Field

from ct_kit.contracts.common import MarketKind, View


class Readiness(View):
    """A service's own word on whether it can serve."""

    ready: bool
    reasons: list[str] = Field(default=[], description="Why not, when not.")


class ServiceStatus(View):
    """One service as the gateway sees it."""

    name: str
    state: Literal["up", "down", "not_ready"]
    reason: str | None
    checked_at: AwareDatetime


class VenueStatus(View):
    """One venue as the bridge sees it."""

    venue: str
    market: MarketKind
    state: Literal["healthy", "degraded", "down"]
    circuit: Literal["closed", "half_open", "open"]
    route: str
    data_age_ms: int | None = Field(description="Age of the newest market event.")
    reason: str | None


class BridgeStatus(View):
    """The bridge's part of the status page."""

    venues: list[VenueStatus]
    unknown_orders: int
    halted: bool


class Status(View):
    """The status page."""

    state: Literal["ok", "degraded", "down"]
    market: MarketKind
    version: str
    services: list[ServiceStatus]
    venues: list[VenueStatus]
    as_of: AwareDatetime
