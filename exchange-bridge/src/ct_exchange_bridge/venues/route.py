"""The one place where the way to a venue is chosen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """How venue traffic leaves, and where it goes."""

    name: str
    rest_url: str
    stream_url: str

    @property
    def user_stream_url(self) -> str:
        """Return the WebSocket API's address."""
        return f"{self.stream_url}/ws-api/v3"


def direct_route(rest_url: str) -> Route:
    """Go straight to the venue's address; its streams are on the same host and port."""
    base = rest_url.rstrip("/")
    return Route("direct", base, base.replace("http", "ws", 1))
