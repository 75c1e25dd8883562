"""Make a bot: everything that can be known to be wrong is told before it exists."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from ct_bots.app.strategies import (
    check_budget,
    check_interval,
    checked_parameters,
    known_strategy,
)
from ct_bots.domain.bot import Bot
from ct_bots.domain.journal import Note
from ct_bots.ports import Bots, BridgeReads, Held, IdempotencyMark, Records
from ct_kit.contracts.accounts import Account
from ct_kit.contracts.bots import BotCreate
from ct_kit.domain import Instrument
from ct_kit.errors import FieldError, InvalidRequest, NotFound
from ct_kit.mongo import new_id

Clock = Callable[[], datetime]


class CreateBot:
    """Checks a new bot against strategy, account and market, and writes it."""

    def __init__(self, bots: Bots, records: Records, bridge: BridgeReads, clock: Clock) -> None:
        self._bots = bots
        self._records = records
        self._bridge = bridge
        self._clock = clock

    async def __call__(self, owner: str, wanted: BotCreate, key: str | None) -> Held:
        """Return the new bot, or the one an equal call with the same key made before."""
        mark = IdempotencyMark(key, _body_hash(wanted)) if key else None
        if mark is not None and (earlier := await self._bots.made_under(owner, mark)):
            return earlier
        strategy = known_strategy(wanted.strategy)
        params = checked_parameters(strategy, wanted.parameters)
        check_interval(strategy, wanted.interval)
        account = await self._account(owner, wanted.account_id)
        instrument = await self._instrument(owner, wanted.symbol)
        check_budget(strategy, params, instrument, wanted.budget)
        now = self._clock()
        parameters = params.model_dump(mode="json")
        bot = Bot(
            id=new_id("bot"),
            owner=owner,
            label=wanted.label,
            strategy=wanted.strategy,
            account_id=account.id,
            mode=account.mode,
            symbol=wanted.symbol,
            interval=wanted.interval,
            budget=wanted.budget,
            parameters=parameters,
            parameters_version=1,
            active_parameters=parameters,
            active_version=1,
            state="created",
            state_reason=None,
            exit=None,
            control_version=1,
            created_at=now,
            updated_at=now,
        )
        held = await self._bots.create(bot, mark)
        if held.bot.id == bot.id:
            await self._records.note(bot, _notes(bot, account, instrument))
        return held

    async def _account(self, owner: str, account_id: str) -> Account:
        try:
            return await self._bridge.account(owner, account_id)
        except NotFound as error:
            message = "You have no such account."
            raise _bad("body.account_id", message, "Choose one of your accounts.") from error

    async def _instrument(self, owner: str, symbol: str) -> Instrument:
        try:
            return await self._bridge.instrument(owner, symbol)
        except NotFound as error:
            message = f"{symbol} is not traded here."
            raise _bad("body.symbol", message, "Choose one of the markets listed.") from error


def _notes(bot: Bot, account: Account, instrument: Instrument) -> list[Note]:
    quote = instrument.symbol.quote
    notes = [Note("created", f"Made with a budget of {bot.budget:f} {quote}. Start it to trade.")]
    free = sum((b.free for b in account.balances if b.asset == quote), Decimal(0))
    if bot.budget > free:
        # A warning only: funds may arrive before the start, and the venue decides in the end.
        text = f"The budget of {bot.budget:f} {quote} is above the {free:f} {quote} now free."
        notes.append(Note("budget_above_balance", text))
    return notes


def _body_hash(wanted: BotCreate) -> str:
    canonical = json.dumps(wanted.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _bad(field: str, message: str, remedy: str) -> InvalidRequest:
    fields = [FieldError(field, message, remedy)]
    return InvalidRequest(
        "invalid_request", "One field is not acceptable; see errors.", fields=fields
    )
