"""From a request to the venue's answer: durable before the wire, on the wire once, never resent.

INTENT and CLAIMED are made durable in one write, because the process that takes the request in is
the one that claims it. SENDING is written while the vault signs; the socket is only touched when
both are done. An answer that is lost, late, unreadable or a 5xx makes the order UNKNOWN, and the
reconciler settles it by evidence.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime

import orjson

from ct_exchange_bridge.app.accounts import Accounts
from ct_exchange_bridge.app.balances import Balances
from ct_exchange_bridge.app.bookkeeper import Bookkeeper
from ct_exchange_bridge.app.live_orders import LiveOrder, LiveOrders
from ct_exchange_bridge.app.risk_desk import RiskDesk
from ct_exchange_bridge.app.times import now
from ct_exchange_bridge.domain import risk
from ct_exchange_bridge.domain.account import Account
from ct_exchange_bridge.domain.order import Order, OrderTerms, StateChange
from ct_exchange_bridge.domain.order_state import Event
from ct_exchange_bridge.domain.venue_error import VenueError, VenueErrorKind
from ct_exchange_bridge.domain.venue_report import OrderReport
from ct_exchange_bridge.errors import OrderRefused, as_problem
from ct_exchange_bridge.ports.stores import OrderStore
from ct_exchange_bridge.ports.venue import Credential, OrderVenue, SignedOrder
from ct_kit.contracts.orders import OrderRequest
from ct_kit.domain import (
    OrderStatus,
    OrderType,
    Side,
    Symbol,
    TimeInForce,
    client_order_id,
)
from ct_kit.errors import CtError, InvalidRequest, Unavailable
from ct_kit.logs import get_logger
from ct_kit.mongo import new_id

_LOG = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Intent:
    owner: str
    request: OrderRequest
    key: str
    body_hash: str


class PlaceOrder:
    """The only way an order leaves. Equal intents at the same time share one attempt."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        orders: OrderStore,
        live: LiveOrders,
        books: Bookkeeper,
        desk: RiskDesk,
        balances: Balances,
        venue: OrderVenue,
        epoch: str,
        reconcile_only: bool,
    ) -> None:
        self._accounts = accounts
        self._orders = orders
        self._live = live
        self._books = books
        self._desk = desk
        self._balances = balances
        self._venue = venue
        self._epoch = epoch
        self._reconcile_only = reconcile_only
        self._running: dict[tuple[str, str], tuple[str, asyncio.Task[Order]]] = {}

    async def __call__(self, owner: str, request: OrderRequest, intent_key: str | None) -> Order:
        """Place the order of an intent, or return the order this intent has already.

        Raises `OrderRefused` when a rule says no (nothing is stored), `InvalidRequest`
        `idempotency_key_reused` when the intent is known with another body, `NotFound` for an
        account or symbol that is not there, `Unavailable` when the rules cannot be checked.
        """
        intent = _Intent(owner, request, intent_key or new_id("int"), body_hash(request))
        place = (request.account_id, intent.key)
        running = self._running.get(place)
        if running is None:
            task = asyncio.create_task(self._place(intent, fresh=intent_key is None))
            self._running[place] = (intent.body_hash, task)
            task.add_done_callback(lambda _: self._running.pop(place, None))
        else:
            hashed, task = running
            if hashed != intent.body_hash:
                raise _reused()
        # The caller may hang up; what has begun is brought to its end all the same.
        return await asyncio.shield(task)

    async def finish(self) -> None:
        """Wait until no attempt is under way: called at the stop of the service."""
        while self._running:
            await asyncio.wait([task for _, task in self._running.values()])

    async def _place(self, intent: _Intent, *, fresh: bool) -> Order:
        if self._reconcile_only:
            raise Unavailable("reconcile_only", "The bridge settles old orders and takes no new.")
        request = intent.request
        account = await self._accounts.get(intent.owner, request.account_id)
        terms = terms_of(request)
        rules = self._desk.rules(account, request.bot_id)
        if fresh:
            known, held = None, await rules
        else:
            known, held = await asyncio.gather(
                self._orders.by_intent(account.id, intent.key), rules
            )
        if known is not None:
            return _replayed(known, intent.body_hash)
        try:
            await self._balances.of(account)
        except VenueError as error:
            raise as_problem(error) from error
        # From the verdict to the reservation nothing awaits, so no other order slips between.
        refused = risk.refusals(self._desk.judge(account, terms, held))
        if refused:
            raise OrderRefused(refused)
        live = self._live.add(self._claimed(account, terms, intent))
        live.attempted = True
        try:
            stored = await self._store_intent(live)
            if stored is not None:
                return _replayed(stored, intent.body_hash)
            self._live.note_placed(intent.owner)
            return await self._send(account, live)
        finally:
            live.attempted = False

    def _claimed(self, account: Account, terms: OrderTerms, intent: _Intent) -> Order:
        at = now()
        return Order(
            id=new_id("ord"),
            owner=account.owner,
            account_id=account.id,
            mode=account.mode,
            venue=account.venue,
            bot_id=intent.request.bot_id,
            intent_key=intent.key,
            body_hash=intent.body_hash,
            terms=terms,
            client_order_id=client_order_id(account.id, intent.key, 1),
            attempt=1,
            epoch=self._epoch,
            state=OrderStatus.CLAIMED,
            history=(StateChange(OrderStatus.INTENT, at), StateChange(OrderStatus.CLAIMED, at)),
            created_at=at,
            updated_at=at,
        )

    async def _store_intent(self, live: LiveOrder) -> Order | None:
        # Where this fails, whether it was stored or not, nothing is sent; the reconciler reads
        # what is stored and refuses it as stale.
        live.in_doubt = True
        stored = await self._orders.insert(live.order)
        live.in_doubt = False
        if stored is not None:
            self._live.drop(live)
        return stored

    async def _send(self, account: Account, live: LiveOrder) -> Order:
        credential = Credential(account.owner, account.key_id)
        draft = self._venue.draft_order(live.order.terms, live.order.client_order_id)
        sending, signed = await asyncio.gather(
            self._books.advance(
                live,
                Event.SEND,
                signed_at_ms=draft.signed_at_ms,
                recv_window_ms=draft.recv_window_ms,
            ),
            self._venue.sign_order(credential, draft),
            return_exceptions=True,
        )
        if isinstance(sending, BaseException):
            raise sending
        if isinstance(signed, CtError):
            return await self._books.advance(
                live, Event.ABANDON, f"It was not signed: {signed.detail}"
            )
        if isinstance(signed, BaseException):
            await self._books.advance(live, Event.ABANDON, "It could not be signed.")
            raise signed
        if self._venue.stamp_ms() - draft.signed_at_ms >= draft.recv_window_ms:
            return await self._books.advance(
                live, Event.ABANDON, "It was signed too long ago to be sent."
            )
        return await self._answered(account, live, signed)

    async def _answered(self, account: Account, live: LiveOrder, signed: SignedOrder) -> Order:
        live.answer_pending = True
        try:
            report = await self._venue.submit_order(signed, live.order.terms)
        except VenueError as error:
            await self._failed(account, live, error)
        else:
            await self._absorbed(account, live, report)
        finally:
            await self._books.release(account, live)
        return live.order

    async def _absorbed(self, account: Account, live: LiveOrder, report: OrderReport) -> None:
        if report.client_order_id != live.order.client_order_id:
            await self._lost(live, "The venue answered about another order.")
            return
        try:
            await self._books.absorb(account, report)
        except VenueError as error:
            # The order stands; only its fills could not be read. The reconciler reads them again.
            _LOG.warning("fills_not_read_yet", order_id=live.order.id, kind=error.kind)
            await self._lost(live, "The venue has it; its fills could not be read yet.")

    async def _failed(self, account: Account, live: LiveOrder, error: VenueError) -> None:
        if error.kind is VenueErrorKind.NOT_UNDERSTOOD:
            _LOG.error(
                "venue_error_not_understood",
                order_id=live.order.id,
                code=error.code,
                status=error.status,
                message=error.message,
            )
        if error.kind is VenueErrorKind.DUPLICATE_ORDER:
            await self._adopt(account, live)
        elif error.refuses_order:
            await self._refused(live, error)
        else:
            await self._lost(live, error.message)

    async def _refused(self, live: LiveOrder, error: VenueError) -> None:
        async with live.lock:
            if live.order.state is OrderStatus.SENDING:
                await self._books.advance(live, Event.REFUSE, error.message)
            else:
                _LOG.error("refusal_contradicted", order_id=live.order.id)

    async def _adopt(self, account: Account, live: LiveOrder) -> None:
        """Take over the order the venue already has under our id, if it is the same order."""
        order = live.order
        credential = Credential(account.owner, account.key_id)
        try:
            report = await self._venue.query_order(
                credential, order.terms.symbol, client_order_id=order.client_order_id
            )
        except VenueError as error:
            await self._lost(live, f"The venue knows the id already: {error.message}")
            return
        if _matches(order.terms, report):
            await self._absorbed(account, live, report)
        else:
            _LOG.critical("duplicate_order_differs", order_id=order.id, account_id=account.id)
            await self._lost(live, "The venue has another order under this id.")

    async def _lost(self, live: LiveOrder, reason: str) -> None:
        async with live.lock:
            await self._books.advance(live, Event.LOSE, f"No definite answer: {reason}")


