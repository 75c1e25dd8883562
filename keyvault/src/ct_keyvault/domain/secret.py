"""What is inside a sealed record, as bytes that can be cleared after use."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ct_keyvault.domain.envelope import clear

_LENGTH = struct.Struct(">I")


@dataclass(slots=True, repr=False)
class Secret:
    """The API key and the secret half; `secret` is an HMAC secret or an Ed25519 seed."""

    api_key: bytearray
    secret: bytearray
    passphrase: bytearray = field(default_factory=bytearray)

    def __repr__(self) -> str:
        return "Secret(***)"

    def clear(self) -> None:
        """Overwrite all three."""
        for buffer in (self.api_key, self.secret, self.passphrase):
            clear(buffer)

    def to_bytes(self) -> bytearray:
        """Pack the fields, each after its length."""
        packed = bytearray()
        for part in (self.api_key, self.secret, self.passphrase):
            packed += _LENGTH.pack(len(part)) + part
        return packed

    @classmethod
    def from_bytes(cls, data: bytearray) -> "Secret":
        """Unpack what `to_bytes` packed, and clear `data`."""
        parts: list[bytearray] = []
        offset = 0
        while offset < len(data):
            (length,) = _LENGTH.unpack_from(data, offset)
            offset += _LENGTH.size
            parts.append(data[offset : offset + length])
            offset += length
        clear(data)
        return cls(*parts)


@contextmanager
def cleared_after(secret: Secret) -> Iterator[Secret]:
    """Lend a secret and overwrite it whatever happens."""
    try:
        yield secret
    finally:
        secret.clear()
