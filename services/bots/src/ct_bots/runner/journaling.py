"""Commits of one bot: what was worked out becomes durable before anything is done about it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from ct_bots.domain.bot import Bot
from ct_bots.domain.journal import Note
from ct_bots.domain.seen import Step
from ct_bots.domain.turn import Turn
from ct_bots.errors import LeaseLostError
from ct_bots.ports import Runs
from ct_bots.runner.lease import HeldLease
from ct_kit.domain import Instrument
from ct_kit.errors import CtError, OutcomeUnknown, Unavailable
from ct_kit.logs import get_logger
from ct_strategies.spec import Strategy

_AGAIN_S = 0.2
_log = get_logger(__name__)


class Journal:
    """The bot as committed, and the one way to move it on."""

    def __init__(self, bot: Bot, lease: HeldLease, runs: Runs) -> None:
        self.bot = bot
        self._lease = lease
        self._runs = runs

    async def turn(
        self, strategy: Strategy, instrument: Instrument, event: Callable[[Turn], Step]
    ) -> Step:
        """Work out an event and commit it; worked out anew where the user changed the bot.

        Raises `LeaseLostError` where another holder's fence is up.
        """
        return await self.step(
            lambda bot: event(Turn(bot, strategy, instrument, datetime.now(UTC)))
        )

    async def step(self, work_out: Callable[[Bot], Step]) -> Step:
        """Commit what `work_out` makes of the bot as it is, again after every change of it."""
        while True:
            before = self.bot
            step = work_out(before)
            if await self._written(before, step):
                self.bot = step.bot
                return step

    async def fail(self, reason: str) -> None:
        """Put the bot into state failed at once, whatever was going on."""

        def failed(bot: Bot) -> Step:
            after = bot.in_state("failed", reason, None).with_next_step()
            return Step(after, None, (Note("failed", f"Failed: {reason}."),))

        await self.step(failed)

    async def refresh(self) -> None:
        """Read the bot again, for what its user changed."""
        fresh = await self._read()
        if fresh.run.step != self.bot.run.step:
            raise LeaseLostError(fresh.id)  # only a holder moves the run, and it was not us
        self.bot = fresh

    async def note(self, code: str, message: str) -> None:
        """Append a line that belongs to no step."""
        await self._runs.note(self.bot, [Note(code, message)])

    async def _written(self, before: Bot, step: Step) -> bool:
        """Commit; False where the bot must be read and the event worked out again."""
        try:
            if await self._runs.commit(before, step, self._lease.epoch):
                return True
        except OutcomeUnknown as error:
            # Perhaps committed: the step number tells (safety.md D4).
            _log.warning("commit_outcome_unknown", bot_id=before.id, error=str(error))
        except Unavailable as error:
            _log.warning("commit_delayed", bot_id=before.id, error=str(error))
            await asyncio.sleep(_AGAIN_S)
        fresh = await self._read()
        if fresh.run.step == before.run.step:
            self.bot = fresh
            return False
        # One past: our write, its answer lost. Its log lines may be missing; a take-over of the
        # lease writes them, so give the bot up rather than go on with a hole in its log.
        raise LeaseLostError(before.id)

    async def _read(self) -> Bot:
        while True:
            self._lease.require()
            try:
                fresh = await self._runs.load(self.bot.id, self._lease.epoch)
            except CtError as error:
                _log.warning("bot_read_delayed", bot_id=self.bot.id, error=str(error))
                await asyncio.sleep(_AGAIN_S)
                continue
            if fresh is None:
                raise LeaseLostError(self.bot.id)
            return fresh
