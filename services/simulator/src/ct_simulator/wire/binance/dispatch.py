"""One request from socket to answer: faults, limits, signature, handler, commit, headers."""

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ct_kit.logs import get_logger
from ct_simulator.domain.faults import Fault, FaultKind
from ct_simulator.errors import JournalBroken
from ct_simulator.wire.binance.consts import RESTRICTED_TEXT
from ct_simulator.wire.binance.endpoints import ENDPOINTS, RETIRED, Access, Public, Signed
from ct_simulator.wire.binance.errors import WireError
from ct_simulator.wire.binance.params import Params
from ct_simulator.wire.binance.signing import (
    check_key_format,
    check_signature,
    check_timestamp,
    rejected_key,
    signed_payload,
)
from ct_simulator.wire.binance.venue import Caller, Json, Venue

_MAX_BODY = 65_536
_JSON = "application/json;charset=UTF-8"
_log = get_logger(__name__)


class Rest:
    """The REST interface as an ASGI app."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, or cut its connection where a fault says so."""
        request = Request(scope, receive)
        method, path = request.method, request.url.path
        faults = self._venue.faults
        response = await self._before(method, path)
        if response is None:
            response = await self._answer(request, method, path)
            late = faults.take(FaultKind.LATENCY, method, path, after_accept=True)
            if late is not None:
                await asyncio.sleep(late.value / 1000)
            failed = faults.take(FaultKind.STATUS, method, path, after_accept=True)
            if failed is not None:
                response = _status_answer(failed)
            if faults.take(FaultKind.DROP_ANSWER_AFTER_ACCEPT, method, path) is not None:
                _cut(scope)
                return
            if faults.take(FaultKind.TRUNCATED_BODY, method, path) is not None:
                await _send_half(response, send)
                return
        await response(scope, receive, send)

    async def _before(self, method: str, path: str) -> Response | None:
        """Apply the faults that strike before the venue has read the request."""
        late = self._venue.faults.take(FaultKind.LATENCY, method, path, after_accept=False)
        if late is not None:
            await asyncio.sleep(late.value / 1000)
        failed = self._venue.faults.take(FaultKind.STATUS, method, path, after_accept=False)
        return None if failed is None else _status_answer(failed)

    async def _answer(self, request: Request, method: str, path: str) -> Response:
        address = request.client.host if request.client else "unknown"
        headers: dict[str, str] = {}
        try:
            endpoint = _endpoint(method, path)
            query, body = await _parts(request, method)
            params = Params.of(query, body)
            used = self._venue.limits.spend(address, endpoint.weight(params))
            headers = {"X-MBX-USED-WEIGHT": str(used), "X-MBX-USED-WEIGHT-1M": str(used)}
            content = await self._handle(endpoint, request, params, (query, body), headers)
            return Response(orjson.dumps(content), 200, headers, _JSON)
        except WireError as error:
            if error.retry_after_s is not None:
                headers["Retry-After"] = str(error.retry_after_s)
            return _refusal(error, headers)
        except JournalBroken as error:
            # what was asked for may be on disk or not: the real venue's words for that
            _log.critical("truth_log_broken", exc_info=error)
            return _refusal(
                WireError(
                    -1006,
                    "An unexpected response was received from the message bus. "
                    "Execution status unknown.",
                    500,
                ),
                headers,
            )

    async def _handle(
        self,
        endpoint: Public | Signed,
        request: Request,
        params: Params,
        parts: tuple[str, str],
        headers: dict[str, str],
    ) -> Json:
        if isinstance(endpoint, Public):
            params.only(endpoint.reads)
            return endpoint.handle(self._venue, params)
        caller = self._authenticate(request.headers, params, parts, endpoint.access)
        params.only(endpoint.reads)
        try:
            content = endpoint.handle(self._venue, params, caller)
        finally:
            # also a refused request may have filled resting orders on its way
            await self._venue.exchange.commit()
        if endpoint.access is Access.TRADE and request.method == "POST":
            ten_seconds, day = self._venue.limits.orders(caller.account.account_id)
            headers["X-MBX-ORDER-COUNT-10S"] = str(ten_seconds)
            headers["X-MBX-ORDER-COUNT-1D"] = str(day)
        return content

    def _authenticate(
        self, headers: Mapping[str, str], params: Params, parts: tuple[str, str], access: Access
    ) -> Caller:
        venue = self._venue
        key = venue.keys.get(check_key_format(headers.get("x-mbx-apikey")))
        if key is None:
            raise rejected_key()
        payload, signature = signed_payload(*parts)
        check_signature(key, payload, signature)
        check_timestamp(venue.market.clock, params.text("timestamp"), params.text("recvWindow"))
        may = key.permissions
        if not (may.spot_trading if access is Access.TRADE else may.reading):
            raise rejected_key()
        return Caller(venue.exchange.ledger.account(key.account_id), key)


def _endpoint(method: str, path: str) -> Public | Signed:
    endpoint = ENDPOINTS.get((method, path))
    if endpoint is not None:
        return endpoint
    if path in RETIRED:
        raise WireError(-1016, "This service is no longer available.", 410)
    raise WireError(-1020, "This operation is not supported.", 404)


async def _parts(request: Request, method: str) -> tuple[str, str]:
    """Return the raw query string and form body; GET has no body."""
    query = request.scope["query_string"].decode("latin-1")
    if method == "GET":
        return query, ""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_BODY:
            raise WireError(-1101, "Too many parameters sent for this endpoint.", 413)
    return query, body.decode("latin-1")


def _refusal(error: WireError, headers: dict[str, str]) -> Response:
    content = orjson.dumps({"code": error.code, "msg": error.msg})
    return Response(content, error.status, headers, _JSON)


def _status_answer(fault: Fault) -> Response:
    """Answer with an injected HTTP status, in the body the venue sends with it."""
    status = int(fault.value)
    headers: dict[str, str] = {}
    if status == 403:
        page = "<html><head><title>403 Forbidden</title></head><body>Request blocked.</body></html>"
        return Response(page, 403, media_type="text/html")
    if status in {418, 429}:
        headers["Retry-After"] = "2" if status == 429 else "120"
        error = WireError(-1003, "Too many requests queued.", status)
    elif status == 451:
        error = WireError(0, RESTRICTED_TEXT, status)
    else:
        text = "Internal error; unable to process your request. Please try again."
        error = WireError(-1001, text, status)
    return _refusal(error, headers)


def _cut(scope: Scope) -> None:
    """Close the client's connection at once; the server leaves the transport in the scope."""
    transport: Any = scope.get("ct_transport")
    if transport is None:
        raise ConnectionAbortedError("the answer was dropped by an injected fault")
    transport.abort()


async def _send_half(response: Response, send: Send) -> None:
    """Announce the whole body and send half of it; the server then closes the connection."""
    await send(
        {
            "type": "http.response.start",
            "status": response.status_code,
            "headers": response.raw_headers,
        }
    )
    half = bytes(response.body[: len(response.body) // 2])
    await send({"type": "http.response.body", "body": half, "more_body": True})
