"""The admin port: accounts, keys, truth, clock, faults. For the bridge and the operator."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import FastAPI, Header, Query

from ct_kit.identity import Verifier
from ct_kit.web.fastapi import create_service_app
from ct_simulator.api.shapes import (
    AccountCreate,
    AccountCreated,
    AccountsView,
    AccountView,
    BalanceView,
    ClockSpeed,
    ClockStep,
    ClockView,
    FaultCreate,
    FaultMatch,
    FaultsView,
    FaultView,
    KeyCreate,
    KeyCreated,
    KeyView,
    PermissionsChange,
    PermissionsView,
    TruthPage,
)
from ct_simulator.app.conductor import Conductor
from ct_simulator.app.customers import Customers
from ct_simulator.app.exchange import Exchange
from ct_simulator.domain.events import plain
from ct_simulator.domain.faults import Fault, FaultBox
from ct_simulator.domain.keys import ApiKey, KeyKind
from ct_simulator.domain.ledger import Account
from ct_simulator.errors import JournalBroken
from ct_simulator.ports import Keys, Truth


@dataclass(frozen=True, slots=True)
class AdminParts:
    """What the admin API acts on."""

    exchange: Exchange
    customers: Customers
    keys: Keys
    truth: Truth
    conductor: Conductor
    faults: FaultBox
    market: str


def create_admin_app(parts: AdminParts, verifier: Verifier) -> FastAPI:
    """Build the app."""

    async def truth_log() -> None:
        if parts.truth.broken:
            raise JournalBroken

    app = create_service_app(
        "CryptoTrade simulator, admin",
        "simulator",
        verifier=verifier,
        readiness={"truth_log": truth_log},
    )
    _add_accounts(app, parts)
    _add_clock(app, parts)
    _add_faults(app, parts)
    return app


def _add_accounts(app: FastAPI, parts: AdminParts) -> None:
    ledger = parts.exchange.ledger

    @app.post("/admin/accounts", status_code=201)
    async def open_account(
        body: AccountCreate,
        idempotency_key: Annotated[str | None, Header(min_length=8, max_length=200)] = None,
    ) -> AccountCreated:
        """Open an account; with `public_key_pem` also its first API key."""
        opened = await parts.customers.open(
            body.label, body.balances, body.public_key_pem, idempotency_key
        )
        key = opened.key
        return AccountCreated(
            account_id=opened.account.account_id, api_key=None if key is None else key.api_key
        )

    @app.get("/admin/accounts")
    async def list_accounts() -> AccountsView:
        """List accounts with balances and keys."""
        parts.exchange.settle_all()
        await parts.exchange.commit()
        accounts = ledger.accounts.values()
        return AccountsView(items=[_account_view(parts, account) for account in accounts])

    @app.get("/admin/accounts/{account_id}")
    async def get_account(account_id: str) -> AccountView:
        """Return one account."""
        parts.exchange.settle_all()
        await parts.exchange.commit()
        return _account_view(parts, ledger.account(account_id))

    @app.post("/admin/accounts/{account_id}/keys", status_code=201)
    async def add_key(account_id: str, body: KeyCreate) -> KeyCreated:
        """Make an API key; the secret of an HMAC key is in this answer and never again."""
        account = ledger.account(account_id)
        key = parts.customers.add_key(account, KeyKind(body.kind), body.public_key_pem)
        secret = key.material if key.kind is KeyKind.HMAC else None
        return KeyCreated(api_key=key.api_key, api_secret=secret)

    @app.patch("/admin/accounts/{account_id}/keys/{api_key}")
    async def change_permissions(account_id: str, api_key: str, body: PermissionsChange) -> KeyView:
        """Change what a key may do; flags that are absent stay."""
        key = parts.keys.of_account_named(account_id, api_key)
        changes: dict[str, Any] = body.model_dump(exclude_none=True)
        changed = key.with_permissions(replace(key.permissions, **changes))
        parts.keys.put(changed)
        return _key_view(changed)

    @app.get("/admin/truth")
    async def read_truth(
        account_id: Annotated[str | None, Query(max_length=64)] = None,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
    ) -> TruthPage:
        """Return records of the truth log numbered above `after`."""
        parts.exchange.settle_all()
        await parts.exchange.commit()
        records = parts.truth.read(after, limit, account_id)
        return TruthPage(items=records, next_after=records[-1]["seq"] if records else after)


def _add_clock(app: FastAPI, parts: AdminParts) -> None:
    clock = parts.exchange.market.clock

    def view() -> ClockView:
        now_ms = clock.now_ms()
        return ClockView(
            mode=clock.mode.value,
            market="replay" if parts.market == "replay" else "simulated",
            now=_instant(now_ms),
            now_ms=now_ms,
            speed=clock.speed,
            ended=clock.ended,
        )

    @app.get("/admin/clock")
    async def get_clock() -> ClockView:
        """Return the virtual time."""
        return view()

    @app.post("/admin/clock/step")
    async def step_clock(body: ClockStep) -> ClockView:
        """Step candle by candle; the answer comes after everything was published."""
        await parts.conductor.step(body.candles)
        return view()

    @app.post("/admin/clock/speed")
    async def set_speed(body: ClockSpeed) -> ClockView:
        """Run on from now at another speed."""
        clock.set_speed(body.speed)
        return view()


def _add_faults(app: FastAPI, parts: AdminParts) -> None:
    @app.post("/admin/faults", status_code=201)
    async def add_fault(body: FaultCreate) -> FaultView:
        """Inject a fault."""
        fault = parts.faults.add(
            body.kind,
            method=body.match.method,
            path=body.match.path,
            times=body.times,
            value=body.value,
            after_accept=body.after_accept,
        )
        return _fault_view(fault)

    @app.get("/admin/faults")
    async def list_faults() -> FaultsView:
        """List the faults that still wait to happen."""
        return FaultsView(items=[_fault_view(fault) for fault in parts.faults.waiting()])

    @app.delete("/admin/faults", status_code=204)
    async def clear_faults() -> None:
        """Forget all faults."""
        parts.faults.clear()


def _account_view(parts: AdminParts, account: Account) -> AccountView:
    return AccountView(
        account_id=account.account_id,
        label=account.label,
        created_at=_instant(account.created_ms),
        balances={
            asset: BalanceView(free=plain(balance.free), locked=plain(balance.locked))
            for asset, balance in sorted(account.balances.items())
        },
        open_orders=len(account.open_orders),
        keys=[_key_view(key) for key in parts.keys.of_account(account.account_id)],
    )


def _key_view(key: ApiKey) -> KeyView:
    permissions = PermissionsView.model_validate(key.permissions, from_attributes=True)
    return KeyView(api_key=key.api_key, kind=key.kind.value, permissions=permissions)


def _fault_view(fault: Fault) -> FaultView:
    return FaultView(
        fault_id=fault.fault_id,
        kind=fault.kind,
        match=FaultMatch.model_validate({"method": fault.method, "path": fault.path}),
        times=fault.times,
        value=fault.value,
        after_accept=fault.after_accept,
    )


def _instant(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, UTC)
