"""AES-256-GCM envelopes whose bytes say which key opens them and where they belong.

Layout: ``term (4, big endian) | format version (1) | nonce (12) | data | tag (16)``, the layout of
the OpenBao and Vault barriers. The header and the place of the record (tenant, id, venue, version)
are authenticated, so an envelope moved to another record, owner or version does not open.
"""

import secrets
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT_VERSION = 1
KEY_BYTES = 32
_HEADER = struct.Struct(">IB")
_NONCE_BYTES = 12
_TAG_BYTES = 16
OVERHEAD_BYTES = _HEADER.size + _NONCE_BYTES + _TAG_BYTES


class EnvelopeRefusedError(Exception):
    """The bytes are not what was sealed for this place: damaged, moved, or under another key."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an envelope belongs. It opens nowhere else."""

    tenant: str
    record_id: str
    venue: str
    version: int

    def authenticated_bytes(self, role: str) -> bytes:
        """Return the fields, each prefixed by its length, so that no two places share bytes."""
        fields = ("ct-keyvault", role, self.tenant, self.record_id, self.venue, str(self.version))
        encoded = (field.encode() for field in fields)
        return b"".join(struct.pack(">I", len(field)) + field for field in encoded)


def seal(key: bytes | bytearray, term: int, plaintext: bytes | bytearray, bound_to: bytes) -> bytes:
    """Encrypt under `key`, which the header names as `term`, with a fresh random nonce.

    The caller counts its uses of `key`: random 96-bit nonces are safe up to 2**32 of them
    (NIST SP 800-38D, section 8.3).
    """
    header = _HEADER.pack(term, FORMAT_VERSION)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return header + nonce + AESGCM(key).encrypt(nonce, plaintext, header + bound_to)


def term_of(envelope: bytes) -> int:
    """Return the number of the key that opens the envelope."""
    if len(envelope) < OVERHEAD_BYTES:
        raise EnvelopeRefusedError("the envelope is shorter than its own header and tag")
    term, version = _HEADER.unpack_from(envelope)
    if version != FORMAT_VERSION:
        raise EnvelopeRefusedError(f"format version was {version}, this vault reads 1")
    return int(term)


def unseal(key: bytes | bytearray, envelope: bytes, bound_to: bytes) -> bytearray:
    """Decrypt into a buffer the caller can clear; raise `EnvelopeRefusedError` on any doubt."""
    term_of(envelope)
    header, rest = envelope[: _HEADER.size], envelope[_HEADER.size :]
    nonce, ciphertext = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
    plaintext = bytearray(len(ciphertext) - _TAG_BYTES)
    try:
        AESGCM(key).decrypt_into(nonce, ciphertext, header + bound_to, plaintext)
    except InvalidTag as refused:
        clear(plaintext)
        raise EnvelopeRefusedError("the tag does not match its place and key") from refused
    return plaintext


def clear(buffer: bytearray) -> None:
    """Overwrite secret bytes. Best effort: copies made by the runtime are out of reach."""
    buffer[:] = bytes(len(buffer))
