"""Binance's payloads -> our words. Pure; an order state or a fill we do not know raises."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ct_exchange_bridge.domain.market import (
    BookView,
    Candle,
    ListedInstrument,
    PublicTrade,
    TickerView,
)
from ct_exchange_bridge.domain.venue_error import VenueError, VenueErrorKind
from ct_exchange_bridge.domain.venue_report import (
    Execution,
    KeyRights,
    OrderReport,
    VenueBalance,
    VenueOrderStatus,
)
from ct_exchange_bridge.venues.binance import consts
from ct_exchange_bridge.venues.binance.wire import WireKline, WireOrder, WireSymbol, WireTrade
from ct_kit.domain import Instrument, Side, Symbol

_STATUS = {
    "NEW": VenueOrderStatus.OPEN,
    "PENDING_NEW": VenueOrderStatus.OPEN,
    "PARTIALLY_FILLED": VenueOrderStatus.PARTIAL,
    "FILLED": VenueOrderStatus.FILLED,
    "CANCELED": VenueOrderStatus.CANCELED,
    "PENDING_CANCEL": VenueOrderStatus.OPEN,
    "REJECTED": VenueOrderStatus.REJECTED,
    "EXPIRED": VenueOrderStatus.EXPIRED,
    "EXPIRED_IN_MATCH": VenueOrderStatus.EXPIRED,
}

_ENOUGH = Decimal(10) ** 15
"""Stands for a limit the venue switched off."""


def order_status(word: str) -> VenueOrderStatus:
    """Read an order's status; an unknown word raises, it may be money."""
    try:
        return _STATUS[word]
    except KeyError:
        raise VenueError(
            VenueErrorKind.NOT_UNDERSTOOD, f"the venue named an unknown order status {word!r}"
        ) from None


def side(word: str) -> Side:
    """Read BUY or SELL."""
    try:
        return {"BUY": Side.BUY, "SELL": Side.SELL}[word]
    except KeyError:
        raise VenueError(
            VenueErrorKind.NOT_UNDERSTOOD, f"the venue named an unknown side {word!r}"
        ) from None


def instrument(entry: WireSymbol) -> ListedInstrument:
    """Read one symbol of exchangeInfo with the filters that concern spot orders (filters.md)."""
    filters = {item["filterType"]: item for item in entry["filters"]}
    price, lot = filters.get("PRICE_FILTER", {}), filters.get("LOT_SIZE", {})
    market_lot = filters.get("MARKET_LOT_SIZE", {})
    notional = filters.get("NOTIONAL") or filters.get("MIN_NOTIONAL") or {}
    max_quantity = _decimal(lot, "maxQty") or _ENOUGH
    return ListedInstrument(
        instrument=Instrument(
            symbol=Symbol(entry["baseAsset"], entry["quoteAsset"]),
            venue=consts.VENUE,
            # A step of 0 switches the rule off; eight decimals is the venue's own precision.
            tick_size=_decimal(price, "tickSize") or Decimal("0.00000001"),
            step_size=_decimal(lot, "stepSize") or Decimal("0.00000001"),
            min_quantity=_decimal(lot, "minQty"),
            max_quantity=max_quantity,
            min_notional=_decimal(notional, "minNotional"),
        ),
        max_market_quantity=min(_decimal(market_lot, "maxQty") or _ENOUGH, max_quantity),
        trading=entry["status"] == "TRADING",
        wire_symbol=entry["symbol"],
    )


def _decimal(source: Mapping[str, Any], name: str) -> Decimal:
    return Decimal(str(source.get(name, "0"))).normalize() + 0


def candle_row(row: WireKline, venue_now_ms: int) -> Candle:
    """Read one row of /klines; it is closed when its close time has passed at the venue."""
    return Candle(
        int(row[0]),
        float(row[1]),
        float(row[2]),
        float(row[3]),
        float(row[4]),
        float(row[5]),
        closed=int(row[6]) < venue_now_ms,
    )


def stream_candle(kline: Mapping[str, Any]) -> Candle:
    """Read `k` of a kline event; `x` says whether it is closed."""
    return Candle(
        kline["t"],
        float(kline["o"]),
        float(kline["h"]),
        float(kline["l"]),
        float(kline["c"]),
        float(kline["v"]),
        closed=kline["x"] is True,
    )


