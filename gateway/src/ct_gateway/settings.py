"""Settings of the gateway; the shared ones are in `ct_kit.settings`."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from ct_kit.settings import SharedSettings, settings_of


class GatewaySettings(SharedSettings):
    """Where the gateway listens, what it serves, and how much it lets through."""

    model_config = settings_of("gateway")

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65_535)
    frontend_dir: Path = Path("frontend/dist")
    public_origin: str | None = Field(
        default=None,
        description="Origin browsers use, such as https://trade.example.org. Unset: any loopback host.",
    )
    limit_scale: float = Field(
        default=1.0, gt=0, le=1_000, description="Multiplies every rate budget."
    )
    bots_runner_url: str | None = Field(
        default=None, description="Health port of a bot runner, shown on the status page."
    )
    ai_worker_url: str | None = Field(
        default=None, description="Health port of an AI worker, shown on the status page."
    )

    @field_validator("public_origin")
    @classmethod
    def _origin(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value.lower())
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
            raise ValueError("must be an origin such as https://trade.example.org")
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def https(self) -> bool:
        """Say whether browsers reach the gateway over HTTPS."""
        return self.public_origin is not None and self.public_origin.startswith("https://")
