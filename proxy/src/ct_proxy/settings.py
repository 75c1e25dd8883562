"""What the proxy reads from its environment."""

from ipaddress import ip_address
from pathlib import Path

from pydantic import Field, field_validator

from ct_kit.settings import SharedSettings, settings_of


class ProxySettings(SharedSettings):
    """Shared settings plus the proxy's own, `CT_PROXY_...`."""

    model_config = settings_of("proxy")

    host: str = "127.0.0.1"
    port: int = Field(default=8104, ge=1, le=65_535)
    routes_file: Path | None = None
    signed_routes: str = Field(default="", pattern=r"^([a-z0-9-]+(,[a-z0-9-]+)*)?$")
    allow_simulator: str | None = Field(default=None, pattern=r"^[0-9.]+:[1-9][0-9]{0,4}$")

    @field_validator("allow_simulator")
    @classmethod
    def _is_loopback(cls, value: str | None) -> str | None:
        if value is not None and not ip_address(value.partition(":")[0]).is_loopback:
            raise ValueError("the simulator's exception is for a loopback address only")
        return value

    def signed_route_ids(self) -> frozenset[str]:
        """Return the routes signed traffic was enabled on, the second of the two times."""
        return frozenset(name for name in self.signed_routes.split(",") if name)

    def simulator(self) -> tuple[str, int] | None:
        """Return host and port of the simulator, where the operator let it in."""
        if self.allow_simulator is None:
            return None
        host, _, port = self.allow_simulator.partition(":")
        return host, int(port)
