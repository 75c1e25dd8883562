"""Accounts: list, read with balances, open on paper."""

from typing import Annotated

from fastapi import APIRouter, Header, Path

from ct_exchange_bridge.api.services import Services
from ct_exchange_bridge.app import views
from ct_exchange_bridge.domain.account import Account
from ct_exchange_bridge.domain.portfolio import ZERO
from ct_kit.contracts import accounts as contract
from ct_kit.contracts.orders import AccountId
from ct_kit.errors import Forbidden
from ct_kit.web.fastapi import UserDep

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        pattern=r"^[\x21-\x7b\x7d\x7e]+$",
        description="Printable ASCII without spaces and without |.",
    ),
]


def router(services: Services) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()

    async def shown(account: Account, *, fresh: bool = False) -> contract.Account:
        sheet = await services.balances.of(account, fresh=fresh)
        values, equity = services.portfolio.account_value(sheet)
        return contract.Account.model_validate(
            {
                **views.account_summary(account),
                "balances": [
                    {
                        "asset": asset,
                        "free": sheet.free.get(asset, ZERO),
                        "locked": sheet.locked.get(asset, ZERO),
                        "total": sheet.total(asset),
                        "value": value,
                    }
                    for asset, value in values.items()
                ],
                "quote": services.quote,
                "equity": equity,
                "as_of": views.moment(sheet.as_of_ms),
                "stale": services.balances.stale(account.id),
            }
        )

    @routes.get("/v1/accounts")
    async def list_accounts(caller: UserDep) -> contract.AccountList:
        """List the user's accounts, oldest first."""
        accounts = await services.accounts.of_owner(caller.owner)
        return contract.AccountList.model_validate(
            {"items": [views.account_summary(account) for account in accounts]}
        )

    @routes.post("/v1/accounts/paper", status_code=201)
    async def open_paper_account(
        caller: UserDep,
        body: contract.PaperAccountCreate,
        idempotency_key: IdempotencyKey = None,
    ) -> contract.Account:
        """Open a paper account with its starting balances."""
        account = await services.accounts.create_paper(caller.owner, body, idempotency_key)
        view = await shown(account)
        services.streams.watch(account)
        await services.recorder.take(account.owner, account.mode)
        return view

    @routes.post("/v1/accounts/live", status_code=201)
    async def open_live_account(_: UserDep) -> contract.Account:
        """Refuse: live accounts cannot be opened."""
        raise Forbidden("live_disabled", "Live trading is not enabled by the operator.")

    @routes.get("/v1/accounts/{account_id}")
    async def get_account(
        caller: UserDep, account_id: Annotated[AccountId, Path()]
    ) -> contract.Account:
        """Return one account with balances valued in quote."""
        return await shown(await services.accounts.get(caller.owner, account_id))

    return routes
