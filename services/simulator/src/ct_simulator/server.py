"""One process, one event loop, two ports: admin and Binance."""

import asyncio
import socket
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from ct_kit.errors import StartRefused
from ct_kit.logs import get_logger
from ct_kit.web.serve import GRACE_S, require_safe_host
from ct_simulator.bootstrap import Simulator

_PING_INTERVAL_S = 20.0  # the real venue pings every 20 s
_PONG_WITHIN_S = 60.0  # and waits a minute for the pong
_log = get_logger(__name__)


class CuttableHttp(HttpToolsProtocol):
    """Hands each request its connection, so that an injected fault can cut it."""

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]
        scope["ct_transport"] = self.transport


class CuttableWebSocket(WebSocketsSansIOProtocol):
    """Hands each WebSocket its connection, so that an injected fault can cut it."""

    def handle_connect(self, event: Any) -> None:
        """Begin a WebSocket."""
        super().handle_connect(event)
        if hasattr(self, "scope"):  # absent when the handshake was refused
            scope: dict[str, Any] = self.scope  # type: ignore[assignment]
            scope["ct_transport"] = self.transport


class _Server(uvicorn.Server):
    """A server that leaves the signals to who runs it."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Capture none."""
        return nullcontext()


def listen(host: str, port: int) -> socket.socket:
    """Bind a port, 0 for any that is free.

    Raises StartRefused when the address may not or cannot be listened on.
    """
    require_safe_host(host, None)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise StartRefused(
            "port_taken",
            f"{host}:{port} cannot be listened on: {error.strerror}; free it or choose another",
        ) from error


async def serve(
    simulator: Simulator,
    admin_socket: socket.socket,
    binance_socket: socket.socket,
    stop: asyncio.Event,
) -> None:
    """Serve both ports until told to stop, or until one of the parts fails, which raises.

    The venue's port ends before the truth log is closed.
    """
    servers = [
        _Server(_config(simulator.admin, http="httptools", ws="none")),
        _Server(
            _config(
                simulator.binance,
                http=CuttableHttp,
                ws=CuttableWebSocket,
                ws_ping_interval=_PING_INTERVAL_S,
                ws_ping_timeout=_PONG_WITHIN_S,
                ws_per_message_deflate=False,
            )
        ),
    ]
    sockets = [admin_socket, binance_socket]
    _log.info("listening", ports=[each.getsockname()[1] for each in sockets])
    serving = [
        asyncio.create_task(server.serve(sockets=[listener]))
        for server, listener in zip(servers, sockets, strict=True)
    ]
    running = asyncio.create_task(simulator.conductor.run())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([*serving, running, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for server in servers:
            server.should_exit = True
        await asyncio.gather(*serving)
        for task in (stopping, running):
            task.cancel()
        ended, _ = await asyncio.gather(running, stopping, return_exceptions=True)
        simulator.close()
    if isinstance(ended, Exception):
        raise ended


def _config(app: Any, **options: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=GRACE_S,
        **options,
    )
