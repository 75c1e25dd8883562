"""Keep one child alive: start, watch until ready, restart with backoff, stop."""

import asyncio
import signal
import time
from collections.abc import Mapping
from typing import Any

from ct_local.backoff import Backoff
from ct_local.console import Console
from ct_local.errors import StartFault
from ct_local.guard import Guard
from ct_local.logfile import RotatingLog
from ct_local.process import Process, describe_exit
from ct_local.readiness import Readiness
from ct_local.spec import ChildSpec

_FIRST_PROBE_S = 0.1
_SLOWEST_PROBE_S = 0.5
# a child that dies this often before it ever served will not heal by itself
_DEATHS_BEFORE_GIVING_UP = 4


class Child:
    """One supervised program. `ready_once` is set when it first served."""

    def __init__(
        self,
        spec: ChildSpec,
        *,
        log: RotatingLog,
        console: Console,
        guard: Guard,
        backoff: Backoff | None = None,
    ) -> None:
        self.spec = spec
        self.restarts = 0
        self.reason = "not started"
        self.ready_once = asyncio.Event()
        self._log = log
        self._console = console
        self._guard = guard
        self._backoff = backoff or Backoff()
        self._process: Process | None = None
        self._ready_since: float | None = None
        self._stopping = asyncio.Event()

    async def keep_alive(self) -> None:
        """Run until `stop`; raises StartFault when it dies for good before it ever served."""
        deaths = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._run_once()
            if self._stopping.is_set():
                return
            deaths += 1
            how = describe_exit(code)
            last = self._log.last_line()
            if not self.ready_once.is_set() and (
                code in self.spec.settings_exit_codes or deaths >= _DEATHS_BEFORE_GIVING_UP
            ):
                raise StartFault(
                    f"{self.spec.name} cannot start ({how}): {last or 'it said nothing'}",
                    f"Its log: {self._log.path}",
                    code="child_failed",
                )
            served_s = time.monotonic() - self._ready_since if self._ready_since else 0.0
            self._ready_since = None
            delay = self._backoff.delay_after(served_s)
            self.restarts += 1
            self.reason = f"ended with {how}; restart {self.restarts} in {delay:g} s"
            self._console.say(
                self.spec.name,
                f"ended with {how} after {time.monotonic() - began:.1f} s; "
                f"restart {self.restarts} in {delay:g} s (log: {self._log.path})",
            )
            await self._pause(delay)

    async def stop(self, within_s: float) -> None:
        """End it: SIGTERM, then SIGKILL to its whole group when the time is over."""
        self._stopping.set()
        process = self._process
        if process is None or not process.alive:
            return
        self.reason = "stopping"
        process.signal_group(signal.SIGTERM)
        try:
            async with asyncio.timeout(within_s):
                await process.exited()
        except TimeoutError:
            self._console.say(self.spec.name, f"still ran after {within_s:.1f} s; killed")
            self.kill()
            await process.exited()

    def kill(self) -> None:
        """End the whole group at once."""
        self._stopping.set()
        if self._process is not None:
            self._process.signal_group(signal.SIGKILL)

    @property
    def ready(self) -> bool:
        """Tell whether the last probe of the living process said it can serve."""
        return self._ready_since is not None

    @property
    def log_fault(self) -> OSError | None:
        """Return why its log cannot be written at present, if it cannot."""
        return self._log.broken

    def status(self, resident: Mapping[int, int]) -> dict[str, Any]:
        """Describe it for `status.json`; `resident` is the memory of each process group."""
        process = self._process
        pid = process.pid if process is not None and process.alive else None
        return {
            "name": self.spec.name,
            "pid": pid,
            "ports": dict(self.spec.ports),
            "state": "ready" if self.ready else "starting" if pid else "down",
            "reason": "" if self.ready else self.reason,
            "restarts": self.restarts,
            "rss_bytes": resident.get(pid, 0) if pid else 0,
            "log": str(self._log.path),
        }

    async def _run_once(self) -> int:
        try:
            self._process = process = Process(
                self.spec.argv, env=self.spec.env, cwd=self.spec.cwd, on_output=self._log.write
            )
        except OSError as error:
            raise StartFault(
                f"{self.spec.name} cannot be started: {error}.",
                "Run make clean, then make run, to install it anew.",
                code="child_missing",
            ) from error
        self._guard.watch(process.pid)
        self.reason = "starting"
        watch = asyncio.create_task(self._watch(process))
        try:
            return await process.exited()
        finally:
            watch.cancel()
            if not process.alive:
                self._guard.forget(process.pid)

    async def _watch(self, process: Process) -> None:
        """Probe until ready, then leave the process alone: it says itself when it is unwell."""
        began = time.monotonic()
        pause = _FIRST_PROBE_S
        while process.alive:
            answer: Readiness = await self.spec.probe()
            if answer.ready and process.alive:
                self._ready_since = time.monotonic()
                self._console.say(self.spec.name, f"ready after {self._ready_since - began:.1f} s")
                self.ready_once.set()
                return
            self.reason = answer.reason
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _SLOWEST_PROBE_S)

    async def _pause(self, delay_s: float) -> None:
        try:
            async with asyncio.timeout(delay_s):
                await self._stopping.wait()
        except TimeoutError:
            return
