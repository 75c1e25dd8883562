"""Orders of one bot between its document and the exchange bridge.

Nothing here decides. What the committed bot says is unsent is submitted under its idempotency
key, what it wants back is cancelled, and what the bridge says about either becomes a turn.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from ct_bots.domain.guard import Denied
from ct_bots.domain.lifecycle import NO_ENTRIES
from ct_bots.domain.orders import UNSENT, BotOrder
from ct_bots.domain.seen import Step
from ct_bots.domain.turn import Turn
from ct_bots.ports import Runs, Trading
from ct_bots.runner.journaling import Journal
from ct_bots.runner.lease import HeldLease
from ct_bots.runner.tempo import Tempo
from ct_bots.runner.translate import fill_seen, order_seen, says_more
from ct_kit.contracts.orders import Fill, Order
from ct_kit.domain import Interval
from ct_kit.errors import (
    Conflict,
    CtError,
    Forbidden,
    InvalidRequest,
    NotFound,
    TooLarge,
    TooManyRequests,
)
from ct_kit.logs import get_logger

REFUSALS = (InvalidRequest, Conflict, Forbidden, NotFound, TooLarge)
"""Answers that prove the order was not taken. Anything else is unknown and asked again."""

_log = get_logger(__name__)

Take = Callable[[Callable[[Turn], Step]], Awaitable[Step]]


class Sender:
    """Submits, cancels, and listens; every step of it may be repeated safely."""

    def __init__(
        self,
        journal: Journal,
        turn: Take,
        *,
        objection: Callable[[BotOrder], Denied | None],
        lease: HeldLease,
        runs: Runs,
        bridge: Trading,
        tempo: Tempo,
    ) -> None:
        self._journal = journal
        self._turn = turn
        self._objection = objection
        self._lease = lease
        self._runs = runs
        self._bridge = bridge
        self._tempo = tempo
        self._not_before: dict[str, float] = {}
        self._delayed: set[str] = set()

    # -- what there is to do ------------------------------------------------------------------------

    def unsettled(self) -> bool:
        """Say whether something is unsent, wanted back, or a market order without outcome."""
        return any(
            o.state == UNSENT or o.cancel is not None or o.kind == "market"
            for o in self._journal.bot.run.working
        )

    def due(self) -> bool:
        """Say whether a submission or a cancel may be made now."""
        soonest = self.next_due()
        return soonest is not None and soonest <= time.monotonic()

    def next_due(self) -> float | None:
        """Return the monotonic moment of the next call to make, None when there is none."""
        moments = [
            self._not_before.get(order.key, 0.0)
            for order in self._journal.bot.run.working
            if self._actionable(order)
        ]
        return min(moments, default=None)

    def _actionable(self, order: BotOrder) -> bool:
        if order.state == UNSENT:
            first = (self._journal.bot.run.order(key) for key in order.after)
            return all(o is None or o.ended for o in first)
        return order.cancel is not None and order.order_id is not None and not order.terminal

    async def pump(self) -> None:
        """Make every call that is due, in the order of the decisions."""
        for key in [order.key for order in self._journal.bot.run.working]:
            order = self._journal.bot.run.order(key)
            if order is None or order.ended or not self._actionable(order):
                continue
            if self._not_before.get(key, 0.0) > time.monotonic():
                continue
            self._lease.require()
            if order.state == UNSENT:
                await self._send(order)
            else:
                await self._cancel(order)

    # -- sending --------------------------------------------------------------------------------------

    async def _send(self, order: BotOrder) -> None:
        bot = self._journal.bot
        unwanted = order.cancel is not None or (order.side == "buy" and bot.state in NO_ENTRIES)
        if unwanted or self._age_s(order) > self._fresh_s():
            await self._give_up(order)
            return
        if order.after and (why := self._objection(order)) is not None:
            await self._turn(lambda turn: turn.dropped(order, why))
            return
        try:
            taken = await self._bridge.submit(bot, order)
        except REFUSALS as error:
            code, detail = error.code, error.detail
            await self._turn(lambda turn: turn.refused(order, code, detail))
        except TooManyRequests as error:
            self._later(order, error.retry_after_s)
        except CtError as error:
            await self._tell_delay(order, error)
            self._later(order, self._tempo.retry_s)
        else:
            await self._take(order, taken)

    async def _give_up(self, order: BotOrder) -> None:
        """Drop an unsent order, unless the bridge has it after all from an earlier attempt."""
        try:
            found = await self._bridge.find_order(self._journal.bot, order.client_order_id)
        except CtError as error:
            _log.warning("order_lookup_failed", key=order.key, error=str(error))
            self._later(order, self._tempo.retry_s)
            return
        if found is not None:
            await self._take(order, found)
        else:
            await self._turn(lambda turn: turn.dropped(order))

    async def _cancel(self, order: BotOrder) -> None:
        self._later(order, self._tempo.retry_s)
        try:
            taken = await self._bridge.cancel(self._journal.bot.owner, order.order_id or "")
        except REFUSALS as error:
            # Usually it has just ended: its record says how.
            _log.info("cancel_refused", order_id=order.order_id, error=str(error))
            await self.look()
        except CtError as error:
            _log.warning("cancel_failed", order_id=order.order_id, error=str(error))
        else:
            await self._take(order, taken)

    def _later(self, order: BotOrder, delay_s: float) -> None:
        working = {o.key for o in self._journal.bot.run.working}
        kept = {key: at for key, at in self._not_before.items() if key in working}
        self._not_before = {**kept, order.key: time.monotonic() + delay_s}

    def _age_s(self, order: BotOrder) -> float:
        return (datetime.now(UTC) - order.decided_at).total_seconds()

    def _fresh_s(self) -> float:
        span_s = Interval(self._journal.bot.interval).milliseconds / 1000
        return min(max(span_s, self._tempo.fresh_least_s), self._tempo.fresh_most_s)

    async def _tell_delay(self, order: BotOrder, error: CtError) -> None:
        _log.warning("order_delayed", key=order.key, error=str(error))
        if order.key not in self._delayed:
            self._delayed.add(order.key)
            text = f"An order could not be placed yet and is tried again: {error.detail}"
            await self._journal.note("order_delayed", text)

    # -- hearing ---------------------------------------------------------------------------------------

    async def hear(self, news: Order | Fill) -> None:
        """Take in one line of the feed; repeated and old ones change nothing."""
        if isinstance(news, Order):
            order = self._journal.bot.run.matching(news.id, news.client_order_id)
            if order is not None:
                await self._take(order, news)
        else:
            try:
                await self._hear_fill(news)
            except CtError as error:
                # Its order could not be read. The next look finds order and fill again.
                _log.warning("fill_delayed", fill_id=news.id, error=str(error))

    async def look(self) -> None:
        """Read the bot's working orders and their fills; what fails is read at the next look."""
        try:
            await self._look()
        except CtError as error:
            _log.warning("look_failed", bot_id=self._journal.bot.id, error=str(error))

    async def _look(self) -> None:
        missing: list[str] = []
        for order in self._journal.bot.run.working:
            if order.order_id is None:
                continue
            try:
                await self._take(
                    order, await self._bridge.order(self._journal.bot.owner, order.order_id)
                )
            except NotFound:
                _log.error("order_not_at_bridge", order_id=order.order_id)
                continue
            now = self._journal.bot.run.order(order.key)
            if now is not None and now.executed > now.filled:
                missing.append(order.order_id)
        if missing:
            for fill in await self._bridge.fills_of(self._journal.bot, missing):
                await self._hear_fill(fill)

    async def record_again(self) -> None:
        """Write on the decisions which orders they became, as a holder before us may not have."""
        for order in self._journal.bot.run.orders:
            if order.order_id is not None:
                await self._runs.order_placed(self._journal.bot, order)

    async def _take(self, order: BotOrder, taken: Order) -> None:
        seen = order_seen(taken)
        if not says_more(order, seen):
            return
        first = order.order_id is None
        await self._turn(lambda turn: turn.order(order, seen))
        if first and (placed := self._journal.bot.run.order(order.key)) is not None:
            await self._runs.order_placed(self._journal.bot, placed)

    async def _hear_fill(self, fill: Fill) -> None:
        bot = self._journal.bot
        order = bot.run.matching(fill.order_id, None)
        if order is None:
            order = await self._stranger(fill)
        if order is None or fill.id in order.fills:
            return
        seen, known = fill_seen(fill), order
        try:
            await self._turn(lambda turn: turn.fill(known, seen))
        except Conflict as error:
            detail = error.detail
            await self._turn(lambda turn: turn.failed(detail))

    async def _stranger(self, fill: Fill) -> BotOrder | None:
        """Find the order of a fill that names one we have no id for.

        Either its submission's answer was lost, or it is long settled and repeated. Anything else
        means that our records and the bridge's differ: the bot must not trade on.
        """
        bot = self._journal.bot
        if fill.order_id is None:
            return None
        taken = await self._bridge.order(bot.owner, fill.order_id)
        order = bot.run.matching(None, taken.client_order_id)
        if order is not None:
            await self._take(order, taken)
            return self._journal.bot.run.order(order.key)
        if not await self._runs.was_ours(bot, fill.order_id):
            text = f"a fill came for order {fill.order_id}, which it never placed"
            await self._turn(lambda turn: turn.failed(text))
        return None
