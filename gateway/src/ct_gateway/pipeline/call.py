"""One public call on its way through the pipeline."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from starlette.types import Receive

from ct_gateway.domain.sessions import SignedIn
from ct_gateway.operations import Operation
from ct_kit.errors import InvalidRequest


class Inbound:
    """Headers as they came, read strictly: one that may come once must not come twice."""

    __slots__ = ("_raw",)

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        self._raw = raw

    def single(self, name: bytes) -> str | None:
        """Return the only value of a lower-case header name, or None.

        Raises `InvalidRequest` when the header is repeated: two parsers could disagree on it.
        """
        found: bytes | None = None
        for key, value in self._raw:
            if key == name:
                if found is not None:
                    raise InvalidRequest(
                        "header_repeated", f"The header {name.decode()} must come only once."
                    )
                found = value
        return None if found is None else found.decode("latin-1")

    def all(self, name: bytes) -> list[str]:
        """Return every value of a lower-case header name."""
        return [value.decode("latin-1") for key, value in self._raw if key == name]


@dataclass(slots=True)
class Call:
    """What the stages read and fill in."""

    operation: Operation
    parameters: dict[str, str]
    headers: Inbound
    query: bytes
    address: str
    request_id: str
    receive: Receive
    session: SignedIn | None = None
    body: bytes = b""

    @property
    def signed_in(self) -> SignedIn:
        """The session; only for operations whose access demanded one."""
        if self.session is None:
            raise LookupError(f"{self.operation.id} has no session")
        return self.session


@dataclass(slots=True)
class Answer:
    """What goes back: the body whole, or in parts when it is long."""

    status: int
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    parts: AsyncGenerator[bytes, None] | None = None
