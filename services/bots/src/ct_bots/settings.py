"""Settings of the bots' two processes; the shared ones are in `ct_kit.settings`."""

from typing import Self

from pydantic import Field, model_validator

from ct_kit.settings import SharedSettings, settings_of

# An order signed just before a lease was lost must have expired at the venue before a new holder
# acts: Binance's recvWindow of 5 s, and 1 s of clock skew on either side (safety.md O4).
SHORTEST_LEASE_S = 7.0


class BotsSettings(SharedSettings):
    """Where API and runner listen, and how a runner keeps its leases."""

    model_config = settings_of("bots")

    host: str = "127.0.0.1"
    port: int = Field(default=8106, ge=0, le=65_535)
    runner_port: int = Field(default=8116, ge=0, le=65_535)
    lease_ttl_s: float = Field(default=12.0, ge=SHORTEST_LEASE_S, le=300)
    lease_renew_s: float = Field(default=3.0, gt=0, le=100)
    poll_s: float = Field(default=0.5, gt=0, le=10, description="How often runners look for work.")
    start_jitter_s: float = Field(
        default=1.0, ge=0, le=60, description="Bots taken over at once start spread over this."
    )

    @model_validator(mode="after")
    def _renews_in_time(self) -> Self:
        if self.lease_renew_s * 2 >= self.lease_ttl_s:
            raise ValueError("lease_renew_s must be less than half of lease_ttl_s")
        return self
