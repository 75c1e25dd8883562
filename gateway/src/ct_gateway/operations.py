"""What one public operation is: the row type of the table in `routes`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
SAFE_METHODS: frozenset[str] = frozenset({"GET", "HEAD", "OPTIONS"})


class Upstream(StrEnum):
    """Services the gateway may call; `SELF` answers here or composes several calls."""

    SELF = "gateway"
    AUTH = "auth"
    KEYVAULT = "keyvault"
    BRIDGE = "exchange-bridge"
    BOTS = "bots"
    AI = "ai-engine"


class Access(StrEnum):
    """Who may call: anyone, anyone signed in, or only those who may trade."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    TRADER = "trader"


class RateClass(StrEnum):
    """Budgets of `limit.RATES`: what kind of work a call asks for."""

    CREDENTIALS = "credentials"
    READ = "read"
    WRITE = "write"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class Operation:
    """One row: what the public sees, and where it goes.

    `upstream_path` uses the parameters of `path`; it is built only from validated
    parameters, so a path that comes from outside never reaches a service as it was written.
    """

    id: str
    method: Method
    path: str
    upstream: Upstream
    summary: str
    tag: str
    response: type[BaseModel] | None
    upstream_path: str
    status: int = 200
    request: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    access: Access = Access.SIGNED_IN
    rate: RateClass = RateClass.READ
    idempotent_by_key: bool = False
    media_type: str = "application/json"
    timeout_s: float = 10.0
    shared_for_s: float = 0.0  # how long one answer serves everybody; only for nobody's data

    @property
    def composed(self) -> bool:
        """Say whether the gateway answers this itself instead of forwarding it."""
        return self.upstream is Upstream.SELF

    @property
    def unsafe(self) -> bool:
        """Say whether the call may change something."""
        return self.method not in SAFE_METHODS


def get(path: str, upstream: Upstream, response: Any, **rest: Any) -> Operation:
    """Make a reading row."""
    return _row("GET", path, upstream, response, **rest)


def post(path: str, upstream: Upstream, response: Any, **rest: Any) -> Operation:
    """Make a row that creates or commands."""
    return _row("POST", path, upstream, response, **_writes(rest))


def put(path: str, upstream: Upstream, response: Any, **rest: Any) -> Operation:
    """Make a row that replaces."""
    return _row("PUT", path, upstream, response, **_writes(rest))


def patch(path: str, upstream: Upstream, response: Any, **rest: Any) -> Operation:
    """Make a row that changes parts."""
    return _row("PATCH", path, upstream, response, **_writes(rest))


def delete(path: str, upstream: Upstream, response: Any = None, **rest: Any) -> Operation:
    """Make a row that removes; without a response shape it answers 204."""
    return _row("DELETE", path, upstream, response, **_writes(rest))


def _writes(rest: dict[str, Any]) -> dict[str, Any]:
    return {"access": Access.TRADER, "rate": RateClass.WRITE} | rest


def _row(method: Method, path: str, upstream: Upstream, response: Any, **rest: Any) -> Operation:
    if response is None:
        rest.setdefault("status", 204)
    rest.setdefault("upstream_path", f"/v1{path}")
    return Operation(method=method, path=path, upstream=upstream, response=response, **rest)
