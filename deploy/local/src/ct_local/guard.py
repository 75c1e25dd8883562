"""The launcher's last will: when it dies by force, end what its children had forked.

PR_SET_PDEATHSIG ends a killed launcher's children, but not the children of those. So a tiny
process of its own holds the other end of a pipe; when the pipe closes it kills every process
group it was told of and was not told to forget. The launcher forgets each group it has ended
itself, so after an orderly stop there is nothing left to do.
"""

import contextlib
import os
import signal
import subprocess
import sys
from typing import Self


class Guard:
    """Started with the launcher, before any child; a context manager around the whole run."""

    def __enter__(self) -> Self:
        # -I -S: no site, no environment; it needs nothing and stays at a few megabytes
        self._process = subprocess.Popen(  # noqa: S603 - this very file
            (sys.executable, "-I", "-S", __file__),
            stdin=subprocess.PIPE,
            start_new_session=True,
            env={},
        )
        return self

    def __exit__(self, *_exception: object) -> None:
        assert self._process.stdin is not None  # noqa: S101 - PIPE was asked for above
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def watch(self, group: int) -> None:
        """End this process group when the launcher dies."""
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        """Leave this group alone: it has ended."""
        self._tell(f"-{group}\n")

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None  # noqa: S101 - PIPE was asked for above
        # a guard that was killed guards no more; the platform itself goes on
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()


def main() -> None:
    """Keep the list of groups until standard input ends, then kill those that are left."""
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
