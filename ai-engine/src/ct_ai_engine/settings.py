"""Settings of the API process and of the worker; both read CT_AI_ENGINE_."""

from pydantic import Field

from ct_kit.settings import SharedSettings, settings_of


class AiEngineSettings(SharedSettings):
    """Read once at start. The worker shares the class: same database, same bridge."""

    model_config = settings_of("ai-engine")

    host: str = "127.0.0.1"
    port: int = Field(default=8105, ge=0, le=65_535)
    worker_port: int = Field(default=8115, ge=0, le=65_535, description="The worker's health.")
    jobs_per_owner: int = Field(default=20, ge=1, le=1_000, description="Queued and running.")
    lease_s: float = Field(default=15.0, ge=2.0, le=300.0, description="Silence before reclaim.")
    poll_s: float = Field(default=0.5, ge=0.05, le=10.0)
