"""Limits and halts as the user sets them. Cancelling comes first, then the stop is reported."""

from ct_exchange_bridge.app.cancel_order import CancelOrder
from ct_exchange_bridge.app.times import now
from ct_exchange_bridge.domain.risk import Halt, Limits, Scope
from ct_exchange_bridge.ports.stores import RiskStore
from ct_kit.contracts import risk as contract
from ct_kit.errors import FieldError, InvalidRequest


class KillSwitch:
    """Reads and changes what stops an owner's orders."""

    def __init__(self, store: RiskStore, cancel: CancelOrder, venue: str) -> None:
        self._store = store
        self._cancel = cancel
        self._venue = venue

    async def put_limits(self, owner: str, wanted: contract.RiskLimits) -> contract.RiskState:
        """Replace the owner's limits and return what holds then."""
        allowed = wanted.allowed_symbols
        limits = Limits(
            max_order_notional=wanted.max_order_notional,
            max_open_orders=wanted.max_open_orders,
            max_orders_per_minute=wanted.max_orders_per_minute,
            price_collar=wanted.price_collar,
            allowed_symbols=None if allowed is None else tuple(allowed),
        )
        await self._store.put_limits(owner, limits)
        return await self.state(owner)

    async def halt(self, owner: str, request: contract.HaltRequest) -> contract.RiskState:
        """Stop new orders at once, cancel what is open, and report.

        The stop is durable before the first cancel, so nothing new is placed behind our back;
        cancels are not orders and are still signed.
        """
        scope, target = _target(owner, request.scope, request.bot_id)
        await self._store.halt(owner, scope, target, request.reason, now())
        canceled = 0
        if request.cancel_open_orders:
            canceled = await self._cancel.all_open(owner, target if scope == "bot" else None)
        return await self.state(owner, canceled)

    async def resume(self, owner: str, request: contract.ResumeRequest) -> contract.RiskState:
        """Lift the owner's own halt; the venue's and the operator's stay."""
        scope, target = _target(owner, request.scope, request.bot_id)
        await self._store.resume(owner, scope, target)
        return await self.state(owner)

    async def is_halted(self) -> bool:
        """Say whether the operator or the venue stopped everybody."""
        _, halts = await self._store.read("", None, self._venue)
        return bool(halts)

    async def state(self, owner: str, canceled: int = 0) -> contract.RiskState:
        """Return the limits and halts that hold for the owner now."""
        limits, halts = await self._store.of_owner(owner, self._venue)
        return contract.RiskState(
            limits=_limits_view(limits),
            halted=any(halt.scope != "bot" for halt in halts),
            halts=[_halt_view(halt) for halt in halts],
            canceled_orders=canceled,
        )


def _target(owner: str, scope: str, bot_id: str | None) -> tuple[Scope, str]:
    if scope == "user":
        return "user", owner
    if bot_id is None:
        raise InvalidRequest(
            "bot_id_missing",
            "Say which bot.",
            fields=[FieldError("body.bot_id", "is missing", "Give the bot's id.")],
        )
    return "bot", bot_id


def _limits_view(limits: Limits) -> contract.RiskLimits:
    allowed = limits.allowed_symbols
    return contract.RiskLimits(
        max_order_notional=limits.max_order_notional,
        max_open_orders=limits.max_open_orders,
        max_orders_per_minute=limits.max_orders_per_minute,
        price_collar=limits.price_collar,
        allowed_symbols=None if allowed is None else list(allowed),
    )


def _halt_view(halt: Halt) -> contract.Halt:
    return contract.Halt(scope=halt.scope, target=halt.target, reason=halt.reason, at=halt.at)
