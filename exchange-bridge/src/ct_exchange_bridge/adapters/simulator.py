"""The simulator's admin port: paper accounts are accounts there."""

from decimal import Decimal

from ct_exchange_bridge.ports.stores import PaperVenueAccount
from ct_kit.http import ServiceClient


class SimulatorAdmin:
    """Makes accounts on the paper venue."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def create_account(
        self, label: str, balances: dict[str, Decimal], public_key_pem: str, once: str
    ) -> PaperVenueAccount:
        """Open an account with these balances for the holder of the key pair, once per `once`."""
        body = await self._client.request(
            "POST",
            "/admin/accounts",
            headers={"Idempotency-Key": once},
            json={
                "label": label,
                "balances": {asset: format(amount, "f") for asset, amount in balances.items()},
                "public_key_pem": public_key_pem,
            },
        )
        return PaperVenueAccount(body["account_id"], body["api_key"])
