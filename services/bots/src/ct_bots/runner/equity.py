"""Equity points, gathered and written together: losing the last second of them loses nothing."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ct_bots.ports import Runs
from ct_bots.runner.journaling import Journal
from ct_bots.runner.tempo import Tempo
from ct_kit.domain import Interval
from ct_kit.errors import CtError
from ct_kit.logs import get_logger

_APART_MS = 60_000
_MOST_WAITING = 2_000
_log = get_logger(__name__)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class EquityWriter:
    """At most one point a minute of market time."""

    def __init__(self, journal: Journal, runs: Runs, tempo: Tempo) -> None:
        self._journal = journal
        self._runs = runs
        self._every_s = tempo.equity_flush_s
        self._waiting: list[tuple[datetime, Decimal]] = []
        self._last_ms: int | None = None
        self._due: float | None = None

    def add(self, open_time: int, close: Decimal) -> None:
        """Note the bot's value at a candle's close."""
        closed_ms = open_time + Interval(self._journal.bot.interval).milliseconds
        if self._last_ms is not None and closed_ms - self._last_ms < _APART_MS:
            return
        self._last_ms = closed_ms
        bot = self._journal.bot
        at = _EPOCH + timedelta(milliseconds=closed_ms)
        self._waiting.append((at, bot.run.book.equity(bot.budget, close)))
        if self._due is None:
            self._due = time.monotonic() + self._every_s

    def next_due(self) -> float | None:
        """Return the monotonic moment of the next write, None while nothing waits."""
        return self._due

    async def flush_if_due(self) -> None:
        """Write when it is time."""
        if self._due is not None and time.monotonic() >= self._due:
            await self.flush()

    async def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting, self._due = self._waiting, [], None
        if not waiting:
            return
        try:
            await self._runs.add_equity(self._journal.bot, waiting)
        except CtError as error:
            # A chart's points are worth another try, not the bot's standstill.
            _log.warning("equity_delayed", bot_id=self._journal.bot.id, error=str(error))
            self._waiting = [*waiting, *self._waiting][-_MOST_WAITING:]
            self._due = time.monotonic() + self._every_s
