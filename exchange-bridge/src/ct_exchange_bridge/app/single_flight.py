"""Equal reads at the same time are one read."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class SingleFlight(Generic[Result]):
    """Runs one read per key; who asks meanwhile gets the same answer or the same error."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[Result]] = {}

    async def run(self, key: Hashable, read: Callable[[], Awaitable[Result]]) -> Result:
        """Join the read under way for this key, or start it."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.ensure_future(_awaited(read))
            self._running[key] = task
            task.add_done_callback(lambda _: self._running.pop(key, None))
        # One caller that goes away must not take the answer from the others.
        return await asyncio.shield(task)


async def _awaited(read: Callable[[], Awaitable[Result]]) -> Result:
    return await read()
