"""Fan-out for asyncio: publish and subscribe on the event loop's thread."""

import asyncio
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Self

from ct_kit.streaming.message import CAPACITY, HEARTBEAT_LINE, HEARTBEAT_S, Backlog, Message

Accepts = Callable[[Message], bool]


class Subscription:
    """One subscriber's messages; iterate over it, leave the `with` block to unsubscribe.

    Iteration ends when the broadcaster closes or the subscriber fell too far behind
    (`overflowed`): connect anew and read the state.
    """

    def __init__(self, broadcaster: "Broadcaster", accepts: Accepts | None, capacity: int) -> None:
        self._broadcaster = broadcaster
        self._accepts = accepts
        self._backlog = Backlog(capacity)
        self._wake = asyncio.Event()
        self._closed = False

    @property
    def overflowed(self) -> bool:
        """Say whether messages were lost because this subscriber was too slow."""
        return self._backlog.overflowed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._broadcaster.unsubscribe(self)

    def __aiter__(self) -> AsyncIterator[Message]:
        return self._messages()

    async def _messages(self) -> AsyncIterator[Message]:
        while True:
            message = await self.next()
            if message is None:
                return
            yield message

    async def next(self) -> Message | None:
        """Wait for the next message; None when there will be no more."""
        while True:
            if self._backlog.overflowed:
                return None
            if (message := self._backlog.take()) is not None:
                return message
            if self._closed:
                return None
            self._wake.clear()
            await self._wake.wait()

    async def lines(self, heartbeat_s: float = HEARTBEAT_S) -> AsyncIterator[bytes]:
        """Yield NDJSON lines for a response body, a heartbeat whenever it was silent so long."""
        with self:
            yield HEARTBEAT_LINE  # sends the headers at once and proves the stream is open
            while True:
                try:
                    async with asyncio.timeout(heartbeat_s):
                        message = await self.next()
                except TimeoutError:
                    yield HEARTBEAT_LINE
                    continue
                if message is None:
                    return
                yield message.line

    def offer(self, message: Message) -> None:
        """Queue a message if this subscriber wants it; called by the broadcaster."""
        if self._accepts is None or self._accepts(message):
            self._backlog.put(message)
            self._wake.set()

    def close(self) -> None:
        """End the iteration once what waits was read."""
        self._closed = True
        self._wake.set()


class Broadcaster:
    """Hands each message to every subscriber without ever waiting for one."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._subscriptions: set[Subscription] = set()
        self._closed = False

    @property
    def subscribers(self) -> int:
        """Return how many listen."""
        return len(self._subscriptions)

    def publish(
        self, channel: str, data: Any, *, owner: str | None = None, key: str | None = None
    ) -> None:
        """Send to all subscribers; see `Message` for owner and key."""
        message = Message(channel, data, owner, key)
        for subscription in tuple(self._subscriptions):
            subscription.offer(message)

    def subscribe(self, accepts: Accepts | None = None) -> Subscription:
        """Listen from now on, to the messages `accepts` says yes to."""
        subscription = Subscription(self, accepts, self._capacity)
        if self._closed:
            subscription.close()
        else:
            self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop listening; harmless when repeated."""
        self._subscriptions.discard(subscription)

    def close(self) -> None:
        """End all streams, at the stop of the service."""
        self._closed = True
        for subscription in tuple(self._subscriptions):
            subscription.close()
        self._subscriptions.clear()
