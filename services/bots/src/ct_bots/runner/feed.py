"""One subscription to the exchange bridge's feed for all bots of a runner."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from pydantic import ValidationError

from ct_kit.contracts.markets import CandleUpdate
from ct_kit.contracts.orders import Fill, Order
from ct_kit.errors import CtError
from ct_kit.http import ServiceClient
from ct_kit.logs import get_logger

_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0
_log = get_logger(__name__)


class Listener(Protocol):
    """Who the feed tells; none of these may block."""

    def on_order_news(self, bot_id: str, news: Order | Fill) -> None:
        """Hear of an order or a fill of a bot."""
        ...

    def wants_candles(self, symbol: str, interval: str) -> bool:
        """Say whether any bot trades on these candles."""
        ...

    def on_candle(self, update: CandleUpdate) -> None:
        """Hear of a closed candle."""
        ...

    def on_feed(self, *, up: bool) -> None:
        """Hear whether the feed is up."""
        ...


class BridgeFeed:
    """Keeps the subscription, and hands each line to those it concerns."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def run(self, listener: Listener) -> None:
        """Listen until cancelled, connecting anew after every break."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                async for line in self._client.stream_ndjson("/v1/stream"):
                    if pause_s != 0.0:
                        pause_s = 0.0
                        listener.on_feed(up=True)
                    _dispatch(line, listener)
            except CtError as error:
                _log.warning("bridge_feed_lost", error=str(error))
            listener.on_feed(up=False)
            pause_s = min(max(pause_s * 2, _FIRST_PAUSE_S), _LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s)


def _dispatch(line: dict[str, Any], listener: Listener) -> None:
    kind, _, rest = str(line.get("channel", "")).partition(":")
    if kind not in _READERS:
        return
    try:
        _READERS[kind](rest, line.get("data") or {}, listener)
    except ValidationError as error:
        # Our own service's shape: a fault of a deployment, to be seen, not to stop other bots.
        _log.error("bridge_feed_line_unreadable", channel=kind, error=str(error))


def _on_candle(rest: str, data: dict[str, Any], listener: Listener) -> None:
    symbol, _, interval = rest.partition(":")
    if data.get("candle", {}).get("closed") and listener.wants_candles(symbol, interval):
        listener.on_candle(CandleUpdate.model_validate(data))


def _on_order(_rest: str, data: dict[str, Any], listener: Listener) -> None:
    if bot_id := data.get("bot_id"):
        listener.on_order_news(bot_id, Order.model_validate(data))


def _on_fill(_rest: str, data: dict[str, Any], listener: Listener) -> None:
    if bot_id := data.get("bot_id"):
        listener.on_order_news(bot_id, Fill.model_validate(data))


_READERS: dict[str, Callable[[str, dict[str, Any], Listener], None]] = {
    "candles": _on_candle,
    "orders": _on_order,
    "fills": _on_fill,
}