def terms_of(request: OrderRequest) -> OrderTerms:
    """Read the wire request into the domain; its shape was validated at the edge."""
    tif = request.time_in_force
    limit = request.type == "limit"
    return OrderTerms(
        symbol=Symbol.parse(request.symbol),
        side=Side(request.side),
        type=OrderType(request.type),
        quantity=request.quantity,
        quote_quantity=request.quote_quantity,
        price=request.price,
        time_in_force=TimeInForce(tif or "GTC") if limit else None,
    )


def body_hash(request: OrderRequest) -> str:
    """Hash the canonical body, so that 1 and 1.0 are the same order and the field order is not."""
    body = request.model_dump(mode="json")
    for name in ("quantity", "quote_quantity", "price"):
        amount = getattr(request, name)
        body[name] = None if amount is None else format(amount.normalize(), "f")
    canonical = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()


def _replayed(order: Order, hashed: str) -> Order:
    if order.body_hash != hashed:
        raise _reused()
    return order


def _reused() -> InvalidRequest:
    return InvalidRequest(
        "idempotency_key_reused",
        "This Idempotency-Key was used for another order. Use a new key for a new order.",
    )


def _matches(terms: OrderTerms, report: OrderReport) -> bool:
    wanted = terms.quantity
    return (
        report.symbol == terms.symbol
        and report.side in (None, terms.side)
        and (wanted is None or report.quantity == wanted)
    )


def stale_intent_reason(created_at: datetime) -> str:
    """Say why an intent found at start is refused."""
    return f"stale_intent: it could not be sent when it was placed, at {created_at:%H:%M:%S} UTC."
