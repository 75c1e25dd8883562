"""Start all children in the order of their needs, keep them alive, stop them in reverse."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from ct_local.backoff import Backoff
from ct_local.child import Child
from ct_local.console import Console
from ct_local.disk import low_disk
from ct_local.errors import StartFault
from ct_local.guard import Guard
from ct_local.logfile import RotatingLog
from ct_local.spec import ChildSpec
from ct_local.status_file import StatusFile, resident_bytes_by_group

_STATUS_EVERY_S = 4.0
_SILENCE_S = 5.0  # longer without a line looks like a hang
STOP_BUDGET_S = 8.0
_LEAST_S = 0.8  # of the budget, for each tier; an idle service or database ends in half of it


class Supervisor:
    """Owns every child process of the platform."""

    def __init__(
        self,
        specs: Sequence[ChildSpec],
        *,
        console: Console,
        status: StatusFile,
        logs: Path,
        guard: Guard,
        new_backoff: Callable[[], Backoff] = Backoff,
    ) -> None:
        self._console = console
        self._status = status
        self._logs = logs
        self.children = {
            spec.name: Child(
                spec,
                log=RotatingLog(logs / f"{spec.name}.log"),
                console=console,
                guard=guard,
                backoff=new_backoff(),
            )
            for spec in specs
        }
        self._tasks: list[asyncio.Task[None]] = []
        self._state = "starting"
        self._disk_told = False

    async def start(self, timeout_s: float) -> None:
        """Start everything and return when all are ready; raises StartFault when one cannot be."""
        self._tasks = [asyncio.create_task(self._begin(child)) for child in self.children.values()]
        ready = asyncio.create_task(self._all_ready())
        heart = asyncio.create_task(self._report())
        self._tasks.append(heart)
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.wait([ready, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
                if not ready.done():
                    self._raise_first_fault()
        except TimeoutError:
            raise StartFault(
                f"Not ready after {timeout_s:.0f} s: {self._waiting_for()}.",
                f"The logs are in {self._logs}; a slow machine may need CT_START_TIMEOUT_S=600.",
                code="start_timeout",
            ) from None
        finally:
            if not ready.done():
                ready.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await ready
        self._state = "ready"
        self._write_status()

    async def run(self) -> None:
        """Keep everything alive until cancelled; raises what a child's keeper raised."""
        await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        self._raise_first_fault()

    async def stop(self, budget_s: float = STOP_BUDGET_S) -> None:
        """Stop tier by tier, the highest first; no process is left when this returns."""
        self._state = "stopping"
        loop = asyncio.get_running_loop()
        deadline = loop.time() + budget_s
        ordered = sorted(self.children.values(), key=lambda child: -child.spec.tier)
        tiers = [list(group) for _, group in groupby(ordered, key=lambda child: child.spec.tier)]
        for number, tier in enumerate(tiers):
            # whoever comes later keeps its part, above all the database, which is last
            reserved = _LEAST_S * (len(tiers) - number)
            share = max(0.0, deadline - loop.time() - reserved)
            await asyncio.gather(
                *(child.stop(min(child.spec.stop_within_s, share + _LEAST_S)) for child in tier)
            )
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def kill(self) -> None:
        """End everything at once (the second Ctrl-C)."""
        for child in self.children.values():
            child.kill()

    async def _begin(self, child: Child) -> None:
        for need in child.spec.needs:
            await self.children[need].ready_once.wait()
        await child.keep_alive()

    async def _all_ready(self) -> None:
        for child in self.children.values():
            await child.ready_once.wait()

    async def _report(self) -> None:
        """Write the status file, and break long silences while starting."""
        while True:
            self._write_status()
            starting = self._state == "starting"
            if starting and self._console.elapsed_s - self._console.last_said_s >= _SILENCE_S:
                self._console.say("waiting", self._waiting_for())
            await asyncio.sleep(_STATUS_EVERY_S / 8 if starting else _STATUS_EVERY_S)

    def _write_status(self) -> None:
        children = self.children.values()
        resident = resident_bytes_by_group()
        fault = next((child.log_fault for child in children if child.log_fault), None)
        try:
            self._status.write((child.status(resident) for child in children), state=self._state)
        except OSError as error:
            fault = error
        self._tell_disk(f"cannot write: {fault.strerror}" if fault else low_disk(self._logs))

    def _tell_disk(self, trouble: str | None) -> None:
        if trouble and not self._disk_told:
            self._console.say("disk", f"{trouble}. Free some space, or data will be lost.")
        self._disk_told = trouble is not None

    def _raise_first_fault(self) -> None:
        for task in self._tasks:
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise error

    def _waiting_for(self) -> str:
        late = [child for child in self.children.values() if not child.ready]
        return "; ".join(f"{child.spec.name} ({child.reason})" for child in late)
