"""The bridge's own life: opening in order, keeping its tasks alive, ending without losing anything."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from ct_exchange_bridge.app.account_streams import AccountStreams
from ct_exchange_bridge.app.accounts import Accounts
from ct_exchange_bridge.app.candle_history import FLUSH_ROWS, CandleHistory
from ct_exchange_bridge.app.equity_recorder import EquityRecorder
from ct_exchange_bridge.app.market_hub import MarketHub
from ct_exchange_bridge.app.place_order import PlaceOrder
from ct_exchange_bridge.app.reconciler import Reconciler
from ct_exchange_bridge.domain.venue_error import VenueError
from ct_exchange_bridge.ports.venue import StreamingVenue
from ct_kit.errors import CtError, Unavailable
from ct_kit.logs import get_logger

_LOG = get_logger(__name__)
OPEN_RETRY_S = 0.5
CLOCK_EVERY_S = 60.0
INSTRUMENTS_EVERY_S = 300.0


class Bridge:
    """Opens the database, the venue and the accounts, in this order, until all of them work."""

    def __init__(
        self,
        *,
        hub: MarketHub,
        history: CandleHistory,
        venue: StreamingVenue,
        accounts: Accounts,
        reconciler: Reconciler,
        streams: AccountStreams,
        recorder: EquityRecorder,
        place: PlaceOrder,
        open_store: Callable[[], Awaitable[None]],
        vault_ready: Callable[[], Awaitable[None]],
        silence_s: float,
        flush_every_s: float,
    ) -> None:
        self._hub = hub
        self._history = history
        self._venue = venue
        self._accounts = accounts
        self._reconciler = reconciler
        self._streams = streams
        self._recorder = recorder
        self._place = place
        self._open_store = open_store
        self._vault_ready = vault_ready
        self._silence_s = silence_s
        self._flush_every_s = flush_every_s
        self._tasks: list[asyncio.Task[None]] = []
        self._opened = False
        self._reason = "it is starting"

    def start(self) -> None:
        """Begin opening in the background; readiness tells how far it is."""
        self._spawn(self._open())

    async def stop(self) -> None:
        """Let orders under way end, stop everything else, and store what waits."""
        await self._place.finish()
        await self._streams.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._opened:
            try:
                await self._history.flush()
            except CtError as error:
                _LOG.warning("candles_not_flushed", code=error.code)
        self._venue.close()

    def require_open(self) -> None:
        """Raise `Unavailable` until everything an answer rests on was read once."""
        if not self._opened:
            raise Unavailable("starting", f"The exchange bridge is not ready: {self._reason}.")

    async def opened(self) -> None:
        """Raise unless the bridge is open: a readiness check."""
        self.require_open()

    async def market_fresh(self) -> None:
        """Raise unless prices arrive: a readiness check."""
        if not self._hub.fresh():
            reason = self._hub.reason or "no market event arrived lately"
            raise Unavailable("stale_market", reason)

    async def vault_reachable(self) -> None:
        """Raise unless the vault can sign: a readiness check."""
        await self._vault_ready()

    async def _open(self) -> None:
        while not self._opened:
            try:
                await self._open_once()
            except VenueError as error:
                self._reason = f"the venue: {error.message}"
            except CtError as error:
                self._reason = error.detail
            else:
                self._opened = True
                _LOG.info("bridge_open", symbols=len(self._hub.symbols))
                return
            _LOG.warning("bridge_not_open_yet", reason=self._reason)
            await asyncio.sleep(OPEN_RETRY_S)

    async def _open_once(self) -> None:
        await self._open_store()
        await self._venue.sync_clock()
        self._hub.list_instruments(await self._venue.instruments())
        self._hub.repair_with(self._history.recent_minutes)
        self._hub.tell_closed(self._history.note_closed)
        await asyncio.gather(*(self._history.start(symbol) for symbol in self._hub.symbols))
        for symbol, ticker in (await self._venue.tickers()).items():
            self._hub.on_ticker(symbol, ticker)
        accounts = await self._accounts.load()
        doubtful = await self._reconciler.recover()
        if doubtful:
            _LOG.warning("orders_in_doubt", count=doubtful)
        # Nothing below can fail: from here on it is tasks that mend themselves.
        stream = self._venue.market_stream(self._hub.symbols, self._hub, self._silence_s)
        self._spawn(stream.run())
        for account in accounts:
            self._streams.watch(account)
        self._spawn(self._reconciler.run())
        self._spawn(self._recorder.run())
        self._spawn(self._every(CLOCK_EVERY_S, self._sync_clock))
        self._spawn(self._every(INSTRUMENTS_EVERY_S, self._refresh_instruments))
        self._spawn(self._every(self._flush_every_s, self._history.flush))
        self._spawn(self._every(10.0, self._flush_full))

    async def _sync_clock(self) -> None:
        await self._venue.sync_clock()

    async def _refresh_instruments(self) -> None:
        self._hub.list_instruments(await self._venue.instruments())

    async def _flush_full(self) -> None:
        await self._history.flush(at_least=FLUSH_ROWS)

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except VenueError as error:
                _LOG.warning("upkeep_postponed", kind=error.kind, message=error.message)
            except CtError as error:
                _LOG.warning("upkeep_postponed", code=error.code, detail=error.detail)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(_tell_of_death)
        self._tasks.append(task)


def _tell_of_death(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _LOG.critical("bridge_task_died", exc_info=task.exception())
