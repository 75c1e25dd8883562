"""One WebSocket connection: an outbox, a writer, and the limits on what a client may send."""

import asyncio
import time
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from ct_simulator.domain.faults import FaultBox, FaultKind
from ct_simulator.wire.binance.venue import Json

_OUTBOX = 5_000  # messages; who is this far behind is cut off, as the real venue does
_MESSAGES_PER_SECOND = 5
_POLICY_VIOLATION = 1008


class Connection:
    """Send in order and without waiting; receive with the venue's limit of 5 messages a second."""

    def __init__(self, websocket: WebSocket, faults: FaultBox) -> None:
        self._websocket = websocket
        self._faults = faults
        self._path = websocket.url.path
        self._outbox: asyncio.Queue[str] = asyncio.Queue(_OUTBOX)
        self._received: list[float] = []
        self._gone = False

    def send(self, message: Json) -> None:
        """Put a message into the outbox."""
        self.send_text(orjson.dumps(message).decode())

    def send_text(self, text: str) -> None:
        """Put a message that is already JSON into the outbox."""
        if self._gone:
            return
        try:
            self._outbox.put_nowait(text)
        except asyncio.QueueFull:
            self._cut()

    async def receive(self) -> str:
        """Return the client's next message.

        Raises WebSocketDisconnect when it has gone, or was sent away for talking too much.
        """
        text = await self._websocket.receive_text()
        now = time.monotonic()
        self._received = [at for at in self._received if now - at < 1.0]
        self._received.append(now)
        if len(self._received) > _MESSAGES_PER_SECOND:
            await self._websocket.close(_POLICY_VIOLATION, "Too many requests")
            raise WebSocketDisconnect(_POLICY_VIOLATION)
        return text

    async def write(self) -> None:
        """Send what is in the outbox until cancelled, when the connection has ended."""
        try:
            while True:
                await self._write_next(await self._outbox.get())
        finally:
            self._gone = True
            while not self._outbox.empty():  # so that nobody waits for what will not be sent
                self._outbox.get_nowait()
                self._outbox.task_done()

    async def _write_next(self, text: str) -> None:
        try:
            if self._faults.take(FaultKind.STREAM_CUT, "WS", self._path) is not None:
                self._cut()
            if not self._gone and self._websocket.client_state is WebSocketState.CONNECTED:
                await self._websocket.send_text(text)
                if self._faults.take(FaultKind.DUPLICATE_EVENTS, "WS", self._path) is not None:
                    await self._websocket.send_text(text)
        except (WebSocketDisconnect, RuntimeError):
            # the client left between two messages; its reader ends the connection
            self._gone = True
        finally:
            self._outbox.task_done()

    async def flushed(self) -> None:
        """Return when everything sent so far has been handed to the network."""
        await self._outbox.join()

    def _cut(self) -> None:
        """Drop the connection without a goodbye."""
        self._gone = True
        transport: Any = self._websocket.scope.get("ct_transport")
        if transport is not None:
            transport.abort()
