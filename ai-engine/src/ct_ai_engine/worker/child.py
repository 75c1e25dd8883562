"""Run one job in a process of its own and relay what it says."""

import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import orjson

_STOP_WAIT_S = 1.0  # cancel must be done within 2 s: ask, then kill
_TEXT_KEPT = 2_000  # of a crash's last words, for the log


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the child, or its end."""

    kind: Literal["progress", "output", "failed", "ended"]
    body: Any


class Child:
    """A running job. Leave the `with` block to be rid of it."""

    def __init__(self, order: Mapping[str, Any], command: list[str] | None = None) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command or [sys.executable, "-m", "ct_ai_engine.tasks"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._said: queue.Queue[Said] = queue.Queue()
        self._last_words = b""
        self._readers = [
            threading.Thread(target=self._read_errors, daemon=True),
            threading.Thread(target=self._read_lines, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        assert self._process.stdin is not None  # noqa: S101 - PIPE was asked for above
        try:
            self._process.stdin.write(orjson.dumps(order) + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            # It died at once; the end of its output tells the same.
            self._process.poll()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Return the child's process id."""
        return self._process.pid

    @property
    def last_words(self) -> str:
        """Return the end of what it wrote to standard error."""
        return self._last_words.decode("utf-8", "replace")

    def next(self, timeout_s: float) -> Said | None:
        """Return what it says next; None when it is silent for so long."""
        try:
            return self._said.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def stop(self) -> None:
        """End it, gently for a moment, then at once; harmless when it has ended."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_WAIT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                _close(pipe)

    def _read_lines(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - PIPE was asked for
        for line in self._process.stdout:
            try:
                ((kind, body),) = orjson.loads(line).items()
            except (orjson.JSONDecodeError, ValueError, AttributeError):
                kind, body = "failed", "The computation wrote something unreadable."
            self._said.put(Said(kind, body))
        code = self._process.wait()
        self._said.put(Said("ended", code))

    def _read_errors(self) -> None:
        assert self._process.stderr is not None  # noqa: S101 - PIPE was asked for
        for line in self._process.stderr:
            self._last_words = (self._last_words + line)[-_TEXT_KEPT:]


def _close(pipe: Any) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        # Unflushed bytes for a process that is gone.
        return
