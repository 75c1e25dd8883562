"""Market streams over WebSocket: `/ws/<stream>`, `/ws`, `/stream?streams=a/b`."""

import asyncio
from contextlib import suppress
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from ct_simulator.wire.binance.connection import Connection
from ct_simulator.wire.binance.stream_hub import StreamHub
from ct_simulator.wire.binance.venue import Json, Venue

_MAX_STREAMS = 1024
_UNKNOWN_PROPERTY = {"code": 1, "msg": "Invalid value type: expected Boolean"}


class StreamSocket:
    """Serve one client's subscriptions."""

    def __init__(self, venue: Venue, hub: StreamHub) -> None:
        self._venue = venue
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection until it ends."""
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        connection = Connection(websocket, self._venue.faults)
        session = _Session(self._hub, connection, combined=websocket.url.path == "/stream")
        named = websocket.path_params.get("name") or websocket.query_params.get("streams", "")
        session.subscribe([name for name in named.split("/") if name])
        writer = asyncio.create_task(connection.write())
        try:
            while True:
                session.answer(await connection.receive())
        except WebSocketDisconnect:
            pass
        finally:
            session.end()
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await writer


class _Session:
    """What one connection listens to, and in which of the two shapes."""

    def __init__(self, hub: StreamHub, connection: Connection, *, combined: bool) -> None:
        self._hub = hub
        self._connection = connection
        self._combined = combined
        self._names: dict[str, None] = {}

    def answer(self, text: str) -> None:
        """Carry out a client's message and answer it."""
        try:
            message = orjson.loads(text)
        except ValueError:
            self._refuse(3, "Invalid JSON: expected value at line 1 column 1", None)
            return
        if not isinstance(message, dict):
            self._refuse(2, "Invalid request: request must be an object", None)
            return
        number = message.get("id")
        handle = {
            "SUBSCRIBE": self._on_subscribe,
            "UNSUBSCRIBE": self._on_unsubscribe,
            "LIST_SUBSCRIPTIONS": self._on_list,
            "SET_PROPERTY": self._on_set,
            "GET_PROPERTY": self._on_get,
        }.get(message.get("method", ""))
        if handle is None:
            self._refuse(2, f"Invalid request: unknown variant `{message.get('method')}`", number)
            return
        handle(message.get("params"), number)

    def subscribe(self, names: list[str]) -> None:
        """Listen to streams."""
        for name in names:
            self._names[name] = None
            self._hub.subscribe(name, self._connection, combined=self._combined)

    def end(self) -> None:
        """Listen to nothing any more."""
        for name in self._names:
            self._hub.unsubscribe(name, self._connection)

    def _on_subscribe(self, params: Any, number: Json) -> None:
        names = self._read_names(params, number)
        if names is None:
            return
        if len(self._names.keys() | set(names)) > _MAX_STREAMS:
            self._refuse(2, "Invalid request: too many streams", number)
            return
        self.subscribe(names)
        self._connection.send({"result": None, "id": number})

    def _on_unsubscribe(self, params: Any, number: Json) -> None:
        names = self._read_names(params, number)
        if names is None:
            return
        for name in names:
            self._names.pop(name, None)
            self._hub.unsubscribe(name, self._connection)
        self._connection.send({"result": None, "id": number})

    def _on_list(self, params: Any, number: Json) -> None:
        del params
        self._connection.send({"result": list(self._names), "id": number})

    def _on_set(self, params: Any, number: Json) -> None:
        if (
            not isinstance(params, list)
            or len(params) != 2
            or params[0] != "combined"
            or not isinstance(params[1], bool)
        ):
            self._connection.send({**_UNKNOWN_PROPERTY, "id": number})
            return
        self._combined = params[1]
        self.subscribe(list(self._names))
        self._connection.send({"result": None, "id": number})

    def _on_get(self, params: Any, number: Json) -> None:
        if params != ["combined"]:
            self._refuse(0, "Unknown property", number)
            return
        self._connection.send({"result": self._combined, "id": number})

    def _read_names(self, params: Any, number: Json) -> list[str] | None:
        if (
            isinstance(params, list)
            and params
            and all(isinstance(name, str) and name for name in params)
        ):
            return params
        self._refuse(2, "Invalid request: `params` must be a non-empty list of streams", number)
        return None

    def _refuse(self, code: int, text: str, number: Json) -> None:
        self._connection.send({"code": code, "msg": text, "id": number})
