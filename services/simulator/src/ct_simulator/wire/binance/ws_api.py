"""The WebSocket API at `/ws-api/v3`: as much of it as user data streams need.

Signed is `k=v` of all parameters but the signature, sorted by name, joined by `&`, not
percent-encoded. `session.logon` takes Ed25519 keys only, as at the real venue.
"""

import asyncio
from contextlib import suppress
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from ct_simulator.domain.keys import ApiKey, KeyKind
from ct_simulator.wire.binance.connection import Connection
from ct_simulator.wire.binance.errors import WireError, missing
from ct_simulator.wire.binance.exchange_info import rate_limit
from ct_simulator.wire.binance.signing import (
    check_key_format,
    check_signature,
    check_timestamp,
    rejected_key,
)
from ct_simulator.wire.binance.stream_hub import StreamHub
from ct_simulator.wire.binance.venue import Json, Venue

_CONNECT_WEIGHT = 2
_CALL_WEIGHT = 2
_RETIRED = frozenset({"userDataStream.start", "userDataStream.ping", "userDataStream.stop"})


class WebSocketApi:
    """Serve one client's calls."""

    def __init__(self, venue: Venue, hub: StreamHub) -> None:
        self._venue = venue
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection until it ends."""
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        address = websocket.client.host if websocket.client else "unknown"
        connection = Connection(websocket, self._venue.faults)
        session = _Session(self._venue, self._hub, connection, address)
        writer = asyncio.create_task(connection.write())
        try:
            while True:
                session.answer(await connection.receive())
        except WebSocketDisconnect:
            pass
        finally:
            self._hub.unsubscribe_user(connection)
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await writer


class _Session:
    def __init__(self, venue: Venue, hub: StreamHub, connection: Connection, address: str) -> None:
        self._venue = venue
        self._hub = hub
        self._connection = connection
        self._address = address
        self._connected_ms = venue.now_ms()
        self._key: ApiKey | None = None
        self._authorized_ms: int | None = None
        self._next_subscription = 0
        self._subscriptions: set[int] = set()
        self._pending_weight = _CONNECT_WEIGHT

    def answer(self, text: str) -> None:
        """Carry out one call and answer it."""
        number: Json = None
        try:
            message = _read(text)
            number = message.get("id")
            weight = self._pending_weight + _CALL_WEIGHT
            self._pending_weight = 0
            self._venue.limits.spend(self._address, weight)
            body = {"status": 200, "result": self._call(message)}
        except WireError as error:
            body = {"status": error.status, "error": {"code": error.code, "msg": error.msg}}
            if error.retry_after_s is not None:
                now = self._venue.market.clock.wall_now_ms()
                body["error"]["data"] = {
                    "serverTime": now,
                    "retryAfter": now + error.retry_after_s * 1000,
                }
        used = self._venue.limits.used_weight(self._address)
        limit = rate_limit("REQUEST_WEIGHT", "MINUTE", 1, self._venue.limits.weight_1m)
        self._connection.send({"id": number} | body | {"rateLimits": [limit | {"count": used}]})

    def _call(self, message: dict[str, Any]) -> Json:
        method, params = message.get("method"), message.get("params") or {}
        if not isinstance(params, dict):
            raise WireError(-1135, "Invalid JSON Request")
        if method == "ping":
            return {}
        if method == "time":
            return {"serverTime": self._venue.now_ms()}
        if method == "session.logon":
            return self._logon(params)
        if method == "session.status":
            return self._status()
        if method == "session.logout":
            self._key = self._authorized_ms = None
            return self._status()
        if method == "userDataStream.subscribe.signature":
            return self._subscribe(self._authenticate(params))
        if method == "userDataStream.subscribe":
            if self._key is None:
                raise WireError(-1002, "You are not authorized to execute this request.", 401)
            return self._subscribe(self._key)
        if method == "userDataStream.unsubscribe":
            self._unsubscribe(params.get("subscriptionId"))
            return {}
        if method in _RETIRED:
            raise WireError(-1016, "This service is no longer available.", 410)
        raise WireError(-1020, "This operation is not supported.")

    def _subscribe(self, key: ApiKey) -> Json:
        if not key.permissions.reading:
            raise rejected_key()
        number = self._next_subscription
        self._next_subscription += 1
        self._subscriptions.add(number)
        self._hub.subscribe_user(key.account_id, self._connection, number)
        return {"subscriptionId": number}

    def _unsubscribe(self, subscription: Any) -> None:
        if subscription is not None and subscription not in self._subscriptions:
            raise WireError(-1130, "Data sent for parameter 'subscriptionId' is not valid.")
        self._hub.unsubscribe_user(self._connection, subscription)
        self._subscriptions -= {subscription} if subscription is not None else self._subscriptions

    def _logon(self, params: dict[str, Any]) -> Json:
        key = self._authenticate(params)
        if key.kind is not KeyKind.ED25519:
            # the documentation says that only Ed25519 may, but not in which words it refuses
            raise WireError(-1020, "This operation is not supported.")
        self._key = key
        self._authorized_ms = self._venue.now_ms()
        return self._status()

    def _status(self) -> Json:
        return {
            "apiKey": None if self._key is None else self._key.api_key,
            "authorizedSince": self._authorized_ms,
            "connectedSince": self._connected_ms,
            "returnRateLimits": True,
            "serverTime": self._venue.now_ms(),
            "userDataStream": bool(self._subscriptions),
        }

    def _authenticate(self, params: dict[str, Any]) -> ApiKey:
        key = self._venue.keys.get(check_key_format(_text(params, "apiKey")))
        if key is None:
            raise rejected_key()
        signature = _text(params, "signature")
        if not signature:
            raise missing("signature")
        payload = "&".join(
            f"{name}={_text(params, name)}" for name in sorted(params) if name != "signature"
        )
        check_signature(key, payload, signature)
        check_timestamp(
            self._venue.market.clock, _text(params, "timestamp"), _text(params, "recvWindow")
        )
        return key


def _read(text: str) -> dict[str, Any]:
    try:
        message = orjson.loads(text)
    except ValueError as error:
        raise WireError(-1135, "Invalid JSON Request") from error
    if not isinstance(message, dict):
        raise WireError(-1135, "Invalid JSON Request")
    return message


def _text(params: dict[str, Any], name: str) -> str | None:
    value = params.get(name)
    return None if value is None else str(value)
