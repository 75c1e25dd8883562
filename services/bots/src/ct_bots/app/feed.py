"""Tell listeners what runners and users change, from the database's own change stream.

The runner is another process; what it commits is heard here. A bot that changes many times in a
moment is told once, with its state at the end of that moment.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from ct_bots.app.views import bot_view
from ct_bots.ports import Held
from ct_bots.tasks import end_tasks
from ct_kit.contracts.bots import BotEvent
from ct_kit.errors import CtError
from ct_kit.logs import get_logger
from ct_kit.streaming import Broadcaster

CHANNEL = "bots"
_QUIET_S = 0.25
_AGAIN_S = 1.0
_log = get_logger(__name__)

Change = tuple[str, BotEvent | None]
"""The owner and an event, or the bot's id and None where a bot itself changed."""


class Changes(Protocol):
    """The change stream, and the bots it speaks of."""

    def watch(self) -> AbstractAsyncContextManager[AsyncIterator[Change]]:
        """Listen from now on."""
        ...

    async def read(self, bot_ids: list[str]) -> list[Held]:
        """Return these bots as they are now, whoever owns them."""
        ...


class BotFeed:
    """Publishes `Bot` and `BotEvent` on the owner's `bots` channel."""

    def __init__(
        self, changes: Changes, broadcaster: Broadcaster, quiet_s: float = _QUIET_S
    ) -> None:
        self._changes = changes
        self._broadcaster = broadcaster
        self._quiet_s = quiet_s
        self._dirty: dict[str, None] = {}

    async def run(self) -> None:
        """Listen until cancelled; a broken stream is opened anew."""
        tasks = [
            asyncio.create_task(self._forever(self._listen)),
            asyncio.create_task(self._forever(self._tell)),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # neither ends by itself: raise what ended it
        finally:
            await end_tasks(tasks)

    async def _forever(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except CtError as error:
                _log.warning("bot_feed_interrupted", error=str(error))
                await asyncio.sleep(_AGAIN_S)
            except Exception:  # noqa: BLE001 - seen in the log; pages must not go blind for ever
                _log.exception("bot_feed_broke")
                await asyncio.sleep(_AGAIN_S)

    async def _listen(self) -> None:
        async with self._changes.watch() as changes:
            async for who, event in changes:
                if event is None:
                    self._dirty[who] = None
                else:
                    self._broadcaster.publish(CHANNEL, event, owner=who)

    async def _tell(self) -> None:
        await asyncio.sleep(self._quiet_s)
        if not self._dirty or not self._broadcaster.subscribers:
            self._dirty.clear()
            return
        changed, self._dirty = list(self._dirty), {}
        for held in await self._changes.read(changed):
            view = bot_view(held)
            self._broadcaster.publish(CHANNEL, view, owner=held.bot.owner, key=view.id)
