"""HTTP to exactly one address, TLS checked against the name the caller asked for."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from ct_proxy.domain.policy import Allowed
from ct_proxy.errors import AnswerLost, NotSent
from ct_proxy.ports import Reply

_TIMEOUT = httpx.Timeout(connect=5.0, write=10.0, read=20.0, pool=2.0)
_LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=30.0)
_RELAYED = ("content-type", "retry-after", "date")
_RELAYED_PREFIXES = ("x-mbx-used-weight", "x-mbx-order-count", "x-sapi-used")


class HttpWire:
    """Connects to the pinned address, names the host in SNI, certificate check and Host header."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._client = httpx.AsyncClient(
            verify=tls or ssl.create_default_context(),
            timeout=_TIMEOUT,
            limits=_LIMITS,
            follow_redirects=False,
            trust_env=False,  # no proxy and no netrc from the environment
        )

    async def close(self) -> None:
        """Close what is kept alive."""
        await self._client.aclose()

    @asynccontextmanager
    async def send(
        self, allowed: Allowed, address: str, method: str, body: bytes
    ) -> AsyncIterator[Reply]:
        """Send once; raise `NotSent` before, `AnswerLost` after the first byte left."""
        request = self._request(allowed, address, method, body)
        try:
            response = await self._client.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as failed:
            raise NotSent(type(failed).__name__) from failed
        except httpx.HTTPError as lost:
            raise AnswerLost(type(lost).__name__) from lost
        try:
            yield Reply(response.status_code, _relayed(response.headers), _chunks(response))
        finally:
            await response.aclose()

    def _request(self, allowed: Allowed, address: str, method: str, body: bytes) -> httpx.Request:
        out = allowed.exit
        literal = f"[{address}]" if ":" in address else address
        default_port = out.port == {"https": 443, "http": 80}[out.scheme]
        headers = [
            *allowed.headers,
            ("Host", out.host if default_port else f"{out.host}:{out.port}"),
            ("User-Agent", "CryptoTrade"),
            # What comes back is passed on as it is, so it is asked for plain.
            ("Accept-Encoding", "identity"),
        ]
        return self._client.build_request(
            method,
            f"{out.scheme}://{literal}:{out.port}{allowed.target}",
            content=body or None,
            headers=headers,
            extensions={"sni_hostname": out.host},
        )


async def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in response.aiter_raw():
            yield chunk
    except httpx.HTTPError as lost:
        raise AnswerLost(type(lost).__name__) from lost


def _relayed(headers: httpx.Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, value)
        for name, value in headers.items()
        if name in _RELAYED or name.startswith(_RELAYED_PREFIXES)
    )
