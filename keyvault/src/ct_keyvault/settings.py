"""What the vault reads from its environment."""

from pathlib import Path

from pydantic import Field

from ct_kit.settings import SharedSettings, settings_of


class KeyvaultSettings(SharedSettings):
    """Shared settings plus the vault's own, `CT_KEYVAULT_...`."""

    model_config = settings_of("keyvault")

    host: str = "127.0.0.1"
    port: int = Field(default=8102, ge=1, le=65_535)
    root_key_file: Path | None = None
    sign_per_second: float = Field(default=50, gt=0, le=10_000)
    sign_burst: int = Field(default=200, ge=1, le=100_000)
