"""Room on the disk: refuse to start without it, and warn before it ends."""

import shutil
from pathlib import Path

from ct_local.errors import StartFault

# mongod alone preallocates ~300 MB of journal and oplog; below this its writes begin to fail
REQUIRED_FREE_BYTES = 1 << 30
_LOW_FREE_BYTES = 256 << 20


def low_disk(path: Path) -> str | None:
    """Say how little room is left when it is alarmingly little, else None."""
    free = shutil.disk_usage(path).free
    return f"only {free / 1e6:.0f} MB are free" if free < _LOW_FREE_BYTES else None


def require_free_disk(path: Path, required_bytes: int = REQUIRED_FREE_BYTES) -> None:
    """Raise StartFault when `path`'s file system has less than `required_bytes` free."""
    free = shutil.disk_usage(path).free
    if free < required_bytes:
        raise StartFault(
            f"The disk holding {path} has {free / 1e9:.2f} GB free; {required_bytes / 1e9:.2f} GB are needed.",
            "Free some space, or put the data elsewhere: CT_DATA_DIR=/path make run.",
            code="disk_full",
        )
