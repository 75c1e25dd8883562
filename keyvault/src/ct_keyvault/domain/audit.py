"""The audit chain: each entry carries a keyed hash over itself and the hash before it.

The key comes from the keyring, so whoever can write the database but not open the vault can
neither alter an entry nor forge what would follow it.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

import orjson

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a key, before it has a place in the chain."""

    at: datetime
    event: str
    owner: str
    key_id: str
    caller: str
    detail: str
    version: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the chain; `sequence` counts from 1 without gaps."""

    sequence: int
    event: Event
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Fault:
    """The first link that does not hold."""

    sequence: int
    reason: str


def link(key: bytes, sequence: int, previous: str, event: Event) -> Entry:
    """Make the entry that follows `previous`."""
    return Entry(sequence, event, previous, _digest(key, sequence, previous, event))


class ChainCheck:
    """Walks the chain from its start and points to the first link that does not hold."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._previous = GENESIS
        self.checked = 0

    def accept(self, entry: Entry) -> Fault | None:
        """Take the next entry; return what is wrong with it, or None."""
        expected = self.checked + 1
        if entry.sequence != expected:
            return Fault(expected, "the entry is missing")
        if entry.previous != self._previous:
            return Fault(expected, "it does not follow the entry before it")
        digest = _digest(self._key, entry.sequence, entry.previous, entry.event)
        if not hmac.compare_digest(digest, entry.hash):
            return Fault(expected, "its content was altered")
        self._previous, self.checked = entry.hash, expected
        return None


def _digest(key: bytes, sequence: int, previous: str, event: Event) -> str:
    content = (
        sequence,
        previous,
        int(event.at.timestamp() * 1000),  # MongoDB keeps milliseconds
        event.event,
        event.owner,
        event.key_id,
        event.caller,
        event.detail,
        event.version,
    )
    return hmac.new(key, orjson.dumps(content), hashlib.sha256).hexdigest()
