"""The user's verbs: start, pause, drain, stop, force-exit, change, delete."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from ct_bots.app.strategies import checked_parameters, known_strategy
from ct_bots.domain.bot import Bot
from ct_bots.domain.journal import Note
from ct_bots.domain.lifecycle import ACTIVE, ExitPlan, Verb, next_state
from ct_bots.ports import Bots, Held, Records
from ct_kit.contracts.bots import BotChange
from ct_kit.errors import Conflict

Clock = Callable[[], datetime]

_ATTEMPTS = 10
"""A runner commits a few times in a second at most; ten reads in a row never all lose to it."""


class ControlBot:
    """Applies a verb as a compare-and-set, so that it never crosses a decision unseen."""

    def __init__(self, bots: Bots, records: Records, clock: Clock) -> None:
        self._bots = bots
        self._records = records
        self._clock = clock

    async def command(self, owner: str, bot_id: str, verb: Verb) -> Held:
        """Lead the bot to the verb's state; raises `Conflict` where its state forbids that."""

        def commanded(bot: Bot) -> tuple[Bot, list[Note]]:
            return _commanded(bot, verb)

        return await self._change(owner, bot_id, commanded)

    async def change(self, owner: str, bot_id: str, wanted: BotChange) -> Held:
        """Change label or parameters; parameters hold from the next start on."""

        def changed(bot: Bot) -> tuple[Bot, list[Note]]:
            return _changed(bot, wanted)

        return await self._change(owner, bot_id, changed)

    async def delete(self, owner: str, bot_id: str) -> None:
        """Remove a bot that is at rest and has no open order; raises `Conflict` otherwise."""
        for _ in range(_ATTEMPTS):
            bot = (await self._bots.get(owner, bot_id)).bot
            if bot.state in ACTIVE:
                detail = f"The bot is {bot.state}. Stop it, then delete it."
                raise Conflict("bot_not_at_rest", detail)
            if bot.run.working:
                detail = f"The bot has {len(bot.run.working)} open orders. Stop it first."
                raise Conflict("bot_has_open_orders", detail)
            if await self._bots.delete(bot):
                return
        raise _contended()

    async def _change(
        self, owner: str, bot_id: str, change: Callable[[Bot], tuple[Bot, list[Note]]]
    ) -> Held:
        for _ in range(_ATTEMPTS):
            held = await self._bots.get(owner, bot_id)
            after, notes = change(held.bot)
            if after is held.bot:
                return held
            after = replace(after, updated_at=self._clock())
            if await self._bots.change(held.bot, after):
                await self._records.note(after, notes)
                return Held(after, held.runner)
        raise _contended()


def _commanded(bot: Bot, verb: Verb) -> tuple[Bot, list[Note]]:
    state = next_state(bot.state, verb)
    if verb == "start":
        return _started(bot)
    if verb == "pause":
        text = "Paused: it buys nothing, takes back resting buys, and still sells."
        return bot.in_state("paused", None, None), [Note("paused", text)]
    if verb == "drain":
        text = "Draining: it buys nothing more and stops once the strategy has sold all."
        return bot.in_state("draining", None, None), [Note("draining", text)]
    if verb == "force-exit":
        if bot.state == "stopped" and not bot.run.book.base:
            raise Conflict("nothing_to_exit", "The bot holds nothing, so there is nothing to sell.")
        text = "Forced exit: orders are taken back and the position is sold at market."
        plan = ExitPlan(sell=True)
        return bot.in_state("exiting", "selling the position", plan), [Note("force_exit", text)]
    if state == "stopped" or not bot.run.working:
        text = "Stopped. A position, if any, stays as it is."
        return bot.in_state("stopped", None, None), [Note("stopped", text)]
    text = f"Stopping: {len(bot.run.working)} open orders are taken back, the position stays."
    plan = ExitPlan(sell=False)
    return bot.in_state("exiting", "taking back open orders", plan), [Note("stopping", text)]


def _started(bot: Bot) -> tuple[Bot, list[Note]]:
    resumed = bot.state in {"paused", "draining"}
    after = replace(
        bot.in_state("running", None, None),
        active_parameters=bot.parameters,
        active_version=bot.parameters_version,
    )
    code, text = ("resumed", "Trading again.") if resumed else ("started", "Started.")
    return after, [Note(code, text)]


def _changed(bot: Bot, wanted: BotChange) -> tuple[Bot, list[Note]]:
    after, notes = bot, list[Note]()
    if wanted.label is not None and wanted.label != bot.label:
        after = replace(after, label=wanted.label)
    if wanted.parameters is not None:
        params = checked_parameters(known_strategy(bot.strategy), wanted.parameters)
        parameters = params.model_dump(mode="json")
        if parameters != dict(bot.parameters):
            version = bot.parameters_version + 1
            after = replace(after, parameters=parameters, parameters_version=version)
            text = f"Parameters version {version} holds from the next start on."
            notes.append(Note("parameters_changed", text))
    if after is not bot:
        after = replace(after, control_version=bot.control_version + 1)
    return after, notes


def _contended() -> Conflict:
    return Conflict("bot_busy", "The bot is acting at this moment. Try again.")
