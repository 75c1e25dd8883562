"""The hub: latest market data for everybody, owned events for their owner alone."""

import asyncio
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any, Protocol

import orjson

from ct_gateway.domain.log import EventLog
from ct_gateway.live.channels import MARKET_INTERVAL_S, OWNED, STATUS, is_market
from ct_kit.logs import get_logger

_LOGS_KEPT = 2_000
_LATEST_KEPT = 2_000
_TICK_S = 0.05
_AT_ONCE = 20  # trades in a quarter of a second that a list on a page can still show

_log = get_logger(__name__)


class Subscriber(Protocol):
    """A browser's connection as the hub sees it. None of these may block."""

    user_id: str
    session_ref: str
    channels: set[str]

    def market(self, channel: str, key: str, message: bytes) -> None:
        """Take the newest of a key; an older one still waiting is replaced."""

    def owned(self, message: bytes) -> None:
        """Take an event that must not be lost."""

    def end(self, code: int, reason: str) -> None:
        """Close the connection."""


def event(channel: str, data: Any, number: int | None = None) -> bytes:
    """Encode an event message."""
    return orjson.dumps({"type": "event", "channel": channel, "seq": number, "data": data})


def reset(cursor: int, channel: str | None = None) -> bytes:
    """Encode a reset: events may be missing, read the lists again and go on from `cursor`."""
    return orjson.dumps({"type": "reset", "channel": channel, "seq": cursor})


