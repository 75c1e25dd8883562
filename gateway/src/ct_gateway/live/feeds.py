"""One subscription per service: its NDJSON feed into the hub, reconnected for ever."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Protocol

import aiohttp
import orjson
from pydantic import ValidationError

from ct_gateway.live.hub import Hub
from ct_gateway.operations import Upstream
from ct_kit.contracts.stream import FeedLine
from ct_kit.logs import get_logger

FEEDS: dict[Upstream, frozenset[str]] = {
    Upstream.BRIDGE: frozenset({"orders", "fills", "alerts"}),
    Upstream.BOTS: frozenset({"bots", "alerts"}),
    Upstream.AI: frozenset({"jobs", "alerts"}),
}
"""Which owned channels come from whom: a service cannot speak for another."""

SILENCE_S = 15.0  # three missed heartbeats
_LONGEST_LINE = 1024 * 1024
_FIRST_WAIT_S = 0.2
_LONGEST_WAIT_S = 5.0

_log = get_logger(__name__)


class FeedSource(Protocol):
    """Opens a service's feed."""

    async def open_feed(self, upstream: Upstream, silence_s: float) -> aiohttp.ClientResponse:
        """Return the open answer; raises `aiohttp.ClientError` or `TimeoutError`."""


class Feed:
    """The feed of one service and whether it is up."""

    def __init__(self, upstream: Upstream, source: FeedSource, hub: Hub) -> None:
        self.upstream = upstream
        self.connected = False
        self._source = source
        self._hub = hub
        self._owned = FEEDS[upstream]
        self._was_connected = False

    async def run(self) -> None:
        """Read and reconnect until cancelled."""
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                await self._read_once()
                reason = "ended"
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                reason = type(error).__name__
            if self.connected:
                wait_s = _FIRST_WAIT_S
                _log.warning("feed_lost", feed=self.upstream.value, reason=reason)
                if self.upstream is Upstream.BRIDGE:
                    self._hub.forget_market()
            self.connected = False
            # spread out, so that a returning service does not meet all gateways at once
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            wait_s = min(_LONGEST_WAIT_S, wait_s * 2)

    async def _read_once(self) -> None:
        response = await self._source.open_feed(self.upstream, SILENCE_S)
        async with response:
            if response.status != 200:
                raise ValueError(f"the feed answered {response.status}")
            self.connected = True
            if self._was_connected:
                self._hub.missed(self._owned)
            self._was_connected = True
            _log.info("feed_connected", feed=self.upstream.value)
            async for line in _lines(response.content):
                self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            parsed = FeedLine.model_validate(orjson.loads(line))
        except (orjson.JSONDecodeError, ValidationError):
            _log.exception("feed_line_unreadable", feed=self.upstream.value)
            return
        if parsed.channel == "heartbeat":
            return
        if parsed.owner is not None and parsed.channel not in self._owned:
            _log.error("feed_speaks_for_another", feed=self.upstream.value, channel=parsed.channel)
            return
        self._hub.publish(parsed.channel, parsed.owner, parsed.data)


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    rest = b""
    async for chunk in content.iter_any():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.strip():
                yield line
        if len(rest) > _LONGEST_LINE:
            raise ValueError("a line of the feed is too long")
