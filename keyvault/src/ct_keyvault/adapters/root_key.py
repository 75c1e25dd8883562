"""The root key in a file of the operator's, on another medium than the database."""

import base64
import binascii
import stat
from pathlib import Path

from ct_keyvault.domain.envelope import KEY_BYTES
from ct_keyvault.errors import VaultSealed

_MAXIMUM_BYTES = 256


class FileRootKey:
    """Reads 32 random bytes, raw or as hex or base64 text, from a file only its owner can read."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def read(self) -> bytearray:
        """Return 32 bytes the caller clears; raise `VaultSealed` saying what to mend."""
        if self._path is None:
            raise VaultSealed("CT_KEYVAULT_ROOT_KEY_FILE is not set")
        try:
            with self._path.open("rb", buffering=0) as file:
                mode = self._path.stat().st_mode
                content = file.read(_MAXIMUM_BYTES)
        except OSError as failed:
            raise VaultSealed(f"the root key file cannot be read: {failed.strerror}") from failed
        if not stat.S_ISREG(mode) or mode & 0o077:
            raise VaultSealed("the root key file is open to other users; run chmod 600 on it")
        return _decoded(content)


def _decoded(content: bytes) -> bytearray:
    if len(content) == KEY_BYTES:
        return bytearray(content)
    text = content.strip()
    try:
        key = (
            bytes.fromhex(text.decode()) if len(text) == 64 else base64.b64decode(text, None, True)
        )
    except (ValueError, binascii.Error) as malformed:
        raise VaultSealed("the root key file holds no key") from malformed
    if len(key) != KEY_BYTES:
        raise VaultSealed(f"the root key must have 32 bytes, was {len(key)}")
    return bytearray(key)
