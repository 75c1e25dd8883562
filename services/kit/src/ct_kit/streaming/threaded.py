"""Fan-out for threads: the same promises as `Broadcaster`, from and to any thread."""

import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

from ct_kit.streaming.message import CAPACITY, HEARTBEAT_LINE, HEARTBEAT_S, Backlog, Message

Accepts = Callable[[Message], bool]


class ThreadedSubscription:
    """One subscriber's messages; iterate over it, leave the `with` block to unsubscribe."""

    def __init__(
        self, broadcaster: "ThreadedBroadcaster", accepts: Accepts | None, capacity: int
    ) -> None:
        self._broadcaster = broadcaster
        self._accepts = accepts
        self._backlog = Backlog(capacity)
        self._changed = threading.Condition()
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

    def __iter__(self) -> Iterator[Message]:
        while (message := self.next()) is not None:
            yield message

    def next(self, timeout_s: float | None = None) -> Message | None:
        """Wait for the next message; None when there will be no more.

        Raises `TimeoutError` when none came in `timeout_s`.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        with self._changed:
            while True:
                if self._backlog.overflowed:
                    return None
                if (message := self._backlog.take()) is not None:
                    return message
                if self._closed:
                    return None
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    raise TimeoutError
                self._changed.wait(left)

    def lines(self, heartbeat_s: float = HEARTBEAT_S) -> Iterator[bytes]:
        """Yield NDJSON lines for a response body, a heartbeat whenever it was silent so long."""
        with self:
            yield HEARTBEAT_LINE  # sends the headers at once and proves the stream is open
            while True:
                try:
                    message = self.next(heartbeat_s)
                except TimeoutError:
                    yield HEARTBEAT_LINE
                    continue
                if message is None:
                    return
                yield message.line

    def offer(self, message: Message) -> None:
        """Queue a message if this subscriber wants it; called by the broadcaster."""
        if self._accepts is None or self._accepts(message):
            with self._changed:
                self._backlog.put(message)
                self._changed.notify_all()

    def close(self) -> None:
        """End the iteration once what waits was read."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class ThreadedBroadcaster:
    """Hands each message to every subscriber without ever waiting for one."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._subscriptions: set[ThreadedSubscription] = set()
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
        with self._lock:
            listening = tuple(self._subscriptions)
        for subscription in listening:
            subscription.offer(message)

    def subscribe(self, accepts: Accepts | None = None) -> ThreadedSubscription:
        """Listen from now on, to the messages `accepts` says yes to."""
        subscription = ThreadedSubscription(self, accepts, self._capacity)
        with self._lock:
            if not self._closed:
                self._subscriptions.add(subscription)
                return subscription
        subscription.close()
        return subscription

    def unsubscribe(self, subscription: ThreadedSubscription) -> None:
        """Stop listening; harmless when repeated."""
        with self._lock:
            self._subscriptions.discard(subscription)

    def close(self) -> None:
        """End all streams, at the stop of the service."""
        with self._lock:
            self._closed = True
            listening = tuple(self._subscriptions)
            self._subscriptions.clear()
        for subscription in listening:
            subscription.close()
