"""Binance Spot behind our ports: builds calls with the SDK, sends them, reads the answers."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection

from ct_exchange_bridge.domain.market import (
    BookView,
    Candle,
    ListedInstrument,
    PublicTrade,
    TickerView,
)
from ct_exchange_bridge.domain.order import OrderTerms
from ct_exchange_bridge.domain.resolution import LOOKBACK_MS
from ct_exchange_bridge.domain.venue_error import VenueError, VenueErrorKind
from ct_exchange_bridge.domain.venue_report import (
    Execution,
    KeyRights,
    OrderReport,
    VenueBalance,
)
from ct_exchange_bridge.ports.venue import (
    AccountEvents,
    Credential,
    MarketListener,
    OrderDraft,
    SignedOrder,
)
from ct_exchange_bridge.venues.binance import consts, parse
from ct_exchange_bridge.venues.binance.credentials import Signer, user_stream_subscription
from ct_exchange_bridge.venues.binance.rest import BinanceRest, SignedCall, SpotCalls
from ct_exchange_bridge.venues.binance.stream import StreamRefusedError, StreamRunner
from ct_exchange_bridge.venues.clock import VenueClock, wall_ms
from ct_exchange_bridge.venues.route import Route
from ct_exchange_bridge.venues.weight import WeightBudget
from ct_kit.domain import Interval, OrderType, Side, Symbol, TimeInForce
from ct_kit.logs import get_logger

_LOG = get_logger(__name__)


class BinanceVenue:
    """One venue over one route; holds the clock offset, the weight budget and the symbol names."""

    def __init__(
        self,
        route: Route,
        signer: Signer,
        quote_asset: str,
        *,
        tracks_wall: bool = True,
        on_error: Callable[[VenueError], None] | None = None,
    ) -> None:
        self.route = route
        self.clock = VenueClock(tracks_wall=tracks_wall)
        self.budget = WeightBudget(consts.WEIGHT_PER_MINUTE, consts.WEIGHT_RESERVE)
        self._signer = signer
        self._quote_asset = quote_asset
        self._rest = BinanceRest(route.rest_url, signer, self.clock, self.budget, on_error)
        self._calls = SpotCalls(base_url=route.rest_url)
        self._wire: dict[Symbol, str] = {}
        self._ours: dict[str, Symbol] = {}

    def close(self) -> None:
        """Stop the worker threads after their running calls."""
        self._rest.close()

    def now_ms(self) -> int:
        """Return the venue's time as well as it is known."""
        return self.clock.now_ms()

    def stamp_ms(self) -> int:
        """Return the time deadlines of signed requests are counted from."""
        return self.clock.stamp_ms()

    def history_start_ms(self, signed_at_ms: int) -> int | None:
        """Return where the history of an order signed then begins; None where clocks differ."""
        return signed_at_ms - LOOKBACK_MS if self.clock.tracks_wall else None

    # market data

    async def sync_clock(self) -> int:
        """Read the venue's time in ms and set our offset by it."""
        asked = wall_ms()
        body = await self._rest.public(self._calls.time())
        self.clock.learn(int(body["serverTime"]), asked, wall_ms())
        return self.clock.now_ms()

    async def instruments(self) -> list[ListedInstrument]:
        """Read what can be traded against our quote asset."""
        body = await self._rest.public(self._calls.exchange_info())
        listed = []
        for entry in body["symbols"]:
            if entry["quoteAsset"] != self._quote_asset:
                continue
            found = parse.instrument(entry)
            symbol = found.instrument.symbol
            self._wire[symbol] = found.wire_symbol
            self._ours[found.wire_symbol] = symbol
            listed.append(found)
        return listed

    async def tickers(self) -> dict[Symbol, TickerView]:
        """Read the last 24 hours of every listed symbol."""
        body = await self._rest.public(self._calls.ticker_24hr(symbols=list(self._ours)))
        return {self._ours[item["symbol"]]: parse.rest_ticker(item) for item in body}

    async def book(self, symbol: Symbol, depth: int) -> BookView:
        """Read the best levels."""
        call = self._calls.depth(self._wire_name(symbol), limit=depth)
        return parse.book(await self._rest.public(call), self.now_ms())

    async def trades(self, symbol: Symbol, limit: int) -> list[PublicTrade]:
        """Read the newest trades, oldest first."""
        call = self._calls.trades(self._wire_name(symbol), limit=limit)
        return [parse.rest_trade(item) for item in await self._rest.public(call)]

    async def candles(
        self, symbol: Symbol, interval: Interval, start_ms: int | None, end_ms: int | None
    ) -> list[Candle]:
        """Read up to 1000 candles that open in [start, end), ascending; newest without bounds."""
        if not self.clock.tracks_wall:
            await self.sync_clock()  # which candles are closed is the venue's time to say
        call = self._calls.klines(
            self._wire_name(symbol),
            interval.value,
            startTime=start_ms,
            endTime=None if end_ms is None else end_ms - 1,
            limit=consts.MAX_KLINES,
        )
        rows = await self._rest.public(call)
        now_ms = self.now_ms()
        return [parse.candle_row(row, now_ms) for row in rows]

    def market_stream(
        self, symbols: list[Symbol], listener: MarketListener, silence_s: float
    ) -> StreamRunner:
        """Return the runner of one combined public stream over all the symbols."""
        names = [
            f"{self._wire_name(symbol).lower()}@{stream}"
            for symbol in symbols
            for stream in consts.PUBLIC_STREAMS
        ]
        dispatch = _PublicDispatch(self._ours, listener, self.clock)
        return StreamRunner(
            "binance-public",
            f"{self.route.stream_url}/stream?streams={'/'.join(names)}",
            dispatch,
            on_state=lambda connected, reason: listener.on_stream(
                connected=connected, reason=reason
            ),
            silence_s=silence_s,
        )

    def account_stream(self, credential: Credential, events: AccountEvents) -> StreamRunner:
        """Return the runner of one account's events (WebSocket API, signed subscription)."""

        async def subscribe(socket: ClientConnection) -> None:
            request = await user_stream_subscription(self._signer, credential, self.stamp_ms())
            await socket.send(orjson.dumps(request), text=True)

        async def hear(message: dict[str, Any]) -> None:
            if "status" in message:
                if message["status"] != 200:
                    raise StreamRefusedError(f"subscription refused: {message.get('error')}")
                events.on_stream(True, None)
                return
            await self._account_event(message.get("event") or message, events)

        def state(connected: bool, reason: str | None) -> None:
            if not connected:
                events.on_stream(False, reason)

        return StreamRunner(
            "binance-account",
            self.route.user_stream_url,
            hear,
            on_open=subscribe,
            on_state=state,
        )

    async def _account_event(self, event: Mapping[str, Any], events: AccountEvents) -> None:
        kind = event.get("e")
        if kind == "executionReport":
            symbol = self._ours.get(event["s"])
            if symbol is None:
                _LOG.error("venue_unlisted_symbol", symbol=event["s"])
                return
            await events.on_report(parse.execution_report(event, symbol))
        elif kind == "outboundAccountPosition":
            events.on_balances(parse.balances(event["B"], stream=True))
        elif kind == "eventStreamTerminated":
            raise StreamRefusedError("the venue ended the account's stream")

    # orders

    def draft_order(self, terms: OrderTerms, client_order_id: str) -> OrderDraft:
        """Write the order the venue's way, decimals plain, without I/O."""
        call = self._calls.new_order(
            symbol=self._wire_name(terms.symbol),
            side="BUY" if terms.side is Side.BUY else "SELL",
            type="MARKET" if terms.type is OrderType.MARKET else "LIMIT",
            timeInForce=(
                (terms.time_in_force or TimeInForce.GTC).value
                if terms.type is OrderType.LIMIT
                else None
            ),
            quantity=_plain(terms.quantity),
            quoteOrderQty=_plain(terms.quote_quantity),
            price=_plain(terms.price),
            newClientOrderId=client_order_id,
            newOrderRespType="FULL",
        )
        stamp_ms = self.stamp_ms()
        return OrderDraft(self._rest.stamped(call, stamp_ms), stamp_ms, consts.RECV_WINDOW_MS)

    async def sign_order(self, credential: Credential, draft: OrderDraft) -> SignedOrder:
        """Have the vault sign the draft."""
        return SignedOrder(draft, await self._rest.sign(credential, draft.call))

    async def submit_order(self, signed: SignedOrder, terms: OrderTerms) -> OrderReport:
        """Write the order to the socket exactly once."""
        body = await self._rest.submit(SignedCall(signed.draft.call, signed.signed))
        return _read(lambda: parse.order_report(body, terms.symbol, terms.side))

    async def cancel_order(
        self, credential: Credential, symbol: Symbol, client_order_id: str
    ) -> OrderReport:
        """Cancel by our id."""
        call = self._calls.cancel_order(self._wire_name(symbol), origClientOrderId=client_order_id)
        body = await self._rest.signed(credential, call)
        return _read(lambda: parse.order_report(body, symbol))

    async def query_order(
        self,
        credential: Credential,
        symbol: Symbol,
        *,
        client_order_id: str | None = None,
        venue_order_id: str | None = None,
    ) -> OrderReport:
        """Look one order up."""
        call = self._calls.get_order(
            self._wire_name(symbol),
            origClientOrderId=client_order_id,
            orderId=venue_order_id,
        )
        body = await self._rest.signed(credential, call)
        return _read(lambda: parse.order_report(body, symbol))

    async def open_orders(self, credential: Credential) -> list[OrderReport]:
        """Read all open orders of the account."""
        body = await self._rest.signed(credential, self._calls.get_open_orders())
        return [
            _read(partial(parse.order_report, item, self._ours[item["symbol"]]))
            for item in body
            if item["symbol"] in self._ours
        ]

    async def orders_since(
        self, credential: Credential, symbol: Symbol, since_ms: int | None
    ) -> list[OrderReport]:
        """Read a page of order history from a venue time on; the newest page without one."""
        call = self._calls.get_orders(
            self._wire_name(symbol), startTime=since_ms, limit=consts.MAX_ORDERS
        )
        body = await self._rest.signed(credential, call)
        return [_read(partial(parse.order_report, item, symbol)) for item in body]

    async def trades_since(
        self, credential: Credential, symbol: Symbol, since_ms: int | None
    ) -> list[Execution]:
        """Read all executions of a symbol from a venue time on, or all, paged by trade id."""
        name = self._wire_name(symbol)
        call = self._calls.my_trades(
            name,
            startTime=since_ms,
            fromId=0 if since_ms is None else None,
            limit=consts.MAX_TRADES,
        )
        found: list[Execution] = []
        while True:
            page = await self._rest.signed(credential, call)
            found += [parse.account_trade(item, symbol) for item in page]
            if len(page) < consts.MAX_TRADES:
                return found
            call = self._calls.my_trades(
                name, fromId=int(page[-1]["id"]) + 1, limit=consts.MAX_TRADES
            )

    async def trades_of(
        self, credential: Credential, symbol: Symbol, venue_order_id: str
    ) -> list[Execution]:
        """Read all executions of one order."""
        call = self._calls.my_trades(
            self._wire_name(symbol), orderId=venue_order_id, limit=consts.MAX_TRADES
        )
        body = await self._rest.signed(credential, call)
        return [parse.account_trade(item, symbol) for item in body]

    async def balances(self, credential: Credential) -> tuple[VenueBalance, ...]:
        """Read the account's balances."""
        body = await self._rest.signed(credential, self._calls.account(omitZeroBalances="true"))
        return parse.balances(body["balances"], stream=False)

    async def key_rights(self, credential: Credential) -> KeyRights:
        """Ask what the key may do, and whether the account may trade at all."""
        restrictions = await self._rest.signed(credential, self._calls.api_key_permissions())
        account = await self._rest.signed(credential, self._calls.account(omitZeroBalances="true"))
        return parse.key_rights(restrictions, account)

    def _wire_name(self, symbol: Symbol) -> str:
        try:
            return self._wire[symbol]
        except KeyError:
            raise VenueError(
                VenueErrorKind.SYMBOL_NOT_FOUND, f"{symbol} is not listed here"
            ) from None


