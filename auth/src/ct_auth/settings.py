"""What auth reads from its environment."""

from pydantic import Field

from ct_kit.settings import SharedSettings, settings_of


class AuthSettings(SharedSettings):
    """Shared settings plus auth's own, `CT_AUTH_...`."""

    model_config = settings_of("auth")

    host: str = "127.0.0.1"
    port: int = Field(default=8101, ge=1, le=65_535)
    session_idle_s: int = Field(default=30 * 60, ge=60, le=86_400)
    session_absolute_s: int = Field(default=12 * 3_600, ge=300, le=7 * 86_400)
    hash_memory_kib: int = Field(default=46 * 1024, ge=19 * 1024, le=1024 * 1024)
    hash_passes: int = Field(default=1, ge=1, le=20)
    hashes_at_once: int = Field(default=2, ge=1, le=64)
    threads: int = Field(default=8, ge=2, le=64)
