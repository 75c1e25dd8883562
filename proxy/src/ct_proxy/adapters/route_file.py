"""The operator's route file, in TOML."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ct_kit.errors import StartRefused
from ct_proxy.domain.routes import Route


class _RouteShape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    kind: Literal["direct"]
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    venues: list[Literal["binance"]] = Field(min_length=1)
    market_data: bool = True
    signed: bool = False
    attestation: str | None = Field(default=None, min_length=20, max_length=1_000)

    @model_validator(mode="after")
    def _signed_is_attested(self) -> "_RouteShape":
        if self.signed and self.attestation is None:
            raise ValueError("signed traffic needs an attestation: who allows it, when and why")
        return self


class _FileShape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    route: list[_RouteShape] = Field(min_length=1)


def read_routes(path: Path) -> tuple[Route, ...]:
    """Read the routes; raises `StartRefused` where the file is not the operator's alone or wrong."""
    try:
        mode = path.stat().st_mode
        content = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as failed:
        raise _refused(path, "cannot be read") from failed
    if mode & 0o022:
        raise _refused(path, "can be changed by other users; run chmod go-w on it")
    try:
        shape = _FileShape.model_validate(tomllib.loads(content))
    except tomllib.TOMLDecodeError as malformed:
        raise _refused(path, f"is not TOML: {malformed}") from malformed
    except ValidationError as wrong:
        faults = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in wrong.errors()
        )
        raise _refused(path, f"is wrong: {faults}") from wrong
    if len({route.id for route in shape.route}) != len(shape.route):
        raise _refused(path, "names a route twice")
    return tuple(
        Route(**{**route.model_dump(), "venues": tuple(route.venues)}) for route in shape.route
    )


def _refused(path: Path, reason: str) -> StartRefused:
    return StartRefused("routes_refused", f"The route file {path} {reason}.")
