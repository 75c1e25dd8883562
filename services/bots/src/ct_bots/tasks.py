"""Ending tasks for certain.

Before Python 3.12 `asyncio.wait_for` drops a cancellation that arrives in the moment its inner
future finishes (python/cpython#86296), and PyMongo sends every message through it: a task that
talks to MongoDB survives about one cancel in five. So a cancel is repeated until it is obeyed.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

_AGAIN_S = 0.05


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until each has ended; what they end with is theirs to tell."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_AGAIN_S)
