"""Health routes of a runner process; the runner lives as long as the app does."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from fastapi import FastAPI

from ct_bots.runner.supervisor import Runner
from ct_bots.tasks import end_tasks
from ct_kit.errors import Unavailable
from ct_kit.logs import get_logger
from ct_kit.web.fastapi import create_service_app

_log = get_logger(__name__)


class Process(Protocol):
    """A runner with its connections."""

    @property
    def runner(self) -> Runner:
        """Return the runner."""
        ...

    async def aclose(self) -> None:
        """Let all connections go."""
        ...


def create_health_app(build: Callable[[], Awaitable[Process]]) -> FastAPI:
    """Build an app that starts the runner, says how it is, and stops it."""
    running: list[Runner] = []

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        process = await build()
        running.append(process.runner)
        task = asyncio.create_task(process.runner.run())
        task.add_done_callback(_end_process_if_broken)
        try:
            yield
        finally:
            running.clear()
            await end_tasks([task])
            await process.aclose()

    async def leases() -> None:
        if not running:
            raise Unavailable("runner_not_started", "The runner has not started yet.")
        running[0].check_leases()

    async def feed() -> None:
        if running:
            running[0].check_feed()

    return create_service_app(
        "CryptoTrade bot runner",
        "bots-runner",
        readiness={"leases": leases, "exchange-bridge": feed},
        lifespan=lifespan,
    )


def _end_process_if_broken(task: asyncio.Task[None]) -> None:
    """Let the supervisor restart a process whose runner died of a fault of ours."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("runner_broke", exc_info=error)
        signal.raise_signal(signal.SIGTERM)
