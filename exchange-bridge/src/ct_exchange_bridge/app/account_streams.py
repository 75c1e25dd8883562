"""One event stream per account, and a resync whenever it comes up."""

import asyncio
from collections.abc import Awaitable, Callable

from ct_exchange_bridge.app.balances import Balances
from ct_exchange_bridge.app.bookkeeper import Bookkeeper
from ct_exchange_bridge.app.reconciler import Reconciler
from ct_exchange_bridge.domain.account import Account
from ct_exchange_bridge.domain.venue_report import OrderReport, VenueBalance
from ct_exchange_bridge.ports.venue import AccountEvents, Credential, Runner
from ct_kit.logs import get_logger

_LOG = get_logger(__name__)
FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 15.0


OpenStream = Callable[[Credential, AccountEvents], Runner]


class AccountStreams:
    """Keeps orders, fills and balances of every account up to date by events."""

    def __init__(
        self, open_stream: OpenStream, books: Bookkeeper, balances: Balances, reconciler: Reconciler
    ) -> None:
        self._open_stream = open_stream
        self._books = books
        self._balances = balances
        self._reconciler = reconciler
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._resyncs: dict[str, asyncio.Task[None]] = {}

    def watch(self, account: Account) -> None:
        """Start the account's stream; harmless when it runs."""
        if account.id in self._tasks:
            return

        async def on_report(report: OrderReport) -> None:
            await self._books.hear(account, report)

        def on_balances(balances: tuple[VenueBalance, ...]) -> None:
            self._balances.hear(account.id, balances)

        def on_stream(up: bool, reason: str | None) -> None:
            self._on_stream(account, up=up, reason=reason)

        runner = self._open_stream(
            Credential(account.owner, account.key_id),
            AccountEvents(on_report, on_balances, on_stream),
        )
        self._tasks[account.id] = asyncio.create_task(runner.run())

    async def stop(self) -> None:
        """End all streams."""
        tasks = [*self._tasks.values(), *self._resyncs.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _on_stream(self, account: Account, *, up: bool, reason: str | None) -> None:
        running = self._resyncs.pop(account.id, None)
        if running is not None:
            running.cancel()
        if up:
            self._resyncs[account.id] = asyncio.create_task(self._resync(account))
        else:
            self._balances.streaming(account.id, up=False)
            _LOG.info("account_stream_down", account_id=account.id, reason=reason)

    async def _resync(self, account: Account) -> None:
        """Read what was missed until it succeeds; only then do events keep balances true."""
        retry_s = FIRST_RETRY_S
        while not await self._tried(lambda: self._read_all(account), account):
            await asyncio.sleep(retry_s)
            retry_s = min(retry_s * 2, LONGEST_RETRY_S)

    async def _read_all(self, account: Account) -> None:
        await self._balances.of(account, fresh=True)
        self._balances.streaming(account.id, up=True)
        await self._reconciler.resync(account)

    async def _tried(self, work: Callable[[], Awaitable[None]], account: Account) -> bool:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - whatever it was, the resync is tried again
            _LOG.warning("resync_postponed", account_id=account.id, error=str(error))
            return False
        return True
