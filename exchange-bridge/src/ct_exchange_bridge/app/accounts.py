"""Accounts: made on the paper venue with a key that never leaves the vault, then only read."""

import hashlib

import orjson

from ct_exchange_bridge.app.market_hub import MarketHub
from ct_exchange_bridge.app.times import now
from ct_exchange_bridge.domain.account import Account
from ct_exchange_bridge.domain.portfolio import Deposit
from ct_exchange_bridge.errors import unknown_account
from ct_exchange_bridge.ports.stores import AccountStore, KeyVault, PaperVenue
from ct_kit.contracts.accounts import PaperAccountCreate
from ct_kit.domain import Market, Mode, Symbol
from ct_kit.errors import Conflict, FieldError, InvalidRequest, Unavailable
from ct_kit.logs import get_logger
from ct_kit.mongo import new_id

PER_OWNER = 20
"""Opening an account costs about 200 of the venue's weight, watching one up to 100 a minute.

There are 6,000 a minute for everybody.
"""

_LOG = get_logger(__name__)


class Accounts:
    """Finds accounts, owner first; they never change, so memory is as good as the database."""

    def __init__(
        self,
        store: AccountStore,
        vault: KeyVault,
        simulator: PaperVenue,
        hub: MarketHub,
        *,
        venue: str,
        market: Market,
        quote: str,
    ) -> None:
        self._store = store
        self._vault = vault
        self._simulator = simulator
        self._hub = hub
        self._venue = venue
        self._market = market
        self._quote = quote
        self._known: dict[str, Account] = {}

    async def load(self) -> list[Account]:
        """Read all accounts into memory at start."""
        for account in await self._store.everybody():
            self._known[account.id] = account
        return self.all()

    def all(self) -> list[Account]:
        """Return every account in memory."""
        return list(self._known.values())

    def known(self, account_id: str) -> Account | None:
        """Return an account for the bridge's own work, whoever owns it."""
        return self._known.get(account_id)

    def symbols(self) -> list[Symbol]:
        """Return the symbols an account may have traded."""
        return self._hub.symbols

    async def get(self, owner: str, account_id: str) -> Account:
        """Return an account of this owner; raises `NotFound`."""
        account = self._known.get(account_id)
        if account is None:
            account = await self._store.get(owner, account_id)
            if account is not None:
                self._known[account.id] = account
        if account is None or account.owner != owner:
            raise unknown_account()
        return account

    async def of_owner(self, owner: str) -> list[Account]:
        """Return the owner's accounts, oldest first."""
        return await self._store.of_owner(owner)

    async def create_paper(
        self, owner: str, request: PaperAccountCreate, idempotency_key: str | None
    ) -> Account:
        """Open an account on the simulated venue with a key pair made inside the vault.

        Raises `InvalidRequest` for an asset that cannot be valued or a reused key, `Conflict` where
        the owner has enough accounts, `Unavailable` before the first prices.
        """
        hashed = _body_hash(request)
        if idempotency_key is not None:
            before = await self._store.by_idempotency_key(owner, idempotency_key)
            if before is not None:
                return _replayed(before, hashed)
        if len(await self._store.of_owner(owner)) >= PER_OWNER:
            detail = f"You have {PER_OWNER} accounts, and more cannot be watched. Use one of them."
            raise Conflict("too_many_accounts", detail)
        deposits = self._deposits(request)
        pair = await self._vault.make_pair(owner, self._venue, f"paper: {request.label}"[:60])
        opened = await self._simulator.create_account(
            request.label, request.balances, pair.public_key_pem, once=pair.key_id
        )
        await self._vault.activate(owner, pair.key_id, opened.api_key)
        account = Account(
            id=new_id("acc"),
            owner=owner,
            label=request.label,
            mode=Mode.PAPER,
            venue=self._venue,
            market=self._market,
            key_id=pair.key_id,
            venue_account_id=opened.account_id,
            deposits=deposits,
            created_at=deposits[0].at,
            idempotency_key=idempotency_key,
            body_hash=hashed,
        )
        if not await self._store.insert(account):
            # The same key came twice at the same time: the first one stands.
            before = await self._store.by_idempotency_key(owner, idempotency_key or "")
            if before is None:
                raise Unavailable("account_not_stored", "The account could not be stored.")
            return _replayed(before, hashed)
        self._known[account.id] = account
        _LOG.info("paper_account_opened", account_id=account.id)
        return account

    def _deposits(self, request: PaperAccountCreate) -> tuple[Deposit, ...]:
        bases = {symbol.base for symbol in self._hub.symbols}
        at = now()
        btc_price = self._hub.value_in_quote("BTC")
        deposits = []
        for asset, quantity in request.balances.items():
            if asset != self._quote and asset not in bases:
                choices = ", ".join(sorted({self._quote, *bases}))
                raise InvalidRequest(
                    "unknown_asset",
                    f"{asset} is not traded here.",
                    fields=[
                        FieldError(
                            f"body.balances.{asset}", "is not traded here", f"Use one of {choices}."
                        )
                    ],
                )
            price = self._hub.value_in_quote(asset)
            if price is None:
                raise Unavailable("market_not_ready", "Prices have not arrived yet; try again.")
            deposits.append(Deposit(asset, quantity, price, btc_price, at))
        return tuple(deposits)


def _body_hash(request: PaperAccountCreate) -> str:
    body = {
        "label": request.label,
        "balances": {
            asset: format(amount.normalize(), "f") for asset, amount in request.balances.items()
        },
    }
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _replayed(account: Account, hashed: str) -> Account:
    if account.body_hash != hashed:
        raise InvalidRequest(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another account. Use a new key.",
        )
    return account
