"""Settings from the environment: one frozen class per service, all faults told at once.

A field of `SharedSettings` is read from `CT_<FIELD>`, a field a service adds from
`CT_<SERVICE>_<FIELD>`::

    class GatewaySettings(SharedSettings):
        model_config = settings_of("gateway")
        host: str = "127.0.0.1"
        port: int = 8080

    settings = load_settings(GatewaySettings)
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NoReturn, TypeVar

from pydantic import AliasGenerator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as SourceError

from ct_kit.domain.enums import Market

EXIT_CONFIGURATION = 78
"""EX_CONFIG of sysexits.h: the supervisor does not restart a process that ends with it."""

_SHARED = frozenset(
    {
        "mongodb_uri",
        "mongodb_prefix",
        "identity_key_file",
        "identity_trust_dir",
        "log_format",
        "data_dir",
        "market",
        "auth_url",
        "keyvault_url",
        "exchange_bridge_url",
        "proxy_url",
        "ai_engine_url",
        "bots_url",
        "simulator_url",
        "simulator_binance_url",
    }
)

LogFormat = Literal["json", "console"]


def settings_of(service: str) -> SettingsConfigDict:
    """Return the model config of a service's settings class.

    `service` is the service's id, such as `exchange-bridge`; its own fields are then read from
    `CT_EXCHANGE_BRIDGE_<FIELD>`.
    """
    prefix = f"CT_{service.upper().replace('-', '_')}_"

    def variable(field: str) -> str:
        return f"CT_{field.upper()}" if field in _SHARED else f"{prefix}{field.upper()}"

    return SettingsConfigDict(
        alias_generator=AliasGenerator(validation_alias=variable),
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
        case_sensitive=True,
        title=prefix,
    )


class SharedSettings(BaseSettings):
    """What every service reads. Unset means the simulated market on loopback."""

    model_config = settings_of("shared")

    mongodb_uri: SecretStr = SecretStr("mongodb://127.0.0.1:27117/?replicaSet=rs0")
    mongodb_prefix: str = Field(default="", pattern=r"^[a-z0-9_]{0,24}$")
    identity_key_file: Path
    identity_trust_dir: Path
    log_format: LogFormat = "json"
    data_dir: Path = Path(".data")
    market: Market = Market.SIMULATED
    auth_url: str = "http://127.0.0.1:8101"
    keyvault_url: str = "http://127.0.0.1:8102"
    exchange_bridge_url: str = "http://127.0.0.1:8103"
    proxy_url: str = "http://127.0.0.1:8104"
    ai_engine_url: str = "http://127.0.0.1:8105"
    bots_url: str = "http://127.0.0.1:8106"
    simulator_url: str = "http://127.0.0.1:8110"
    simulator_binance_url: str = "http://127.0.0.1:8111"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Construct from keyword arguments alone: only `read_settings` looks at an environment."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


Settings = TypeVar("Settings", bound=SharedSettings)


class SettingsError(Exception):
    """Settings that cannot work, with every fault listed."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read_settings(cls: type[Settings], environment: Mapping[str, str] | None = None) -> Settings:
    """Read and check settings, from `os.environ` unless an environment is given.

    An empty variable is one that is not set.

    Raises `SettingsError` with all faults: missing, malformed and unknown variables.
    """
    given = os.environ if environment is None else environment
    env = {name: value for name, value in given.items() if value}
    faults = _unknown(cls, env)
    settings = None
    try:
        source = EnvSettingsSource(cls)
        source.env_vars = env
        settings = cls.model_validate(source())
    except ValidationError as error:
        faults += [f"{item['loc'][0]}: {item['msg']}" for item in error.errors()]
    except SourceError as error:
        faults.append(str(error))
    if faults or settings is None:
        raise SettingsError(sorted(faults))
    return settings


def load_settings(cls: type[Settings]) -> Settings:
    """Read settings from the environment or end the process with exit code 78.

    Every fault is written to standard error, one per line, before the process ends.
    """
    try:
        return read_settings(cls)
    except SettingsError as fault:
        _refuse(fault)


def _refuse(fault: SettingsError) -> NoReturn:
    lines = "\n".join(f"  {line}" for line in fault.faults)
    sys.stderr.write(f"The settings are wrong; mend these and start again:\n{lines}\n")
    raise SystemExit(EXIT_CONFIGURATION)


def _unknown(cls: type[SharedSettings], env: Mapping[str, str]) -> list[str]:
    known = {str(field.validation_alias) for field in cls.model_fields.values()}
    prefix = str(cls.model_config.get("title"))
    return [
        f"{name}: is not a setting of this service"
        for name in env
        if name.startswith(prefix) and name not in known
    ]