def stream_ticker(data: Mapping[str, Any]) -> TickerView:
    """Read a 24hrTicker event."""
    return TickerView(
        last=Decimal(data["c"]),
        bid=Decimal(data["b"]),
        ask=Decimal(data["a"]),
        open_24h=Decimal(data["o"]),
        high_24h=Decimal(data["h"]),
        low_24h=Decimal(data["l"]),
        volume_24h=Decimal(data["v"]),
        quote_volume_24h=Decimal(data["q"]),
        time_ms=int(data["E"]),
    )


def rest_ticker(data: Mapping[str, Any]) -> TickerView:
    """Read one symbol of /ticker/24hr."""
    return TickerView(
        last=Decimal(data["lastPrice"]),
        bid=Decimal(data["bidPrice"]),
        ask=Decimal(data["askPrice"]),
        open_24h=Decimal(data["openPrice"]),
        high_24h=Decimal(data["highPrice"]),
        low_24h=Decimal(data["lowPrice"]),
        volume_24h=Decimal(data["volume"]),
        quote_volume_24h=Decimal(data["quoteVolume"]),
        time_ms=int(data["closeTime"]),
    )


def book(data: Mapping[str, Any], time_ms: int) -> BookView:
    """Read a depth snapshot or a partial depth event; the payload has no time of its own."""
    return BookView(bids=_levels(data["bids"]), asks=_levels(data["asks"]), time_ms=time_ms)


def _levels(levels: Iterable[Iterable[str]]) -> tuple[tuple[Decimal, Decimal], ...]:
    return tuple((Decimal(price), Decimal(quantity)) for price, quantity in levels)


def stream_trade(data: Mapping[str, Any]) -> PublicTrade:
    """Read a trade event; when the buyer is the maker, the taker sold."""
    return PublicTrade(
        id=str(data["t"]),
        time_ms=int(data["T"]),
        price=Decimal(data["p"]),
        quantity=Decimal(data["q"]),
        taker_side=Side.SELL if data["m"] else Side.BUY,
    )


def rest_trade(data: Mapping[str, Any]) -> PublicTrade:
    """Read one entry of /trades."""
    return PublicTrade(
        id=str(data["id"]),
        time_ms=int(data["time"]),
        price=Decimal(data["price"]),
        quantity=Decimal(data["qty"]),
        taker_side=Side.SELL if data["isBuyerMaker"] else Side.BUY,
    )


def order_report(entry: WireOrder, symbol: Symbol, asked_side: Side | None = None) -> OrderReport:
    """Read an order from any REST answer; the answer to a cancel names ours `origClientOrderId`.

    `fills` of a FULL answer carry no maker flag: they were taken on arrival.
    """
    found_side = side(entry["side"]) if "side" in entry else asked_side
    time_ms = int(entry.get("updateTime") or entry.get("transactTime") or 0)
    executions = tuple(
        Execution(
            trade_id=str(item["tradeId"]),
            venue_order_id=str(entry["orderId"]),
            symbol=symbol,
            side=_known(found_side),
            price=Decimal(item["price"]),
            quantity=Decimal(item["qty"]),
            quote_quantity=Decimal(item["price"]) * Decimal(item["qty"]),
            commission=Decimal(item["commission"]),
            commission_asset=item["commissionAsset"],
            maker=False,
            time_ms=time_ms,
        )
        for item in entry.get("fills", ())
    )
    status = order_status(entry["status"]) if "status" in entry else VenueOrderStatus.ACCEPTED
    return OrderReport(
        client_order_id=entry.get("origClientOrderId") or entry["clientOrderId"],
        venue_order_id=str(entry["orderId"]),
        symbol=symbol,
        side=found_side,
        status=status,
        quantity=Decimal(entry["origQty"]) if "origQty" in entry else None,
        executed_quantity=Decimal(entry["executedQty"]) if "executedQty" in entry else None,
        time_ms=time_ms,
        executions=executions,
        reason=entry.get("expiryReason"),
    )


def _known(found: Side | None) -> Side:
    if found is None:
        raise VenueError(VenueErrorKind.NOT_UNDERSTOOD, "an execution came without a side")
    return found


