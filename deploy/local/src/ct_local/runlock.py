"""One launcher per data directory: a flock that dies with its holder, so it is never stale."""

import fcntl
import os
from pathlib import Path

from ct_local.errors import StartFault


class RunLock:
    """Hold `.data/run.lock` for the life of the launcher."""

    def __init__(self, path: Path, address: str) -> None:
        """Take the lock and write our pid and address into it; raises StartFault when held."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, _, where = (
                os.pread(self._file, 200, 0).decode(errors="replace").strip().partition(" ")
            )
            os.close(self._file)
            raise StartFault(
                f"CryptoTrade already runs on {path.parent} (process {pid or 'unknown'}, {where or 'starting'}).",
                f"Open that address, stop it (kill {pid or 'PID'}), or start beside it with its own data: "
                "CT_DATA_DIR=.data2 CT_PORT_OFFSET=1000 make run.",
                code="already_running",
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()} {address}\n".encode(), 0)

    def close(self) -> None:
        """Give the lock back; the file stays, empty, so that no path is ever raced."""
        os.ftruncate(self._file, 0)
        os.close(self._file)


def is_held(path: Path) -> bool:
    """Tell whether a launcher holds the lock now."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(file)
