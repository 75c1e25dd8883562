"""Connections to the services: pooled, bounded, timed, and never a second try."""

from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from ct_gateway.operations import SAFE_METHODS, Upstream
from ct_gateway.ports import Outgoing, Reply
from ct_gateway.upstream.tokens import Tokens
from ct_kit.errors import OutcomeUnknown, TooManyRequests, Unavailable, UpstreamFailed

_CONNECT_TIMEOUT_S = 2.0
_IDLE_S = 15.0  # half the servers' own keep-alive, so a pooled connection is never their closed one
_WHOLE_UP_TO = 256 * 1024
_LARGEST_WHOLE = 8 * 1024 * 1024
_IN_FLIGHT_PER_SERVICE = 256
_IN_FLIGHT_PER_USER = 32  # one user's slow calls leave the others room
_SKIPPED = frozenset({"User-Agent", "Accept", "Accept-Encoding", "Content-Type"})
_OURS_REFUSED = (b'"caller_unauthenticated"', b'"caller_forbidden"')


class _AnswerLost(aiohttp.ClientError):
    """The connection broke between the request and the answer."""


async def _never_twice(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating PUT and DELETE when the connection breaks.

    It repeats methods RFC 9110 calls idempotent. A second DELETE of ours answers 404 where the
    first worked, so the caller is told that the outcome is unknown instead.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _AnswerLost from error


class Pool:
    """One client session for reading, one for changing.

    A reading call may meet a pooled connection that just died, and is then repeated once. A
    changing call goes out once, on a fresh connection: on a pooled one a server's idle close
    looks the same as a lost answer.
    """

    def __init__(self, urls: Mapping[Upstream, str], tokens: Tokens) -> None:
        self._urls = {upstream: url.rstrip("/") for upstream, url in urls.items()}
        self._tokens = tokens
        self._busy: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        self._reading = _session(aiohttp.TCPConnector(limit_per_host=64, keepalive_timeout=_IDLE_S))
        self._changing = _session(
            aiohttp.TCPConnector(limit_per_host=64, force_close=True), _never_twice
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._reading.close()
        await self._changing.close()

    async def send(self, outgoing: Outgoing, *, whole: bool = False) -> Reply:
        """Send once; see `ports.Services.send`."""
        name = outgoing.upstream.value
        keys = [name] if outgoing.user_id is None else [name, f"user:{outgoing.user_id}"]
        self._enter(keys)
        handed_over = False
        try:
            response = await self._request(outgoing)
            length = response.content_length
            if not whole and (length is None or length > _WHOLE_UP_TO) and response.status < 400:
                handed_over = True
                parts = self._parts(response, keys)
                return Reply(response.status, _headers(response), parts=parts)
            return await self._whole(outgoing, response)
        finally:
            if not handed_over:
                self._leave(keys)

    async def open_feed(self, upstream: Upstream, silence_s: float) -> aiohttp.ClientResponse:
        """Open a service's NDJSON feed; a silence of `silence_s` ends it with an error."""
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=_CONNECT_TIMEOUT_S, sock_read=silence_s
        )
        return await self._reading.get(
            URL(f"{self._urls[upstream]}/v1/stream", encoded=True),
            headers={"Authorization": self._tokens.bearer(upstream.value)},
            timeout=timeout,
            allow_redirects=False,
        )

    async def probe(self, url: str, timeout_s: float) -> tuple[int, bytes]:
        """Read a public health address; raises `aiohttp.ClientError` or `TimeoutError`."""
        timeout = aiohttp.ClientTimeout(total=timeout_s)
        async with self._reading.get(url, timeout=timeout, allow_redirects=False) as response:
            return response.status, await response.content.read(_WHOLE_UP_TO)

    async def _request(self, outgoing: Outgoing) -> aiohttp.ClientResponse:
        name = outgoing.upstream.value
        safe = outgoing.method in SAFE_METHODS
        session = self._reading if safe else self._changing
        headers = {
            **(outgoing.headers or {}),
            "Authorization": self._tokens.bearer(name, outgoing.user_id, outgoing.roles),
            "X-Request-Id": outgoing.request_id,
        }
        try:
            return await session.request(
                outgoing.method,
                URL(self._urls[outgoing.upstream] + outgoing.target, encoded=True),
                headers=headers,
                data=outgoing.body or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=outgoing.timeout_s, sock_connect=_CONNECT_TIMEOUT_S
                ),
            )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unavailable(
                "upstream_unavailable", f"The service {name} does not answer."
            ) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _no_answer(name, safe=safe) from error

    async def _whole(self, outgoing: Outgoing, response: aiohttp.ClientResponse) -> Reply:
        name = outgoing.upstream.value
        try:
            async with response:
                body = await response.content.read(-1) if _fits(response) else None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _no_answer(name, safe=outgoing.method in SAFE_METHODS) from error
        if body is None:
            raise UpstreamFailed("upstream_answer_too_large", f"{name} answered too much.")
        if response.status in {401, 403} and any(mark in body for mark in _OURS_REFUSED):
            # It is the gateway that was refused, not the user: never sign them out for it.
            raise UpstreamFailed("upstream_refused_gateway", f"{name} refused the gateway's call.")
        return Reply(response.status, _headers(response), body)

    async def _parts(
        self, response: aiohttp.ClientResponse, keys: list[str]
    ) -> AsyncGenerator[bytes, None]:
        try:
            async with response:
                async for part in response.content.iter_any():
                    yield part
        finally:
            self._leave(keys)

    def _enter(self, keys: list[str]) -> None:
        service = keys[0]
        if self._busy[service] >= _IN_FLIGHT_PER_SERVICE:
            raise Unavailable("upstream_busy", f"The service {service} has too much to do.")
        if len(keys) > 1 and self._busy[keys[1]] >= _IN_FLIGHT_PER_USER:
            raise TooManyRequests("concurrency_exceeded", "Too many calls at the same time.")
        self._busy.update(keys)

    def _leave(self, keys: list[str]) -> None:
        for key in keys:
            self._busy[key] -= 1
            if self._busy[key] <= 0:
                del self._busy[key]


def _session(
    connector: aiohttp.TCPConnector, *middlewares: aiohttp.ClientMiddlewareType
) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        skip_auto_headers=_SKIPPED,
        max_line_size=16 * 1024,
        middlewares=middlewares,
    )


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _fits(response: aiohttp.ClientResponse) -> bool:
    return response.content_length is None or response.content_length <= _LARGEST_WHOLE


def _no_answer(name: str, *, safe: bool) -> Unavailable:
    if safe:
        return Unavailable("upstream_unavailable", f"The service {name} did not answer in time.")
    return OutcomeUnknown(
        "outcome_unknown",
        f"The call reached {name} and no answer came back. Look whether it was carried out.",
    )
