"""The Binance port as one ASGI app: REST, streams and the WebSocket API."""

from starlette.routing import Router, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from ct_simulator.wire.binance.dispatch import Rest
from ct_simulator.wire.binance.stream_hub import StreamHub
from ct_simulator.wire.binance.stream_socket import StreamSocket
from ct_simulator.wire.binance.venue import Venue
from ct_simulator.wire.binance.ws_api import WebSocketApi


def create_binance_app(venue: Venue, hub: StreamHub) -> ASGIApp:
    """Build the app."""
    rest = Rest(venue)
    streams = StreamSocket(venue, hub)
    sockets = Router(
        [
            WebSocketRoute("/ws", streams),
            WebSocketRoute("/ws/{name:path}", streams),
            WebSocketRoute("/stream", streams),
            WebSocketRoute("/ws-api/v3", WebSocketApi(venue, hub)),
        ]
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (rest if scope["type"] == "http" else sockets)(scope, receive, send)

    return app
