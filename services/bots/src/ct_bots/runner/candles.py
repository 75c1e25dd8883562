"""Candles a bot has not seen: history before its first decision, and what a gap swallowed.

A strategy must see every closed candle once, in order, or its state is not the one a backtest
would have. Candles read here are fed as history: the strategy learns from them and orders
nothing. One exception: the newest one, where it closed only a moment ago, is handed back to be
acted on.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from ct_bots.domain.seen import CandleSeen, Step
from ct_bots.domain.turn import Turn
from ct_bots.ports import Trading
from ct_bots.runner.journaling import Journal
from ct_bots.runner.tempo import Tempo
from ct_bots.runner.translate import candle_seen
from ct_kit.contracts.markets import Candle, CandleList, CandleUpdate
from ct_kit.domain import Interval
from ct_strategies.spec import Strategy

_PAGE = 1_000

Take = Callable[[Callable[[Turn], Step]], Awaitable[Step]]


class CandleReader:
    """Reads and feeds what the bot's strategy has missed."""

    def __init__(
        self, journal: Journal, turn: Take, strategy: Strategy, bridge: Trading, tempo: Tempo
    ) -> None:
        self._journal = journal
        self._turn = turn
        self._strategy = strategy
        self._bridge = bridge
        self._tempo = tempo

    def live_candle(self, update: CandleUpdate) -> CandleSeen:
        """Return a candle of the feed; one of a stale market is not acted on."""
        return candle_seen(update.candle, live=not update.stale)

    async def bridge_gap(self, update: CandleUpdate) -> None:
        """Feed what lies between the last candle seen and this one."""
        decided = self._journal.bot.run.decided
        span = Interval(self._journal.bot.interval).milliseconds
        if decided is None or update.candle.open_time > decided + span:
            await self.catch_up(update.candle.open_time)

    async def catch_up(self, before: int | None) -> CandleUpdate | None:
        """Feed all closed candles before that open time (None: up to now).

        Returns the newest one unfed where it closed only a moment ago and may be acted on.
        """
        if self._journal.bot.run.decided is None:
            await self._warm_up(before)
            return None
        return await self._feed_missed(before)

    async def _warm_up(self, before: int | None) -> None:
        params = self._strategy.parse(dict(self._journal.bot.active_parameters))
        wanted = self._strategy.warmup_candles(params)
        # One at least: it says which candle is next, and the price for the budget's check.
        history = await self._history(max(wanted, 1), before)
        if not history:
            return
        seen = [candle_seen(candle, live=False) for candle in history]
        if len(history) < wanted:
            code = "history_incomplete"
            text = (
                f"Only {len(history)} of {wanted} candles of history exist; it decides after "
                f"{wanted - len(history)} more."
            )
        else:
            code, text = "warmed_up", f"Read {len(history)} candles of history; deciding from now."
        await self._turn(lambda turn: turn.history(seen, code, text))

    async def _history(self, wanted: int, before: int | None) -> list[Candle]:
        found: list[Candle] = []
        end = before
        while len(found) < wanted:
            # One more than needed: the newest may still be moving.
            limit = min(_PAGE, wanted - len(found) + 1)
            page = await self._bridge.candles(self._journal.bot, start=None, end=end, limit=limit)
            closed = [c for c in page.items if c.closed and (end is None or c.open_time < end)]
            if not closed:
                break
            found = closed + found
            end = closed[0].open_time
        return found[-wanted:]

    async def _feed_missed(self, before: int | None) -> CandleUpdate | None:
        bot = self._journal.bot
        span = Interval(bot.interval).milliseconds
        while True:
            start = (self._journal.bot.run.decided or 0) + span
            if before is not None and start >= before:
                return None
            page = await self._bridge.candles(bot, start=start, end=before, limit=_PAGE)
            missed = [
                c
                for c in page.items
                if c.closed and c.open_time >= start and (before is None or c.open_time < before)
            ]
            if not missed:
                return None
            newest = None
            if before is None and self._may_act(page, missed[-1], span):
                newest = missed.pop()
            if missed:
                await self._feed(missed, start, span)
            if newest is not None:
                return CandleUpdate(
                    venue=page.venue,
                    market=page.market,
                    as_of=page.as_of,
                    stale=page.stale,
                    symbol=page.symbol,
                    interval=page.interval,
                    candle=newest,
                )

    def _may_act(self, page: CandleList, candle: Candle, span: int) -> bool:
        age_ms = page.as_of.timestamp() * 1000 - (candle.open_time + span)
        return not page.stale and age_ms <= self._tempo.late_ms

    async def _feed(self, missed: list[Candle], start: int, span: int) -> None:
        seen = [candle_seen(candle, live=False) for candle in missed]
        holes = (missed[-1].open_time - start) // span + 1 - len(missed)
        first, last = _clock(missed[0].open_time), _clock(missed[-1].open_time)
        text = (
            f"{len(missed)} candles from {first} to {last} were missed: learned from, not acted on."
        )
        if holes:
            text += f" The market has no record of {holes} more."
        code = "history_incomplete" if holes else "candles_missed"
        await self._turn(lambda turn: turn.history(seen, code, text))


def _clock(open_time: int) -> str:
    return f"{datetime.fromtimestamp(open_time / 1000, UTC):%Y-%m-%d %H:%M} UTC"
