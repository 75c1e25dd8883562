"""The vault's root key of a one-machine install: made once, beside the data, never shown."""

import os
import secrets
from pathlib import Path

_KEY_BYTES = 32  # AES-256


def ensure_root_key(path: Path) -> None:
    """Make the key file (32 random bytes as hex, mode 0600) when there is none.

    An existing file is never touched: without it the sealed keys in the database are lost.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(_KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
