"""A runner: takes leases of bots, keeps them, and runs an actor for each."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from ct_bots.domain.bot import Bot
from ct_bots.errors import LeaseLostError
from ct_bots.ports import Leases, Runs, Trading
from ct_bots.runner.actor import Actor
from ct_bots.runner.feed import Listener
from ct_bots.runner.journaling import Journal
from ct_bots.runner.lease import HeldLease
from ct_bots.runner.tempo import Tempo
from ct_bots.tasks import end_tasks
from ct_kit.contracts.markets import CandleUpdate
from ct_kit.contracts.orders import Fill, Order
from ct_kit.errors import CtError, Unavailable
from ct_kit.logs import get_logger
from ct_strategies.registry import UnknownStrategyError, get_strategy

_COOL_DOWN_S = 5.0
"""A bot whose actor broke is left alone this long, so that a fault cannot spin."""

_log = get_logger(__name__)
Value = TypeVar("Value")


class Feed(Protocol):
    """The bridge's feed."""

    async def run(self, listener: Listener) -> None:
        """Tell the listener everything, until cancelled."""
        ...


@dataclass(frozen=True, slots=True)
class RunnerTimes:
    """How a runner keeps its leases."""

    lease_ttl_s: float
    renew_s: float
    poll_s: float
    jitter_s: float


@dataclass(slots=True)
class _Held:
    """A bot we hold. The actor comes once its market is known."""

    lease: HeldLease
    bot: Bot
    task: asyncio.Task[None] | None = None
    actor: Actor | None = None
    early: list[Order | Fill] = field(default_factory=list)


