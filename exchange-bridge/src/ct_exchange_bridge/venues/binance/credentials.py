"""Signatures come from the vault; this process never holds a secret."""

from typing import Protocol

from ct_exchange_bridge.ports.venue import Credential
from ct_exchange_bridge.venues.binance import consts
from ct_kit.contracts.keys import Signature


class Signer(Protocol):
    """The vault, as the venue adapters need it."""

    async def sign(
        self, credential: Credential, method: str, path: str, params: list[tuple[str, str]]
    ) -> Signature:
        """Return the canonical query and its signature; raises a `CtError` when refused."""
        ...


async def user_stream_subscription(
    signer: Signer, credential: Credential, now_ms: int
) -> dict[str, object]:
    """Return the signed WebSocket API request that starts the account's events.

    web-socket-api.md: all params but the signature sorted by name, not percent-encoded; the vault
    adds `apiKey` and does the sorting. The listenKey way is gone since 2026-02-20.
    """
    signature = await signer.sign(
        credential,
        "POST",
        f"/ws-api/v3/{consts.SUBSCRIBE_USER_STREAM}",
        [("timestamp", str(now_ms))],
    )
    return {
        "id": f"subscribe-{now_ms}",
        "method": consts.SUBSCRIBE_USER_STREAM,
        "params": {
            "apiKey": signature.api_key,
            "timestamp": now_ms,
            "signature": signature.signature,
        },
    }
