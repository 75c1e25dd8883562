"""Accounts, their commission and what their keys may do."""

from decimal import Decimal

from ct_simulator.domain.ledger import Balance
from ct_simulator.wire.binance.exchange_info import rate_limit
from ct_simulator.wire.binance.order_routes import no_discount
from ct_simulator.wire.binance.params import Params
from ct_simulator.wire.binance.venue import Caller, Json, Venue, eight, spelled

_FIRST_UID = 350_000_000  # user ids of the real venue have nine digits


def account(venue: Venue, params: Params, caller: Caller) -> Json:
    """GET /api/v3/account."""
    venue.exchange.settle_all()
    maker, taker = venue.exchange.maker_fee, venue.exchange.taker_fee
    mine = caller.account
    listed = {asset for item in venue.symbols.values() for asset in (item.base, item.quote)}
    omit_zero = params.text("omitZeroBalances") == "true"
    balances = {asset: mine.balances.get(asset, Balance()) for asset in listed | set(mine.balances)}
    return {
        "makerCommission": _basis_points(maker),
        "takerCommission": _basis_points(taker),
        "buyerCommission": 0,
        "sellerCommission": 0,
        "commissionRates": _rates(maker, taker),
        "canTrade": True,
        "canWithdraw": True,
        "canDeposit": True,
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": False,
        "updateTime": mine.updated_ms,
        "accountType": "SPOT",
        "balances": [
            {"asset": asset, "free": eight(balance.free), "locked": eight(balance.locked)}
            for asset, balance in sorted(balances.items())
            if not omit_zero or balance.free or balance.locked
        ],
        "permissions": ["SPOT"],
        "uid": _FIRST_UID + mine.number,
    }


def commission(venue: Venue, params: Params, caller: Caller) -> Json:
    """GET /api/v3/account/commission."""
    del caller  # everybody pays the same here
    listing = venue.listing(params)
    none = _rates(Decimal(0), Decimal(0))
    return {
        "symbol": spelled(listing.symbol),
        "standardCommission": _rates(venue.exchange.maker_fee, venue.exchange.taker_fee),
        "specialCommission": none,
        "taxCommission": none,
        "discount": no_discount(),
    }


def order_counts(venue: Venue, params: Params, caller: Caller) -> Json:
    """GET /api/v3/rateLimit/order."""
    del params
    ten_seconds, day = venue.limits.orders(caller.account.account_id)
    return [
        rate_limit("ORDERS", "SECOND", 10, venue.limits.orders_10s) | {"count": ten_seconds},
        rate_limit("ORDERS", "DAY", 1, venue.limits.orders_1d) | {"count": day},
    ]


def api_restrictions(venue: Venue, params: Params, caller: Caller) -> Json:
    """GET /sapi/v1/account/apiRestrictions."""
    del venue, params
    may = caller.key.permissions
    return {
        "ipRestrict": may.ip_restricted,
        "createTime": caller.key.created_ms,
        "enableReading": may.reading,
        "enableSpotAndMarginTrading": may.spot_trading,
        "enableWithdrawals": may.withdrawals,
        "enableInternalTransfer": may.internal_transfer,
        "permitsUniversalTransfer": may.internal_transfer,
        "enableMargin": may.margin,
        "enableFutures": may.futures,
        "enableVanillaOptions": False,
        "enablePortfolioMarginTrading": False,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
    }


def nothing(venue: Venue, params: Params, caller: Caller) -> Json:
    """Answer lists of what is not simulated, margin pairs and wallets, which ccxt asks for."""
    del venue, params, caller
    return []


def _rates(maker: Decimal, taker: Decimal) -> Json:
    return {
        "maker": eight(maker),
        "taker": eight(taker),
        "buyer": eight(0),
        "seller": eight(0),
    }


def _basis_points(fee: Decimal) -> int:
    return int(fee * 10_000)