class Hub:
    """All connections of this process, and what a new one needs to begin."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._clock = clock
        self._wall_ms = wall_ms
        self._by_channel: defaultdict[str, set[Subscriber]] = defaultdict(set)
        self._by_user: defaultdict[str, set[Subscriber]] = defaultdict(set)
        self._logs: OrderedDict[str, EventLog] = OrderedDict()
        self._latest: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
        self._sent_at: dict[str, float] = {}
        self._waiting: dict[str, dict[str, Any]] = {}
        self._work = asyncio.Event()

    # -- connections

    def join(self, subscriber: Subscriber) -> None:
        """Add a connection; it hears nothing until it subscribes."""
        self._by_user[subscriber.user_id].add(subscriber)

    def leave(self, subscriber: Subscriber) -> None:
        """Remove a connection and its subscriptions."""
        for channel in list(subscriber.channels):
            self.unsubscribe(subscriber, channel)
        self._by_user[subscriber.user_id].discard(subscriber)
        if not self._by_user[subscriber.user_id]:
            del self._by_user[subscriber.user_id]

    def subscribe(self, subscriber: Subscriber, channel: str) -> None:
        """Add a channel and hand over its latest value, if there is one."""
        subscriber.channels.add(channel)
        self._by_channel[channel].add(subscriber)
        latest = self._latest.get(channel)
        if latest is not None:
            subscriber.market(channel, *latest)

    def unsubscribe(self, subscriber: Subscriber, channel: str) -> None:
        """Remove a channel."""
        subscriber.channels.discard(channel)
        self._by_channel[channel].discard(subscriber)
        if not self._by_channel[channel]:
            del self._by_channel[channel]

    def wanted(self, channel: str) -> bool:
        """Say whether anybody listens to a channel."""
        return channel in self._by_channel

    @property
    def connections(self) -> int:
        """Number of open connections."""
        return sum(len(group) for group in self._by_user.values())

    def connections_of(self, user_id: str) -> int:
        """Count the open connections of one user."""
        return len(self._by_user.get(user_id, ()))

    def cursor(self, user_id: str) -> int:
        """Return the number of the user's newest event."""
        return self._log_of(user_id).last

    def resume(self, user_id: str, cursor: int) -> list[tuple[int, str, bytes]] | None:
        """Return the user's events after `cursor`, or None when some are gone."""
        return self._log_of(user_id).since(cursor)

    def end_session(self, session_ref: str) -> None:
        """Close the connections of a session that ended."""
        for subscriber in self._everyone():
            if subscriber.session_ref == session_ref:
                subscriber.end(4401, "session_ended")

    def end_all(self) -> None:
        """Close every connection: this process stops, another one will answer."""
        for subscriber in self._everyone():
            subscriber.end(1012, "restarting")

    # -- events

    def publish(self, channel: str, owner: str | None, data: Any) -> None:
        """Take one line of a feed.

        An owned channel without an owner, or market data with one, is a fault of the sender
        and reaches nobody: better silence than another user's order.
        """
        if channel in OWNED:
            if owner is None:
                _log.error("event_without_owner", channel=channel)
            else:
                self._publish_owned(channel, owner, data)
        elif owner is None and is_market(channel):
            waiting = self._waiting.setdefault(channel, {})
            waiting[_key(channel, data)] = data
            if len(waiting) > _AT_ONCE:
                del waiting[next(iter(waiting))]
            self._work.set()
        elif channel != STATUS:
            _log.error("event_misplaced", channel=channel[:60], owned=owner is not None)

    def publish_status(self, data: Any) -> None:
        """Publish the composed status page."""
        self._send_market(STATUS, STATUS, event(STATUS, data))

    def missed(self, channels: frozenset[str]) -> None:
        """Tell everybody that events of these owned channels may be missing: read again."""
        for log in self._logs.values():
            log.forget()
        for channel in sorted(channels & OWNED):
            for subscriber in list(self._by_channel.get(channel, ())):
                subscriber.owned(reset(self.cursor(subscriber.user_id), channel))

    def forget_market(self) -> None:
        """Drop the latest market data: its source went silent, so nobody begins with it."""
        for channel in [name for name in self._latest if name != STATUS]:
            del self._latest[channel]

    async def run(self) -> None:
        """Pass market data on, each channel at most four times a second, until cancelled."""
        while True:
            await self._work.wait()
            now = self._clock()
            for channel in list(self._waiting):
                if now - self._sent_at.get(channel, 0.0) >= MARKET_INTERVAL_S:
                    self._flush(channel, now)
            if not self._waiting:
                self._work.clear()
            else:
                await asyncio.sleep(_TICK_S)

    def _flush(self, channel: str, now: float) -> None:
        self._sent_at[channel] = now
        for key, data in self._waiting.pop(channel).items():
            self._send_market(channel, key, event(channel, data))

    def _send_market(self, channel: str, key: str, message: bytes) -> None:
        self._latest[channel] = (key, message)
        self._latest.move_to_end(channel)
        if len(self._latest) > _LATEST_KEPT:
            gone, _ = self._latest.popitem(last=False)
            self._sent_at.pop(gone, None)
        for subscriber in self._by_channel.get(channel, ()):
            subscriber.market(channel, key, message)

    def _publish_owned(self, channel: str, owner: str, data: Any) -> None:
        log = self._log_of(owner)
        number = log.next_number()
        message = event(channel, data, number)
        log.append(number, channel, message)
        for subscriber in list(self._by_user.get(owner, ())):
            if channel in subscriber.channels:
                subscriber.owned(message)

    def _log_of(self, user_id: str) -> EventLog:
        log = self._logs.get(user_id)
        if log is None:
            log = self._logs[user_id] = EventLog(self._wall_ms())
            if len(self._logs) > _LOGS_KEPT:
                self._logs.popitem(last=False)
        else:
            self._logs.move_to_end(user_id)
        return log

    def _everyone(self) -> list[Subscriber]:
        return [subscriber for group in self._by_user.values() for subscriber in group]


def _key(channel: str, data: Any) -> str:
    """Name what a newer message replaces.

    A closed candle must not be lost to its successor, and no trade replaces another.
    """
    if isinstance(data, dict):
        if channel.startswith("trades:"):
            return f"{channel}@{data.get('id')}"
        candle = data.get("candle")
        if isinstance(candle, dict):
            return f"{channel}@{candle.get('open_time')}"
    return channel
