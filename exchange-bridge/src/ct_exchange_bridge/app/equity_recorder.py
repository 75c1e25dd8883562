"""Writes equity down every minute while it changes."""

import asyncio
from decimal import Decimal

from ct_exchange_bridge.app.accounts import Accounts
from ct_exchange_bridge.app.portfolio import PortfolioDesk
from ct_exchange_bridge.ports.stores import EquityStore
from ct_kit.domain import Mode
from ct_kit.errors import CtError
from ct_kit.logs import get_logger

_LOG = get_logger(__name__)


class EquityRecorder:
    """Takes snapshots per owner and mode; the first at the opening of an account."""

    def __init__(
        self, accounts: Accounts, desk: PortfolioDesk, store: EquityStore, *, every_s: float
    ) -> None:
        self._accounts = accounts
        self._desk = desk
        self._store = store
        self._every_s = every_s
        self._last: dict[tuple[str, Mode], Decimal] = {}

    async def run(self) -> None:
        """Take snapshots until cancelled."""
        while True:
            await asyncio.sleep(self._every_s)
            for owner, mode in {(item.owner, item.mode) for item in self._accounts.all()}:
                try:
                    await self.take(owner, mode)
                except CtError as error:
                    _LOG.warning("equity_not_recorded", code=error.code, detail=error.detail)

    async def take(self, owner: str, mode: Mode) -> None:
        """Write equity down unless it is what it was."""
        snapshot = await self._desk.snapshot(owner, mode)
        if snapshot is None or self._last.get((owner, mode)) == snapshot.equity:
            return
        await self._store.add(owner, mode, snapshot)
        self._last[owner, mode] = snapshot.equity