class _PublicDispatch:
    """Reads each public message and hands it on, in the order of arrival."""

    def __init__(
        self,
        symbols: Mapping[str, Symbol],
        listener: MarketListener,
        clock: VenueClock,
    ) -> None:
        self._symbols = symbols
        self._listener = listener
        self._clock = clock

    def __call__(self, message: dict[str, Any]) -> None:
        """Handle one message of the combined stream; raises on a payload that cannot be read."""
        name, _, stream = str(message.get("stream", "")).partition("@")
        symbol = self._symbols.get(name.upper())
        if symbol is None:
            if name == "!serverShutdown":
                raise StreamRefusedError("the venue announced the end of the stream")
            return
        data = message["data"]
        if "E" in data:
            self._clock.hear(int(data["E"]))
        if stream == "kline_1m":
            self._listener.on_candle(symbol, parse.stream_candle(data["k"]), int(data["E"]))
        elif stream == "ticker":
            self._listener.on_ticker(symbol, parse.stream_ticker(data))
        elif stream.startswith("depth"):
            self._listener.on_book(symbol, parse.book(data, self._clock.now_ms()))
        elif stream == "trade":
            self._listener.on_trade(symbol, parse.stream_trade(data))


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _read(parsing: Callable[[], OrderReport]) -> OrderReport:
    """Read an answer about an order; one that cannot be read has an unknown outcome."""
    try:
        return parsing()
    except (KeyError, TypeError, ValueError, ArithmeticError) as failure:
        raise VenueError(
            VenueErrorKind.UNKNOWN_OUTCOME,
            f"the answer about the order could not be read: {type(failure).__name__}",
        ) from failure
