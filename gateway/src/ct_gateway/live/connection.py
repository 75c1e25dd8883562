"""One browser's WebSocket: commands in, events out, ended when its session ends."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import orjson
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from ct_gateway.domain.sessions import SignedIn
from ct_gateway.live.channels import OWNED
from ct_gateway.live.hub import Hub, reset
from ct_kit.contracts.stream import StreamCommand
from ct_kit.errors import CtError

HEARTBEAT_S = 5.0
SESSION_CHECK_S = 1.5  # with the three seconds sessions are remembered: under five
_MAXIMUM_CHANNELS = 64
_MAXIMUM_WAITING = 1_000
_MAXIMUM_MARKET = 256
_MAXIMUM_COMMAND = 8_192
_CLOSING_S = 1.0
_AUTH_PATIENCE = 20  # failed checks in a row (30 s) while auth is away; then fail closed

FindSession = Callable[[str], Awaitable[SignedIn | None]]


class Connection:
    """Implements `hub.Subscriber`."""

    def __init__(self, websocket: WebSocket, session: SignedIn, hub: Hub) -> None:
        self.user_id = session.user.id
        self.session_ref = session.session_ref
        self.channels: set[str] = set()
        self._session_id = session.session_id
        self._websocket = websocket
        self._hub = hub
        self._owned: deque[bytes] = deque()
        self._market: dict[tuple[str, str], bytes] = {}
        self._work = asyncio.Event()
        self._end: tuple[int, str] | None = None
        self._ending = asyncio.Event()

    # -- what the hub calls

    def market(self, channel: str, key: str, message: bytes) -> None:
        """Keep only the newest: a slow reader sees fewer steps, never an old one."""
        self._market[channel, key] = message
        if len(self._market) > _MAXIMUM_MARKET:
            del self._market[next(iter(self._market))]
        self._work.set()

    def owned(self, message: bytes) -> None:
        """Queue an event; a reader too slow for its own events is closed and resumes."""
        if len(self._owned) >= _MAXIMUM_WAITING:
            self.end(1013, "too_slow")
            return
        self._owned.append(message)
        self._work.set()

    def end(self, code: int, reason: str) -> None:
        """Close after what waits was dropped; the first reason stands."""
        if self._end is None:
            self._end = (code, reason)
            self._work.set()
            self._ending.set()

    # -- its life

    async def serve(self, find_session: FindSession) -> None:
        """Serve until either side ends it."""
        await self._websocket.accept()
        self._hub.join(self)
        tasks = [
            asyncio.create_task(self._receive()),
            asyncio.create_task(self._send()),
            asyncio.create_task(self._beat()),
            asyncio.create_task(self._watch(find_session)),
            asyncio.create_task(self._abandon()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.leave(self)
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
                raise result

    async def _receive(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if isinstance(text, str) and len(text) <= _MAXIMUM_COMMAND:
                self._obey(text)
            else:
                self.end(1009 if text else 1003, "command_refused")

    def _obey(self, text: str) -> None:
        try:
            command = StreamCommand.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            self._problem(f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
            return
        if command.op == "subscribe":
            self._subscribe(command)
        elif command.op == "unsubscribe":
            for channel in command.channels:
                self._hub.unsubscribe(self, channel)

    def _subscribe(self, command: StreamCommand) -> None:
        if len(self.channels.union(command.channels)) > _MAXIMUM_CHANNELS:
            self._problem(f"at most {_MAXIMUM_CHANNELS} channels")
            return
        cursor = self._hub.cursor(self.user_id)
        self.owned(
            orjson.dumps(
                {"type": "subscribed", "seq": cursor, "data": {"channels": command.channels}}
            )
        )
        fresh = [channel for channel in command.channels if channel not in self.channels]
        if command.cursor is not None:
            self._resume(command.cursor, OWNED.intersection(fresh))
        for channel in fresh:
            self._hub.subscribe(self, channel)

    def _resume(self, cursor: int, channels: frozenset[str]) -> None:
        missed = self._hub.resume(self.user_id, cursor)
        if missed is None:
            self.owned(reset(self._hub.cursor(self.user_id)))
            return
        for _, channel, message in missed:
            if channel in channels:
                self.owned(message)

    def _problem(self, detail: str) -> None:
        self.owned(
            orjson.dumps(
                {"type": "problem", "data": {"code": "command_invalid", "detail": detail[:300]}}
            )
        )

    async def _send(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            while self._end is None and (self._owned or self._market):
                await self._websocket.send_text(self._next().decode())
            if self._end is not None:
                await self._websocket.close(*self._end)
                return

    def _next(self) -> bytes:
        if self._owned:
            return self._owned.popleft()
        return self._market.pop(next(iter(self._market)))

    async def _abandon(self) -> None:
        """Give up on a reader that takes nothing, not even the closing message."""
        await self._ending.wait()
        await asyncio.sleep(_CLOSING_S)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            self.market("", "heartbeat", _HEARTBEAT)

    async def _watch(self, find_session: FindSession) -> None:
        failures = 0
        while True:
            await asyncio.sleep(SESSION_CHECK_S)
            try:
                session = await find_session(self._session_id)
            except CtError:
                failures += 1
                if failures > _AUTH_PATIENCE:
                    self.end(1013, "auth_unavailable")
                continue
            failures = 0
            if session is None:
                self.end(4401, "session_ended")


_HEARTBEAT = orjson.dumps({"type": "heartbeat"})
