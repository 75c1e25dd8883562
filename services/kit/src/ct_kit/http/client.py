"""The asyncio client of one other service."""

from collections.abc import AsyncIterator, Iterable, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from ct_kit.http import wire
from ct_kit.identity import ServiceIdentity


class ServiceClient:
    """Calls `audience` as `identity`. Sends each request once; repeating is the caller's choice."""

    def __init__(
        self,
        base_url: str,
        audience: str,
        identity: ServiceIdentity,
        *,
        timeouts: wire.Timeouts | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.audience = audience
        self._identity = identity
        self._timeouts = timeouts or wire.Timeouts()
        self._client = httpx.AsyncClient(
            base_url=base_url,
            timeout=self._timeouts.as_httpx(),
            transport=transport or httpx.AsyncHTTPTransport(retries=0),
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": wire.USER_AGENT},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def send(
        self,
        method: str,
        path: str,
        *,
        subject: str | None = None,
        roles: Iterable[str] = (),
        content: bytes | None = None,
        params: wire.Params | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> httpx.Response:
        """Send raw bytes and return the whole answer, whatever its status.

        Raises `Unavailable` where nothing was sent and `OutcomeUnknown` where the answer was lost.
        """
        with wire.http_errors(self.audience):
            return await self._client.request(
                method,
                path,
                content=content,
                params=wire.query(params),
                headers=wire.call_headers(self._identity, self.audience, subject, roles, headers),
                timeout=self._timeouts.as_httpx(timeout_s),
            )

    async def fetch(
        self,
        method: str,
        path: str,
        *,
        subject: str | None = None,
        roles: Iterable[str] = (),
        json: object = None,
        params: wire.Params | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> httpx.Response:
        """Send a request and return the answer; a problem answer is raised as its `CtError`."""
        content = None
        sent = dict(headers or {})
        if json is not None:
            content = wire.encode_json(json)
            sent["Content-Type"] = "application/json"
        response = await self.send(
            method,
            path,
            subject=subject,
            roles=roles,
            content=content,
            params=params,
            headers=sent,
            timeout_s=timeout_s,
        )
        wire.raise_problem(response, self.audience)
        return response

    async def request(
        self,
        method: str,
        path: str,
        *,
        subject: str | None = None,
        roles: Iterable[str] = (),
        json: object = None,
        params: wire.Params | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """Send a request and return the parsed JSON; None for an empty answer."""
        response = await self.fetch(
            method,
            path,
            subject=subject,
            roles=roles,
            json=json,
            params=params,
            headers=headers,
            timeout_s=timeout_s,
        )
        return wire.parsed(response, self.audience)

    async def stream_ndjson(
        self,
        path: str,
        *,
        subject: str | None = None,
        params: wire.Params | None = None,
        silence_s: float = wire.STREAM_SILENCE_S,
    ) -> AsyncIterator[dict[str, Any]]:
        """Yield the objects of a feed, heartbeats included, until the other side ends it.

        Raises `Unavailable` when it cannot be reached and `OutcomeUnknown` when it breaks off or
        is silent for `silence_s`: connect anew and read the state.
        """
        timeout = httpx.Timeout(silence_s, connect=self._timeouts.connect_s)
        headers = wire.call_headers(self._identity, self.audience, subject, (), None)
        with wire.http_errors(self.audience):
            async with self._client.stream(
                "GET", path, params=wire.query(params), headers=headers, timeout=timeout
            ) as response:
                if response.status_code >= 400:
                    await response.aread()
                    wire.raise_problem(response, self.audience)
                async for line in response.aiter_lines():
                    if line:
                        yield wire.parsed_line(line, self.audience)
