"""Orders and fills."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from ct_exchange_bridge.api import pages
from ct_exchange_bridge.api.accounts import IdempotencyKey
from ct_exchange_bridge.api.services import Services
from ct_exchange_bridge.app import views
from ct_exchange_bridge.errors import unknown_order
from ct_kit.contracts import orders as contract
from ct_kit.contracts.common import Page
from ct_kit.contracts.orders import AccountId, OrderState
from ct_kit.errors import FieldError, InvalidRequest
from ct_kit.web.fastapi import UserDep

OrderPath = Annotated[AccountId, Path()]
OptionalId = Annotated[AccountId | None, Query()]
StateQuery = Annotated[OrderState | None, Query()]


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    @routes.post("/v1/orders", status_code=201)
    async def place_order(
        caller: UserDep, body: contract.OrderRequest, idempotency_key: IdempotencyKey = None
    ) -> contract.Order:
        """Place an order; the answer comes after the venue's, with its fills booked."""
        if caller.service == "bots" and idempotency_key is None:
            raise _key_missing()
        if caller.service != "bots" and body.bot_id is not None:
            raise _not_a_bot()
        order = await services.place(caller.owner, body, idempotency_key)
        return views.order_view(order)

    @routes.post("/v1/orders/preview")
    async def preview_order(caller: UserDep, body: contract.OrderRequest) -> contract.OrderPreview:
        """Say what the order would do now."""
        return await services.preview(caller.owner, body)

    @routes.get("/v1/orders")
    async def list_orders(
        caller: UserDep,
        *,
        account_id: OptionalId = None,
        bot_id: OptionalId = None,
        state: StateQuery = None,
        status: StateQuery = None,
        working: bool = False,
        cursor: pages.CursorQuery = None,
        limit: pages.LimitQuery = 50,
    ) -> Page[contract.Order]:
        """List the user's orders, newest first; `working` are those that may still fill."""
        where: dict[str, object] = _only(account_id=account_id, bot_id=bot_id)
        where |= _only(state=state or status)
        if working:
            where["settled"] = False
        before = pages.decode(cursor)
        found = await services.orders.page(caller.owner, where, before=before, limit=limit + 1)
        return Page[contract.Order](
            items=[views.order_view(order) for order in found[:limit]],
            next_cursor=pages.next_cursor([order.id for order in found], limit),
        )

    @routes.get("/v1/orders/{order_id}")
    async def get_order(caller: UserDep, order_id: OrderPath) -> contract.Order:
        """Return one order."""
        order = await services.orders.get(caller.owner, order_id)
        if order is None:
            raise unknown_order()
        return views.order_view(order)

    @routes.delete("/v1/orders/{order_id}")
    async def cancel_order(caller: UserDep, order_id: OrderPath) -> contract.Order:
        """Cancel one order and return it as it is then."""
        return views.order_view(await services.cancel(caller.owner, order_id))

    @routes.get("/v1/fills")
    async def list_fills(
        caller: UserDep,
        *,
        account_id: OptionalId = None,
        bot_id: OptionalId = None,
        order_id: OptionalId = None,
        cursor: pages.CursorQuery = None,
        limit: pages.LimitQuery = 50,
    ) -> Page[contract.Fill]:
        """List the user's fills, newest first."""
        where = _only(account_id=account_id, bot_id=bot_id, order_id=order_id)
        before = pages.decode(cursor)
        found = await services.fills.page(caller.owner, where, before=before, limit=limit + 1)
        return Page[contract.Fill](
            items=[views.fill_view(fill) for fill in found[:limit]],
            next_cursor=pages.next_cursor([fill.id for fill in found], limit),
        )

    return routes


def _only(**wanted: str | None) -> dict[str, object]:
    return {name: value for name, value in wanted.items() if value is not None}


def _key_missing() -> InvalidRequest:
    return InvalidRequest(
        "idempotency_key_missing",
        "A bot's order needs an Idempotency-Key, so that a repetition is not a second order.",
        fields=[FieldError("header.Idempotency-Key", "is missing", "Send the intent's key.")],
    )


def _not_a_bot() -> InvalidRequest:
    # A bot books whatever fills carry its id; nobody else may say that an order is its.
    return InvalidRequest(
        "invalid_request",
        "Only a bot places orders of a bot.",
        fields=[FieldError("body.bot_id", "is set by the bots service only", "Leave it out.")],
    )