class Runner:
    """Holds bots. Everything it knows can be read again; it may be killed at any moment."""

    def __init__(
        self,
        name: str,
        *,
        leases: Leases,
        runs: Runs,
        bridge: Trading,
        feed: Feed,
        times: RunnerTimes,
        tempo: Tempo,
    ) -> None:
        self.name = name
        self._leases = leases
        self._runs = runs
        self._bridge = bridge
        self._feed = feed
        self._times = times
        self._tempo = tempo
        self._held: dict[str, _Held] = {}
        self._cooling: dict[str, float] = {}
        self._feed_up = False
        self._renewed_at = 0.0
        self._rounds_ok_at = 0.0

    # -- health -----------------------------------------------------------------------------------

    @property
    def holds(self) -> frozenset[str]:
        """Return the ids of the bots held."""
        return frozenset(self._held)

    def check_leases(self) -> None:
        """Raise `Unavailable` while leases cannot be kept."""
        if time.monotonic() - self._rounds_ok_at > self._times.lease_ttl_s:
            raise Unavailable("leases_not_kept", "The database has not answered for a while.")

    def check_feed(self) -> None:
        """Raise `Unavailable` while the bridge's feed is down."""
        if not self._feed_up:
            raise Unavailable("feed_down", "The exchange bridge's feed is down.")

    # -- the feed's listener ----------------------------------------------------------------------

    def on_order_news(self, bot_id: str, news: Order | Fill) -> None:
        """Hand an order or a fill to its bot."""
        if held := self._held.get(bot_id):
            if held.actor is None:
                held.early.append(news)
            else:
                held.actor.offer_order_news(news)

    def wants_candles(self, symbol: str, interval: str) -> bool:
        """Say whether any bot trades on these candles."""
        return any(
            h.bot.symbol == symbol and h.bot.interval == interval for h in self._held.values()
        )

    def on_candle(self, update: CandleUpdate) -> None:
        """Hand a closed candle to every bot that trades on it."""
        for held in self._held.values():
            same = (held.bot.symbol, held.bot.interval) == (update.symbol, update.interval)
            if same and held.actor is not None:
                held.actor.offer_candle(update)

    def on_feed(self, *, up: bool) -> None:
        """Tell every bot whether the feed is up."""
        self._feed_up = up
        for held in self._held.values():
            if held.actor is not None:
                held.actor.tell_feed(up=up)

    # -- the rounds -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Run until cancelled, then give all leases back."""
        _log.info("runner_started", runner=self.name)
        listening = asyncio.create_task(self._feed.run(self))
        try:
            while True:
                try:
                    await self.round()
                    self._rounds_ok_at = time.monotonic()
                except CtError as error:
                    _log.warning("runner_round_failed", error=str(error))
                if listening.done():
                    listening.result()  # a feed never ends by itself: raise what ended it
                await asyncio.sleep(self._times.poll_s)
        finally:
            await end_tasks([listening])
            await self._let_all_go()

    async def round(self) -> None:
        """Renew what is due, pass on what users said, take over what nobody runs."""
        await self._reap()
        await self._renew()
        if self._held:
            versions = await self._runs.controls(list(self._held))
            for bot_id, held in self._held.items():
                if held.actor is not None and bot_id in versions:
                    held.actor.tell_control(versions[bot_id])
        await self._claim()

    async def _renew(self) -> None:
        now = time.monotonic()
        if not self._held or now - self._renewed_at < self._times.renew_s:
            return
        kept = await self._leases.renew(list(self._held))
        self._renewed_at = now
        for bot_id, held in self._held.items():
            if kept.get(bot_id) == held.lease.epoch:
                held.lease.prolong(now + self._times.lease_ttl_s)
            elif held.task is not None:
                _log.warning("lease_lost", bot_id=bot_id, runner=self.name)
                held.task.cancel()

    async def _claim(self) -> None:
        now = time.monotonic()
        free = [
            bot_id
            for bot_id in await self._runs.unheld()
            if bot_id not in self._held and self._cooling.get(bot_id, 0.0) <= now
        ]
        random.shuffle(free)  # runners that look at the same moment should not race in step
        for bot_id in free:
            until = time.monotonic() + self._times.lease_ttl_s
            epoch = await self._leases.claim(bot_id)
            if epoch is None:
                continue
            bot = await self._runs.take_over(bot_id, epoch)
            if bot is None:
                await self._leases.release(bot_id, epoch)
                continue
            held = _Held(HeldLease(bot_id, epoch, until), bot)
            self._held[bot_id] = held
            # Many at once (a restart) are spread out, so that reconciling keeps to the venue's
            # weight budget (safety.md F27); a single start is not made to wait.
            delay_s = random.uniform(0, self._times.jitter_s) if len(free) > 1 else 0.0  # noqa: S311
            held.task = asyncio.create_task(self._live(held, delay_s), name=f"bot-{bot_id}")

    async def _live(self, held: _Held, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        journal = Journal(held.bot, held.lease, self._runs)
        await journal.note("lease_taken", f"Runner {self.name} runs the bot now.")
        try:
            strategy = get_strategy(held.bot.strategy)
            strategy.parse(dict(held.bot.active_parameters))
        except (UnknownStrategyError, ValueError) as error:
            await self._abandon(held, journal, f"its strategy or parameters changed: {error}")
            return
        instrument = await self._patiently(
            held, lambda: self._bridge.instrument(held.bot.owner, held.bot.symbol)
        )
        held.actor = Actor(
            held.bot,
            strategy=strategy,
            instrument=instrument,
            lease=held.lease,
            runs=self._runs,
            bridge=self._bridge,
            tempo=self._tempo,
        )
        held.actor.tell_feed(up=self._feed_up)
        for news in held.early:
            held.actor.offer_order_news(news)
        await held.actor.run()

    async def _abandon(self, held: _Held, journal: Journal, reason: str) -> None:
        """Fail a bot that cannot be stepped at all; what it left at the venue is taken back."""
        for order_id in [order.order_id for order in held.bot.run.working]:
            if order_id is not None:
                with suppress(CtError):
                    await self._bridge.cancel(held.bot.owner, order_id)
        await journal.fail(reason)

    async def _patiently(self, held: _Held, ask: Callable[[], Awaitable[Value]]) -> Value:
        while True:
            held.lease.require()
            try:
                return await ask()
            except CtError as error:
                _log.warning("bot_start_delayed", bot_id=held.bot.id, error=str(error))
            await asyncio.sleep(self._tempo.retry_s)

    async def _reap(self) -> None:
        """Let go of bots whose actor ended: at rest, lease lost, or broken."""
        for bot_id, held in list(self._held.items()):
            if held.task is None or not held.task.done():
                continue
            del self._held[bot_id]
            error = None if held.task.cancelled() else held.task.exception()
            if isinstance(error, CtError):
                # Something it needs is down. All it committed is read again when it is back.
                _log.warning("bot_actor_interrupted", bot_id=bot_id, error=str(error))
                self._cooling[bot_id] = time.monotonic() + self._tempo.retry_s
            elif error is not None and not isinstance(error, LeaseLostError):
                _log.error("bot_actor_broke", bot_id=bot_id, exc_info=error)
                self._cooling[bot_id] = time.monotonic() + _COOL_DOWN_S
            await self._leases.release(bot_id, held.lease.epoch)

    async def _let_all_go(self) -> None:
        await end_tasks(held.task for held in self._held.values() if held.task is not None)
        for bot_id, held in self._held.items():
            with suppress(CtError):
                await self._leases.release(bot_id, held.lease.epoch)
        self._held.clear()
