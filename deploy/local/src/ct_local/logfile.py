"""A child's log: one file with a size cap, a few older ones, and the last lines at hand."""

import os
from pathlib import Path

_TAIL_BYTES = 4096


class RotatingLog:
    """Append bytes to `path`; at `max_bytes` keep the file as `.1` … `.backups` and begin anew.

    A log that cannot be written (disk full) never stops the service: the bytes are dropped and
    `broken` holds the reason until a later write succeeds.
    """

    def __init__(self, path: Path, *, max_bytes: int = 10_000_000, backups: int = 2) -> None:
        self.path = path
        self.broken: OSError | None = None
        self._max_bytes = max_bytes
        self._backups = backups
        self._tail = b""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._open()
        self._size = self.path.stat().st_size

    def write(self, data: bytes) -> None:
        """Append `data`, rotating first when the cap would be passed."""
        self._tail = (self._tail + data)[-_TAIL_BYTES:]
        try:
            if self._size + len(data) > self._max_bytes and self._size:
                self._rotate()
            view = memoryview(data)
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            self.broken = error
        else:
            self.broken = None
            self._size += len(data)

    def last_line(self) -> str:
        """Return the last line with text in it, for a one-line fault; empty when there is none."""
        lines = self._tail.decode(errors="replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _open(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _rotate(self) -> None:
        for number in range(self._backups, 0, -1):
            older = (
                self.path if number == 1 else self.path.with_name(f"{self.path.name}.{number - 1}")
            )
            if older.exists():
                older.replace(self.path.with_name(f"{self.path.name}.{number}"))
        os.close(self._file)
        self._file = self._open()
        self._size = 0
