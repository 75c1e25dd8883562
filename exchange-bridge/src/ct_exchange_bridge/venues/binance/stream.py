"""Binance's WebSocket transport: reconnect with backoff and jitter, notice silence. No parsing."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from ct_kit.logs import get_logger

_LOG = get_logger(__name__)

FIRST_BACKOFF_S = 0.2
LONGEST_BACKOFF_S = 15.0
HEALTHY_AFTER_S = 30.0
"""A connection that lived this long proves the venue well: the backoff starts over."""
PING_INTERVAL_S = 10.0
PONG_TIMEOUT_S = 15.0
"""Together below the 30 s in which silence must be noticed, on half-open sockets too."""
MAX_MESSAGE_BYTES = 4 * 1024 * 1024

OnOpen = Callable[[ClientConnection], Awaitable[None]]
OnState = Callable[[bool, str | None], None]


class StreamRefusedError(Exception):
    """The venue answered a subscription with an error."""


class StreamRunner:
    """Keeps one connection alive until cancelled.

    `on_message` gets each JSON object in order. When it raises, the connection is given up and
    made anew, so that what it missed is read again after `on_open`.
    """

    def __init__(
        self,
        name: str,
        url: str,
        on_message: Callable[[dict[str, Any]], Awaitable[None] | None],
        *,
        on_open: OnOpen | None = None,
        on_state: OnState | None = None,
        silence_s: float | None = None,
        seed: int | None = None,
    ) -> None:
        self._name = name
        self._url = url
        self._on_message = on_message
        self._on_open = on_open
        self._on_state = on_state
        self._silence_s = silence_s
        self._jitter = random.Random(seed)  # noqa: S311  # spreads reconnects, hides nothing
        self._heard_at = 0.0
        self.connected = False
        self.reconnects = 0

    async def run(self) -> None:
        """Connect, read, reconnect; ends only by cancellation."""
        backoff_s = FIRST_BACKOFF_S
        while True:
            started = time.monotonic()
            reason = await self._once()
            self._say(connected=False, reason=reason)
            if time.monotonic() - started >= HEALTHY_AFTER_S:
                backoff_s = FIRST_BACKOFF_S
            await asyncio.sleep(backoff_s * self._jitter.uniform(0.5, 1.0))
            backoff_s = min(backoff_s * 2, LONGEST_BACKOFF_S)
            self.reconnects += 1

    async def _once(self) -> str:
        try:
            async with connect(
                self._url,
                open_timeout=5,
                ping_interval=PING_INTERVAL_S,
                ping_timeout=PONG_TIMEOUT_S,
                close_timeout=1,
                max_size=MAX_MESSAGE_BYTES,
                compression=None,
                proxy=None,
            ) as socket:
                self._heard_at = time.monotonic()
                if self._on_open is not None:
                    await self._on_open(socket)
                self._say(connected=True, reason=None)
                watchdog = asyncio.create_task(self._watch(socket))
                try:
                    await self._read(socket)
                finally:
                    watchdog.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await watchdog
        except (OSError, TimeoutError, WebSocketException, StreamRefusedError) as failure:
            return f"{type(failure).__name__}: {failure}"
        except Exception as failure:  # noqa: BLE001 - see below
            # A message that could not be handled is read again after the reconnect, never skipped.
            _LOG.exception("venue_stream_message_failed", stream=self._name)
            return f"a message could not be handled: {type(failure).__name__}"
        return "the venue closed the stream"

    async def _read(self, socket: ClientConnection) -> None:
        async for text in socket:
            self._heard_at = time.monotonic()
            pending = self._on_message(orjson.loads(text))
            if pending is not None:
                await pending

    async def _watch(self, socket: ClientConnection) -> None:
        if self._silence_s is None:
            return
        quiet_s = 0.0
        while quiet_s < self._silence_s:
            await asyncio.sleep(self._silence_s - quiet_s)
            quiet_s = time.monotonic() - self._heard_at
        _LOG.warning("venue_stream_silent", stream=self._name, silence_s=self._silence_s)
        await socket.close()

    def _say(self, *, connected: bool, reason: str | None) -> None:
        if connected != self.connected or reason:
            _LOG.info("venue_stream_state", stream=self._name, connected=connected, reason=reason)
        self.connected = connected
        if self._on_state is not None:
            self._on_state(connected, reason)
