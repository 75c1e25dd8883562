"""The payloads as Binance spells them; only the fields we read."""

from typing import Any, NotRequired, TypedDict

WireFilter = dict[str, Any]
WireKline = list[Any]
"""[open time, open, high, low, close, volume, close time, quote volume, trades, ...]"""


class WireSymbol(TypedDict):
    """One entry of exchangeInfo."""

    symbol: str
    status: str
    baseAsset: str
    quoteAsset: str
    filters: list[WireFilter]


class WireFillOfOrder(TypedDict):
    """One entry of `fills` in a FULL answer."""

    price: str
    qty: str
    commission: str
    commissionAsset: str
    tradeId: int


class WireOrder(TypedDict):
    """An order in any REST answer; `cummulativeQuoteQty` is the venue's spelling."""

    symbol: str
    orderId: int
    clientOrderId: str
    origClientOrderId: NotRequired[str]
    status: NotRequired[str]
    side: NotRequired[str]
    origQty: NotRequired[str]
    executedQty: NotRequired[str]
    cummulativeQuoteQty: NotRequired[str]
    transactTime: NotRequired[int]
    updateTime: NotRequired[int]
    expiryReason: NotRequired[str]
    fills: NotRequired[list[WireFillOfOrder]]


class WireTrade(TypedDict):
    """One entry of myTrades."""

    symbol: str
    id: int
    orderId: int
    price: str
    qty: str
    quoteQty: str
    commission: str
    commissionAsset: str
    time: int
    isBuyer: bool
    isMaker: bool
