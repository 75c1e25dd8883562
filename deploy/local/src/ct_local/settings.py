"""What an operator may set: the environment, then `.env`, then safe defaults."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from ct_local.errors import StartFault
from ct_local.layout import PORTS, REFUSED_BY_BROWSERS

EX_CONFIG = 78  # sysexits.h: the configuration is wrong; starting again cannot help
_PREFIX = "CT_"
# settings of one service are read and judged by that service; the launcher only hands them on
SERVICE_PREFIXES = {
    "gateway": "CT_GATEWAY_",
    "auth": "CT_AUTH_",
    "keyvault": "CT_KEYVAULT_",
    "exchange-bridge": "CT_EXCHANGE_BRIDGE_",
    "proxy": "CT_PROXY_",
    "ai-engine": "CT_AI_ENGINE_",
    "bots": "CT_BOTS_",
    "simulator": "CT_SIMULATOR_",
}


class LauncherSettings(BaseModel):
    """The platform's settings on one machine; unset means safe: the simulated market."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Path = Field(default=Path(".data"), description="where everything is kept")
    market: Literal["simulated", "replay", "live"] = "simulated"
    replay: Path | None = Field(default=None, description="candles to replay, parquet or CSV")
    replay_speed: float = Field(default=60.0, gt=0, description="replayed seconds per second")
    port_offset: int = Field(default=0, ge=0, le=38_000, description="added to every port")
    mongodb_uri: SecretStr | None = Field(default=None, description="use this MongoDB instead")
    mongodb_prefix: str = Field(default="", description="put before every database name")
    gateway_host: str = Field(default="127.0.0.1", description="the only address browsers reach")
    log_format: Literal["json", "console"] = "json"
    start_timeout_s: float = Field(default=180.0, gt=0, description="give up starting after this")


def read_environment(environ: Mapping[str, str], dotenv: Path) -> dict[str, str]:
    """Return the CT_ settings of `.env` overlaid by the environment; empty values are absent."""
    merged = {key: value or "" for key, value in dotenv_values(dotenv).items()} | dict(environ)
    return {key: value for key, value in merged.items() if key.startswith(_PREFIX) and value}


def load(environment: Mapping[str, str]) -> LauncherSettings:
    """Return the settings in `environment`; raises StartFault listing every fault at once."""
    known = {f"{_PREFIX}{name.upper()}": name for name in LauncherSettings.model_fields}
    own = {known[key]: value for key, value in environment.items() if key in known}
    faults = [
        _unknown(key, known)
        for key in environment
        if key not in known and not key.startswith(tuple(SERVICE_PREFIXES.values()))
    ]
    settings: LauncherSettings | None = None
    try:
        settings = LauncherSettings.model_validate(own)
    except ValidationError as error:
        faults += [
            f"{_PREFIX}{'_'.join(str(part) for part in fault['loc']).upper()}: {fault['msg']}"
            for fault in error.errors()
        ]
    if settings is None or faults:
        raise StartFault(
            "Settings are wrong: " + "; ".join(faults) + ".",
            "See .env.example.",
            code="settings",
            exit_code=EX_CONFIG,
        )
    if PORTS["gateway"] + settings.port_offset == REFUSED_BY_BROWSERS:
        raise StartFault(
            f"CT_PORT_OFFSET={settings.port_offset} puts the page on port {REFUSED_BY_BROWSERS}, "
            "which browsers refuse to open.",
            "Choose another offset, such as CT_PORT_OFFSET=3000.",
            code="port_refused_by_browsers",
            exit_code=EX_CONFIG,
        )
    _refuse_impossible_market(settings)
    return settings


def from_process(root: Path) -> tuple[LauncherSettings, dict[str, str]]:
    """Return this process's settings and the CT_ environment they came from."""
    environment = read_environment(os.environ, root / ".env")
    return load(environment), environment


def _unknown(key: str, known: Mapping[str, str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"{key} is not a setting" + (f" (did you mean {close[0]}?)" if close else "")


def _refuse_impossible_market(settings: LauncherSettings) -> None:
    if settings.market == "live":
        raise StartFault(
            "MARKET=live is not available yet: live markets arrive with the venues release.",
            "Start with MARKET=simulated, or MARKET=replay REPLAY=candles.parquet.",
            code="market_live",
            exit_code=EX_CONFIG,
        )
    if settings.market != "replay":
        return
    if settings.replay is None:
        raise StartFault(
            "MARKET=replay needs a file of candles.",
            "Name one: make run MARKET=replay REPLAY=candles.parquet SPEED=60.",
            code="replay_missing",
            exit_code=EX_CONFIG,
        )
    if not settings.replay.is_file():
        raise StartFault(
            f"There is no file {settings.replay} to replay.",
            "Name an existing parquet or CSV file: make run MARKET=replay REPLAY=candles.parquet.",
            code="replay_missing",
            exit_code=EX_CONFIG,
        )
