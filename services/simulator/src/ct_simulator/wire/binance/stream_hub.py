"""Who listens to which stream, and the pulse that feeds them.

Work is done once per stream however many listen, and only for streams somebody listens to.
"""

import asyncio
import time

import orjson

from ct_simulator.domain.events import AccountOpened, Event, OrderFilled
from ct_simulator.wire.binance.connection import Connection
from ct_simulator.wire.binance.stream_channels import Channel, open_channel
from ct_simulator.wire.binance.stream_names import parse_stream
from ct_simulator.wire.binance.user_events import user_events
from ct_simulator.wire.binance.venue import Json, Venue

_FLUSH_TIMEOUT_S = 2.0


class StreamHub:
    """Feed market streams and user streams."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._channels: dict[str, Channel] = {}
        self._listeners: dict[str, dict[Connection, bool]] = {}
        self._users: dict[str, dict[tuple[Connection, int], None]] = {}
        venue.exchange.listen(self._on_event)

    def subscribe(self, name: str, connection: Connection, *, combined: bool) -> None:
        """Begin to send a stream to a connection; a name that does not exist stays silent."""
        self._listeners.setdefault(name, {})[connection] = combined
        if name not in self._channels:
            parsed = parse_stream(self._venue, name)
            channel = open_channel(self._venue, parsed) if parsed is not None else None
            if channel is not None:
                self._channels[name] = channel

    def unsubscribe(self, name: str, connection: Connection) -> None:
        """Stop sending a stream to a connection."""
        listeners = self._listeners.get(name, {})
        listeners.pop(connection, None)
        if not listeners:
            self._listeners.pop(name, None)
            channel = self._channels.pop(name, None)
            if channel is not None:
                channel.close()

    def subscribe_user(self, account_id: str, connection: Connection, subscription: int) -> None:
        """Begin to send an account's events to a connection."""
        self._users.setdefault(account_id, {})[connection, subscription] = None

    def unsubscribe_user(self, connection: Connection, subscription: int | None = None) -> None:
        """Stop sending events to a connection, of one subscription or all."""
        for listeners in self._users.values():
            for known, number in list(listeners):
                if known is connection and subscription in {None, number}:
                    del listeners[known, number]

    def pulse(self, *, stepped: bool) -> None:
        """Send what is due on every stream."""
        wall_ms = time.monotonic() * 1000
        for name, channel in list(self._channels.items()):
            for payload in channel.poll(wall_ms, stepped=stepped):
                self._send(name, payload)

    async def flush(self) -> None:
        """Return when all connections have been handed what was sent to them.

        A client that does not read is not waited for longer than two seconds.
        """
        connections = {c for listeners in self._listeners.values() for c in listeners}
        connections |= {c for listeners in self._users.values() for c, _ in listeners}
        if connections:
            async with asyncio.timeout(_FLUSH_TIMEOUT_S):
                for connection in connections:
                    await connection.flushed()

    def _send(self, name: str, payload: Json) -> None:
        raw = orjson.dumps(payload).decode()
        wrapped = f'{{"stream":"{name}","data":{raw}}}'
        for connection, combined in self._listeners.get(name, {}).items():
            connection.send_text(wrapped if combined else raw)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, AccountOpened):
            return
        account = self._venue.exchange.ledger.account(event.account_id)
        first = account.orders[event.order_id].fills[:1]
        if isinstance(event, OrderFilled) and first and first[0].trade_id == event.trade_id:
            self._venue.limits.order_traded(event.account_id)
        listeners = self._users.get(event.account_id)
        if not listeners:
            return
        for message in user_events(account, event):
            for connection, subscription in listeners:
                connection.send({"subscriptionId": subscription, "event": message})
