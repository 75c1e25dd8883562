"""One line of a feed, and the bounded queue in which lines wait for a subscriber."""

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
from pydantic import BaseModel

HEARTBEAT_S = 5.0
"""A feed that is silent for three of these is taken for dead by its reader."""

MEDIA_TYPE = "application/x-ndjson"
CAPACITY = 1_000

HEARTBEAT_LINE = b'{"channel":"heartbeat"}\n'


@dataclass(frozen=True)
class Message:
    """Something that happened on a channel; `owner` None means it is everybody's.

    `data` is JSON-compatible or a pydantic model. With a `key`, a newer message replaces a
    waiting one of the same key: right for prices, wrong for fills.
    """

    channel: str
    data: Any
    owner: str | None = None
    key: str | None = None

    @cached_property
    def line(self) -> bytes:
        """Return the NDJSON line; encoded once, however many subscribers there are."""
        data = self.data.model_dump(mode="json") if isinstance(self.data, BaseModel) else self.data
        return orjson.dumps({"channel": self.channel, "owner": self.owner, "data": data}) + b"\n"


class Backlog:
    """Messages that wait for one subscriber, in order, at most `capacity` of them.

    When it is full of things that may not be dropped, the subscriber has lost the thread:
    `overflowed` turns true and its stream ends, so that it connects anew and reads the state.
    """

    def __init__(self, capacity: int) -> None:
        self._waiting: OrderedDict[object, Message] = OrderedDict()
        self._capacity = capacity
        self.overflowed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, message: Message) -> None:
        """Add a message, in the place of a waiting one with the same key if there is one."""
        if message.key is None:
            key: object = object()
        else:
            key = (message.channel, message.owner, message.key)
        if key not in self._waiting and len(self._waiting) >= self._capacity:
            self.overflowed = True
            return
        self._waiting[key] = message

    def take(self) -> Message | None:
        """Return the oldest message, or None."""
        if not self._waiting:
            return None
        return self._waiting.popitem(last=False)[1]
