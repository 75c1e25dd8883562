"""What the operator sees: one line per event with the seconds since the start, then a box."""

import sys
import time
from collections.abc import Sequence
from typing import TextIO


class Console:
    """Write progress to a text stream, flushed line by line so that pipes see it live."""

    def __init__(self, stream: TextIO | None = None, *, already_s: float = 0.0) -> None:
        """Count from now, or go on counting where another program was after `already_s`."""
        self._stream = stream or sys.stdout
        self._began = time.monotonic() - already_s
        self.last_said_s = 0.0

    @property
    def elapsed_s(self) -> float:
        """Return the seconds since the launcher began."""
        return time.monotonic() - self._began

    def say(self, subject: str, text: str) -> None:
        """Print one event of one part."""
        self.last_said_s = self.elapsed_s
        self._write(f"{self.last_said_s:7.1f} s  {subject:<16} {text}")

    def box(self, lines: Sequence[str]) -> None:
        """Print the lines inside a frame."""
        width = max(len(line) for line in lines)
        self._write("┌" + "─" * (width + 4) + "┐")
        for line in lines:
            self._write(f"│  {line:<{width}}  │")
        self._write("└" + "─" * (width + 4) + "┘")

    def write_through(self, data: bytes) -> None:
        """Print what another program said, as it said it."""
        self._write(data.decode(errors="replace").rstrip("\n"))

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text + "\n")
            self._stream.flush()
        except OSError:
            # the terminal is gone (closed window, broken pipe); the platform must still stop cleanly
            self._stream = sys.__stderr__ or self._stream
