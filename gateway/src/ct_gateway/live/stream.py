"""The WebSocket's door: who may open a stream."""

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from ct_gateway.live.connection import Connection
from ct_gateway.live.hub import Hub
from ct_gateway.pipeline.authenticate import authenticate
from ct_gateway.pipeline.call import Inbound
from ct_gateway.pipeline.limit import Limits
from ct_gateway.pipeline.origin import require_same_origin
from ct_gateway.ports import Sessions
from ct_kit.errors import TooManyRequests

_PER_USER = 12  # tabs and devices of one person
_IN_ALL = 5_000


class Stream:
    """An ASGI app for `/api/v1/stream`; refusals are problems before the handshake ends."""

    def __init__(
        self,
        *,
        hub: Hub,
        sessions: Sessions,
        limits: Limits,
        cookie_name: str,
        public_origin: str | None,
    ) -> None:
        self._hub = hub
        self._sessions = sessions
        self._limits = limits
        self._cookie_name = cookie_name
        self._public_origin = public_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one WebSocket; refusals are raised before it is accepted."""
        headers = Inbound(scope["headers"])
        self._limits.take_address(scope["client"][0] if scope.get("client") else "unknown")
        require_same_origin(headers, self._public_origin)
        session = await authenticate(headers, self._cookie_name, self._sessions)
        mine = self._hub.connections_of(session.user.id)
        if mine >= _PER_USER or self._hub.connections >= _IN_ALL:
            raise TooManyRequests("streams_exceeded", "Too many open streams.")
        connection = Connection(WebSocket(scope, receive, send), session, self._hub)
        await connection.serve(self._sessions.find)
