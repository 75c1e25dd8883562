"""One running bot: events in, committed decisions, orders out.

Everything happens in one task, in order. An event is worked out (`Turn`), committed (`Journal`),
and only then acted on: orders that are durable and unsent are submitted, orders wanted back are
cancelled. The loop works from the committed bot alone, so taking over after a crash is nothing
special: it is the same loop, started on what the last holder committed.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from ct_bots.domain.bot import Bot
from ct_bots.domain.guard import Denied
from ct_bots.domain.lifecycle import ACTIVE
from ct_bots.domain.orders import BotOrder
from ct_bots.domain.seen import Step
from ct_bots.domain.turn import Turn
from ct_bots.ports import Runs, Trading
from ct_bots.runner.candles import CandleReader
from ct_bots.runner.equity import EquityWriter
from ct_bots.runner.journaling import Journal
from ct_bots.runner.lease import HeldLease
from ct_bots.runner.sender import Sender
from ct_bots.runner.tempo import Tempo
from ct_kit.contracts.markets import CandleUpdate
from ct_kit.contracts.orders import Fill, Order
from ct_kit.domain import Instrument
from ct_kit.errors import CtError
from ct_kit.logs import get_logger
from ct_strategies.spec import Strategy

_MOST_WAITING = 200
"""Candles kept for a busy bot; of more, the oldest are read by REST as missed."""

_log = get_logger(__name__)


class Actor:
    """Runs one bot for as long as its lease holds and its state is active."""

    def __init__(
        self,
        bot: Bot,
        *,
        strategy: Strategy,
        instrument: Instrument,
        lease: HeldLease,
        runs: Runs,
        bridge: Trading,
        tempo: Tempo,
    ) -> None:
        self.journal = Journal(bot, lease, runs)
        self._strategy = strategy
        self._instrument = instrument
        self._tempo = tempo
        self._sender = Sender(
            self.journal,
            self.turn,
            objection=self._objection,
            lease=lease,
            runs=runs,
            bridge=bridge,
            tempo=tempo,
        )
        self._reader = CandleReader(self.journal, self.turn, strategy, bridge, tempo)
        self._equity = EquityWriter(self.journal, runs, tempo)
        self._news: deque[Order | Fill] = deque()
        self._candles: deque[CandleUpdate] = deque(maxlen=_MOST_WAITING)
        self._wake = asyncio.Event()
        self._control_changed = False
        self._feed_up = True
        self._feed_told = True
        self._stale_told = False
        self._reconcile_at: float | None = 0.0
        self._idle_look_at = 0.0

    # -- what the runner tells the actor; never blocks -------------------------------------------

    def offer_order_news(self, news: Order | Fill) -> None:
        """Hear of an order or a fill of this bot."""
        self._news.append(news)
        self._wake.set()

    def offer_candle(self, update: CandleUpdate) -> None:
        """Hear of a closed candle of the bot's market and interval."""
        self._candles.append(update)
        self._wake.set()

    def tell_control(self, version: int) -> None:
        """Hear of the user's newest word on the bot."""
        if version != self.journal.bot.control_version:
            self._control_changed = True
            self._wake.set()

    def tell_feed(self, *, up: bool) -> None:
        """Hear whether the bridge's feed is up; after a gap, everything is read again."""
        if up and not self._feed_up:
            self._reconcile_at = 0.0
        self._feed_up = up
        self._wake.set()

    # -- the loop -----------------------------------------------------------------------------------

    async def turn(self, event: Callable[[Turn], Step]) -> Step:
        """Work out and commit one event of this bot."""
        return await self.journal.turn(self._strategy, self._instrument, event)

    def _objection(self, order: BotOrder) -> Denied | None:
        turn = Turn(self.journal.bot, self._strategy, self._instrument, datetime.now(UTC))
        return turn.objection(order)

    async def run(self) -> None:
        """Run until the bot comes to rest; raises `LeaseLostError` when the lease is gone."""
        await self.turn(Turn.prepared)
        try:
            while self.journal.bot.state in ACTIVE:
                self._wake.clear()
                if not await self._work():
                    await self._wait()
        finally:
            await self._equity.flush()

    async def _work(self) -> bool:
        """Do the most urgent thing there is; say whether there was one."""
        now = time.monotonic()
        if self._control_changed:
            self._control_changed = False
            await self._obey()
        elif self._state_is_old():
            await self._start_afresh()
        elif self._feed_up != self._feed_told:
            await self._tell_feed_state()
        elif self._reconcile_at is not None and now >= self._reconcile_at:
            await self._reconcile()
        elif self._news:
            await self._sender.hear(self._news.popleft())
        elif self._sender.due():
            await self._sender.pump()
        elif self._candles and self._reconcile_at is None:
            await self._see(self._candles.popleft())
        elif self.journal.bot.run.working and now >= self._idle_look_at:
            self._idle_look_at = now + self._tempo.idle_look_s
            await self._sender.look()
        else:
            return False
        return True

    async def _wait(self) -> None:
        moments = [self._sender.next_due(), self._equity.next_due(), self._reconcile_at]
        if self.journal.bot.run.working:
            moments.append(self._idle_look_at)
        soonest = min((m for m in moments if m is not None), default=None)
        delay = None if soonest is None else max(0.0, soonest - time.monotonic())
        with suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._wake.wait()
        await self._equity.flush_if_due()

    async def _obey(self) -> None:
        await self.journal.refresh()
        await self.turn(Turn.control)

    def _state_is_old(self) -> bool:
        """Say whether a start brought other parameters; any commit may be where it is noticed."""
        bot, version = self.journal.bot, self._strategy.version
        found = (bot.run.parameters_version, bot.run.strategy_version)
        return found != (bot.active_version, version) and bot.state != "exiting"

    async def _start_afresh(self) -> None:
        await self.turn(Turn.prepared)
        self._reconcile_at = 0.0

    async def _reconcile(self) -> None:
        """Read orders, fills and candles again: at the start, and after a gap in the feed."""
        self._reconcile_at = None
        try:
            await self.turn(Turn.control)
            await self._sender.record_again()
            await self._sender.look()
            await self._settle()
            if self.journal.bot.state in ACTIVE and self.journal.bot.state != "exiting":
                await self._act_on(await self._reader.catch_up(None))
        except CtError as error:
            self._reconcile_at = time.monotonic() + self._tempo.retry_s
            _log.warning("reconcile_delayed", bot_id=self.journal.bot.id, error=str(error))
        self._idle_look_at = time.monotonic() + self._tempo.idle_look_s

    # -- candles ----------------------------------------------------------------------------------------

    async def _see(self, update: CandleUpdate) -> None:
        if self.journal.bot.state == "exiting":
            return  # what is missed now is caught up at the next start
        await self._tell_staleness(update)
        try:
            await self._reader.bridge_gap(update)
        except CtError as error:
            # Nothing is skipped: the candle stays first in line until what precedes it is read.
            self._candles.appendleft(update)
            self._reconcile_at = time.monotonic() + self._tempo.retry_s
            _log.warning("candles_delayed", bot_id=self.journal.bot.id, error=str(error))
            return
        await self._act_on(update)

    async def _act_on(self, update: CandleUpdate | None) -> None:
        """Decide on a candle, send what it leads to, and only then call the candle done."""
        decided = self.journal.bot.run.decided
        if update is None or (decided is not None and update.candle.open_time <= decided):
            return
        await self._await_crossed(update)
        seen = self._reader.live_candle(update)
        await self.turn(lambda turn: turn.candle(seen))
        if self.journal.bot.run.decided != seen.open_time:
            return  # other parameters came in between; the candle is read again under them
        await self._settle()
        if self.journal.bot.run.last_candle != seen.open_time:
            await self.turn(lambda turn: turn.published(seen.open_time))
        self._equity.add(seen.open_time, seen.close)
        await self._equity.flush_if_due()

    async def _settle(self) -> None:
        """Send what is unsent and wait, within bounds, until market orders have their outcome."""
        if self._sender.unsettled():
            await self._sender.pump()
            await self._until(lambda: not self._sender.unsettled(), self._tempo.settle_s)

    async def _await_crossed(self, update: CandleUpdate) -> None:
        """Let fills come before the candle that implies them, as they did in the market."""
        low, high = update.candle.low, update.candle.high

        def through() -> bool:
            return any(o.crossed_by(low, high) for o in self.journal.bot.run.working)

        if through():
            await self._until(lambda: not through(), self._tempo.crossed_s)

    async def _until(self, done: Callable[[], bool], patience_s: float) -> None:
        """Hear order news until `done`, asking by REST when the feed is silent."""
        deadline = time.monotonic() + patience_s
        look_at = time.monotonic() + self._tempo.first_look_s
        while not done():
            self._wake.clear()
            now = time.monotonic()
            if self._news:
                await self._sender.hear(self._news.popleft())
            elif self._sender.due():
                await self._sender.pump()
            elif now >= deadline:
                return
            elif now >= look_at:
                look_at = now + self._tempo.look_s
                await self._sender.look()
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(deadline, look_at) - now):
                        await self._wake.wait()

    async def _tell_staleness(self, update: CandleUpdate) -> None:
        if update.stale == self._stale_told:
            return
        self._stale_told = update.stale
        if update.stale:
            text = f"Market data is stale (as of {update.as_of:%H:%M:%S} UTC): nothing is ordered."
            await self.journal.note("market_stale", text)
        else:
            await self.journal.note("market_fresh", "Market data is fresh again.")

    async def _tell_feed_state(self) -> None:
        self._feed_told = self._feed_up
        if self._feed_up:
            await self.journal.note("feed_back", "The exchange bridge's feed is back.")
        else:
            text = "The exchange bridge's feed is lost: no candle is seen until it is back."
            await self.journal.note("feed_lost", text)