def account_trade(entry: WireTrade, symbol: Symbol) -> Execution:
    """Read one entry of /myTrades."""
    return Execution(
        trade_id=str(entry["id"]),
        venue_order_id=str(entry["orderId"]),
        symbol=symbol,
        side=Side.BUY if entry["isBuyer"] else Side.SELL,
        price=Decimal(entry["price"]),
        quantity=Decimal(entry["qty"]),
        quote_quantity=Decimal(entry["quoteQty"]),
        commission=Decimal(entry["commission"]),
        commission_asset=entry["commissionAsset"],
        maker=entry["isMaker"],
        time_ms=int(entry["time"]),
    )


def execution_report(event: Mapping[str, Any], symbol: Symbol) -> OrderReport:
    """Read an executionReport (user-data-stream.md): for a cancel our id is in `C`, else in `c`."""
    canceled = event["x"] == "CANCELED" and bool(event["C"])
    executions: tuple[Execution, ...] = ()
    if event["x"] == "TRADE":
        quantity, price = Decimal(event["l"]), Decimal(event["L"])
        executions = (
            Execution(
                trade_id=str(event["t"]),
                venue_order_id=str(event["i"]),
                symbol=symbol,
                side=side(event["S"]),
                price=price,
                quantity=quantity,
                quote_quantity=Decimal(event["Y"]) if event.get("Y") else price * quantity,
                commission=Decimal(event["n"] or "0"),
                commission_asset=event["N"] or symbol.quote,
                maker=bool(event["m"]),
                time_ms=int(event["T"]),
            ),
        )
    return OrderReport(
        client_order_id=event["C"] if canceled else event["c"],
        venue_order_id=str(event["i"]),
        symbol=symbol,
        side=side(event["S"]),
        status=order_status(event["X"]),
        quantity=Decimal(event["q"]),
        executed_quantity=Decimal(event["z"]),
        time_ms=int(event["T"]),
        executions=executions,
        reason=None if event["r"] == "NONE" else event["r"],
    )


def balances(entries: Iterable[Mapping[str, Any]], *, stream: bool) -> tuple[VenueBalance, ...]:
    """Read balances of /account or of an outboundAccountPosition event."""
    asset, free, locked = ("a", "f", "l") if stream else ("asset", "free", "locked")
    return tuple(
        VenueBalance(item[asset], Decimal(item[free]), Decimal(item[locked])) for item in entries
    )


def key_rights(restrictions: Mapping[str, Any], account: Mapping[str, Any]) -> KeyRights:
    """Join apiRestrictions and the account; transfers out count as withdrawing."""
    return KeyRights(
        can_read=restrictions.get("enableReading") is True,
        can_trade=(
            restrictions.get("enableSpotAndMarginTrading") is True
            and account.get("canTrade") is True
        ),
        can_withdraw=any(
            restrictions.get(right) is True
            for right in (
                "enableWithdrawals",
                "enableInternalTransfer",
                "permitsUniversalTransfer",
            )
        ),
        ip_restricted=restrictions.get("ipRestrict") is True,
    )


def error(
    status: int, code: int | None, message: str, retry_after_s: float | None = None
) -> VenueError:
    """Place an error answer in the common taxonomy: status first, then code, then text.

    A 5xx says nothing about the outcome whatever its body claims (rest-api.md). A code nobody has
    mapped is NOT_UNDERSTOOD: loud, and never a refusal of an order.
    """
    kind = consts.HTTP_STATUS.get(status)
    if kind is None:
        kind = VenueErrorKind.UNKNOWN_OUTCOME if status >= 500 else _coded(code, message)
    return VenueError(
        kind,
        message,
        code=code,
        status=status,
        retry_after_s=retry_after_s,
        not_accepted=status < 500 and code in consts.NOT_ACCEPTED,
    )


def _coded(code: int | None, message: str) -> VenueErrorKind:
    if code is None:
        return VenueErrorKind.NOT_UNDERSTOOD
    text = message.lower()
    for words, meaning in consts.MESSAGES.get(code, ()):
        if words in text:
            return meaning
    return consts.ERROR_CODES.get(code, VenueErrorKind.NOT_UNDERSTOOD)
