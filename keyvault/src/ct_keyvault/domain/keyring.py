"""The keyring: numbered keys that wrap data keys. Pure and copy-on-write.

A new term becomes active and seals from then on; older terms stay and still open what they sealed,
so rotation needs no pause.
"""

import base64
from dataclasses import dataclass, replace

import orjson

from ct_keyvault.domain.envelope import KEY_BYTES


class UnknownTermError(Exception):
    """A record names a term this keyring does not hold."""


class KeyringRefusedError(Exception):
    """The keyring's bytes, or the change asked of it, make no sense."""


@dataclass(frozen=True, slots=True)
class Term:
    """One numbered wrapping key."""

    number: int
    key: bytes

    def __repr__(self) -> str:
        return f"Term(number={self.number}, key=***)"


@dataclass(frozen=True, slots=True)
class Keyring:
    """All terms, the newest active, and the anchor that keys digests and the audit chain."""

    terms: tuple[Term, ...]
    anchor: bytes

    def __post_init__(self) -> None:
        numbers = [term.number for term in self.terms]
        if not numbers or numbers != sorted(set(numbers)) or numbers[0] < 1:
            raise KeyringRefusedError(f"terms must be unique, rising and from 1, was {numbers}")
        if any(len(key) != KEY_BYTES for key in (self.anchor, *(t.key for t in self.terms))):
            raise KeyringRefusedError("every key of the ring must have 32 bytes")

    def __repr__(self) -> str:
        return f"Keyring(terms={self.terms!r}, anchor=***)"

    @classmethod
    def first(cls, key: bytes, anchor: bytes) -> "Keyring":
        """Start a ring with one term."""
        return cls(terms=(Term(1, key),), anchor=anchor)

    @property
    def active(self) -> Term:
        """The term that seals now."""
        return self.terms[-1]

    def key(self, number: int) -> bytes:
        """Return the key of a term, active or old."""
        for term in self.terms:
            if term.number == number:
                return term.key
        raise UnknownTermError(f"the keyring holds no term {number}")

    def rotated(self, key: bytes) -> "Keyring":
        """Return a ring whose new active term has `key`; this one is unchanged."""
        return replace(self, terms=(*self.terms, Term(self.active.number + 1, key)))

    def to_bytes(self) -> bytes:
        """Serialise, secrets included: only ever to be sealed under the root key."""
        return orjson.dumps(
            {
                "anchor": base64.b64encode(self.anchor).decode(),
                "terms": [[t.number, base64.b64encode(t.key).decode()] for t in self.terms],
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes | bytearray) -> "Keyring":
        """Read what `to_bytes` wrote."""
        try:
            document = orjson.loads(data)
            terms = tuple(Term(number, base64.b64decode(key)) for number, key in document["terms"])
            return cls(terms=terms, anchor=base64.b64decode(document["anchor"]))
        except (ValueError, KeyError, TypeError) as unreadable:
            raise KeyringRefusedError("the keyring's bytes are not a keyring") from unreadable
