"""One child process: its own group, its death tied to ours, its output in our hands.

PR_SET_PDEATHSIG (prctl(2)) makes the kernel kill the child when the launcher dies for any reason,
`kill -9` included. The child leads its own session, so a Ctrl-C on the terminal reaches the
launcher alone and stopping stays ordered; whatever the child forked is found by its group.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_READ_SIZE = 65_536
# resolved before any fork: nothing may be imported or looked up between fork and exec
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent_pid: int) -> Callable[[], None]:
    """Return a pre-exec hook that ties the new process's life to `parent_pid`."""

    def hook() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        # the parent may have died between fork and prctl; then no signal will ever come
        if os.getppid() != parent_pid:
            os._exit(1)

    return hook


def stop_with_parent() -> None:
    """Ask the kernel to send this process SIGTERM when its parent ends, however it ends."""
    parent_pid = os.getppid()
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal.SIGTERM)


class Process:
    """A running child whose exit and output arrive through the event loop.

    Must be made inside a running loop, from a process without other threads (see `die_with_parent`).
    Raises OSError when the program cannot be started.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        on_output: Callable[[bytes], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_output = on_output
        self._popen = subprocess.Popen(  # noqa: S603 - argv comes from the plan, never from a user
            list(argv),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - the launcher has one thread
        )
        assert self._popen.stdout is not None  # noqa: S101 - PIPE was asked for above
        self._output = self._popen.stdout
        os.set_blocking(self._output.fileno(), False)
        self._exited: asyncio.Future[int] = self._loop.create_future()
        self._pidfd = os.pidfd_open(self._popen.pid)
        self._loop.add_reader(self._output.fileno(), self._drain)
        self._loop.add_reader(self._pidfd, self._reap)

    @property
    def pid(self) -> int:
        """Return the process id, which is also the id of its group."""
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Tell whether the process has not ended yet."""
        return not self._exited.done()

    async def exited(self) -> int:
        """Wait for the end; return the exit code, or minus the signal's number."""
        return await asyncio.shield(self._exited)

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the process and everything it forked; quiet when all are gone."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def _drain(self) -> None:
        while True:
            try:
                data = os.read(self._output.fileno(), _READ_SIZE)
            except BlockingIOError:
                return
            if not data:
                self._loop.remove_reader(self._output.fileno())
                self._output.close()
                return
            self._on_output(data)

    def _reap(self) -> None:
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        # the leader is still a zombie here, so its group id cannot have been given to a stranger
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        code = self._popen.wait()
        if not self._output.closed:
            self._drain()
        if not self._output.closed:
            self._loop.remove_reader(self._output.fileno())
            self._output.close()
        self._exited.set_result(code)


def describe_exit(code: int) -> str:
    """Say in words how a process ended."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
