"""Settings of the simulator, read once from `CT_SIMULATOR_*` and the shared `CT_*`."""

from decimal import Decimal
from pathlib import Path

from pydantic import AwareDatetime, Field, ValidationInfo, field_validator

from ct_kit.domain.enums import Market
from ct_kit.settings import SharedSettings, settings_of
from ct_simulator.domain.clock import ClockMode


class SimulatorSettings(SharedSettings):
    """What market to make, how time runs, where to listen."""

    model_config = settings_of("simulator")

    host: str = "127.0.0.1"
    port: int = Field(default=8110, ge=0, le=65535, description="Admin port.")
    binance_port: int = Field(default=8111, ge=0, le=65535)
    seed: int = Field(default=20_260_101, ge=0, description="Of the synthetic market.")
    clock: ClockMode = ClockMode.REALTIME
    replay: Path | None = Field(
        default=None, validate_default=True, description="Parquet or CSV file of candles."
    )
    replay_symbol: str | None = Field(
        default=None,
        pattern=r"^[A-Z0-9]{2,12}-[A-Z0-9]{2,12}$",
        description="Such as BTC-USDT; read from the file's name when absent.",
    )
    replay_speed: float = Field(
        default=1.0, gt=0, le=100_000, description="Virtual seconds per real one."
    )
    replay_start: AwareDatetime | None = Field(
        default=None, description="Where to begin; after the warm-up rows when absent."
    )
    replay_warmup: int = Field(
        default=500, ge=0, le=1_000_000, description="Rows before the start that are history."
    )
    half_spread_bps: float = Field(default=1.0, ge=0, le=1000)
    best_level_quote: float | None = Field(
        default=None,
        gt=0,
        description="Quote worth of the best level; 50,000 when simulated, 5,000,000 in a replay.",
    )
    maker_fee: Decimal = Field(default=Decimal("0.001"), ge=0, lt=1)
    taker_fee: Decimal = Field(default=Decimal("0.001"), ge=0, lt=1)
    weight_limit_1m: int = Field(default=6_000, ge=1)
    order_limit_10s: int = Field(default=100, ge=1)
    order_limit_1d: int = Field(default=200_000, ge=1)

    @field_validator("replay")
    @classmethod
    def _file_to_replay(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is None and info.data.get("market") is Market.REPLAY:
            raise ValueError("CT_MARKET=replay needs a parquet or CSV file of candles")
        return value
