"""GET /api/v3/exchangeInfo: what is listed, with the filters the engine applies."""

from decimal import Decimal

from ct_simulator.domain.listing import Listing
from ct_simulator.wire.binance.limits import Limits
from ct_simulator.wire.binance.params import Params
from ct_simulator.wire.binance.venue import Json, Venue, eight, spelled

_AVERAGE_MINUTES = 5


def exchange_info(venue: Venue, params: Params) -> Json:
    """Return the rules of trading for the symbols asked for, or all."""
    listings, _ = venue.asked(params)
    halted = params.text("symbolStatus") not in {None, "TRADING"}
    return {
        "timezone": "UTC",
        "serverTime": venue.now_ms(),
        "rateLimits": rate_limits(venue.limits),
        "exchangeFilters": [],
        "symbols": [] if halted else [_symbol(listing) for listing in listings],
    }


def rate_limits(limits: Limits) -> list[Json]:
    """Spell the limits of weight and orders."""
    return [
        rate_limit("REQUEST_WEIGHT", "MINUTE", 1, limits.weight_1m),
        rate_limit("ORDERS", "SECOND", 10, limits.orders_10s),
        rate_limit("ORDERS", "DAY", 1, limits.orders_1d),
    ]


def rate_limit(kind: str, interval: str, number: int, limit: int) -> Json:
    """Spell one limit."""
    return {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}


def _symbol(listing: Listing) -> Json:
    return {
        "symbol": spelled(listing.symbol),
        "status": "TRADING",
        "baseAsset": listing.base,
        "baseAssetPrecision": 8,
        "quoteAsset": listing.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"],
        "icebergAllowed": False,
        "ocoAllowed": False,
        "otoAllowed": False,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": False,
        "amendAllowed": False,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _filters(listing),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "NONE",
        "allowedSelfTradePreventionModes": ["NONE"],
    }


def _filters(listing: Listing) -> list[Json]:
    up, down = str(listing.max_price_factor), str(listing.min_price_factor)
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": eight(listing.tick),
            "maxPrice": eight(listing.max_price),
            "tickSize": eight(listing.tick),
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": eight(listing.step),
            "maxQty": eight(listing.max_quantity),
            "stepSize": eight(listing.step),
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": eight(Decimal(0)),
            "maxQty": eight(listing.max_market_quantity),
            "stepSize": eight(Decimal(0)),
        },
        {
            "filterType": "PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp": up,
            "bidMultiplierDown": down,
            "askMultiplierUp": up,
            "askMultiplierDown": down,
            "avgPriceMins": _AVERAGE_MINUTES,
        },
        {
            "filterType": "NOTIONAL",
            "minNotional": eight(listing.min_notional),
            "applyMinToMarket": True,
            "maxNotional": eight(listing.max_notional),
            "applyMaxToMarket": False,
            "avgPriceMins": _AVERAGE_MINUTES,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": listing.max_open_orders},
    ]
