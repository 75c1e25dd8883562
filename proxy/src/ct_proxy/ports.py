"""What the proxy needs from outside."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ct_proxy.domain.policy import Allowed


class Resolver(Protocol):
    """Names to addresses, asked once per call."""

    async def resolve(self, host: str, port: int) -> list[str]:
        """Return every address of a name; raise `NotSent` when there is no answer."""
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """A venue's answer, its body still on the way."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: AsyncIterator[bytes]


class Wire(Protocol):
    """One connection attempt to one address. No redirects, no retries."""

    def send(
        self, allowed: Allowed, address: str, method: str, body: bytes
    ) -> AbstractAsyncContextManager[Reply]:
        """Send once; raise `NotSent` before, `AnswerLost` after the first byte left."""
        ...


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One attempt, without its payload."""

    at: datetime
    caller: str
    owner: str | None
    role: str
    verdict: str
    rule: str = ""
    host: str | None = None
    address: str | None = None
    route: str | None = None
    status: int | None = None
    bytes_in: int = 0


class Audit(Protocol):
    """An append-only list of attempts."""

    async def add(self, row: AuditRow) -> None:
        """Write a row durably."""
        ...


class Clock(Protocol):
    """The time, handed in."""

    def __call__(self) -> datetime:
        """Return now, aware, in UTC."""
        ...
