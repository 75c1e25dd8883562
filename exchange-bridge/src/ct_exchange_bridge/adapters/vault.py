"""The key vault: signatures, key pairs, and the report of what a key may do."""

from ct_exchange_bridge.ports.venue import Credential
from ct_kit.contracts.keys import Key, Pair, Signature, VerificationReport
from ct_kit.http import ServiceClient


class Vault:
    """Calls the vault in the name of the key's owner."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def sign(
        self, credential: Credential, method: str, path: str, params: list[tuple[str, str]]
    ) -> Signature:
        """Return the canonical query and its signature; raises a `CtError` when refused."""
        body = await self._client.request(
            "POST",
            f"/v1/keys/{credential.key_id}/sign",
            subject=credential.owner,
            json={"method": method, "path": path, "params": params},
        )
        return Signature.model_construct(
            api_key=body["api_key"], query=body["query"], signature=body["signature"]
        )

    async def make_pair(self, owner: str, venue: str, label: str) -> Pair:
        """Make an Ed25519 pair inside the vault for a paper account."""
        body = await self._client.request(
            "POST",
            "/v1/keys/pairs",
            subject=owner,
            json={"venue": venue, "label": label, "purpose": "paper"},
        )
        return Pair.model_validate(body)

    async def activate(self, owner: str, key_id: str, api_key: str) -> None:
        """Give the vault the API key the venue issued for a pair."""
        await self._client.request(
            "POST", f"/v1/keys/{key_id}/activate", subject=owner, json={"api_key": api_key}
        )

    async def report(self, owner: str, key_id: str, report: VerificationReport) -> Key:
        """Record what the venue said about a key and return the key."""
        body = await self._client.request(
            "PUT",
            f"/v1/keys/{key_id}/verification",
            subject=owner,
            json=report.model_dump(mode="json"),
        )
        return Key.model_validate(body)

    async def ping(self) -> None:
        """Raise unless the vault can serve."""
        await self._client.request("GET", "/readyz", timeout_s=2.0)
