"""The limits a venue sets on orders, in the order Binance checks its filters."""

from decimal import Decimal

from ct_simulator.domain.listing import Listing
from ct_simulator.domain.orders import OrderRequest, OrderType
from ct_simulator.errors import OrderRefused, Reason


def check_price(listing: Listing, price: Decimal, average: Decimal) -> None:
    """Refuse a price off the tick, out of range, or too far from the market's average.

    Bids and asks have the same band, as on Binance's main markets.
    """
    if price < listing.tick or price > listing.max_price or price % listing.tick:
        raise OrderRefused(Reason.PRICE_STEP)
    too_low = price < average * listing.min_price_factor
    if too_low or price > average * listing.max_price_factor:
        raise OrderRefused(Reason.PRICE_BAND)


def check_quantity(listing: Listing, quantity: Decimal, *, market: bool) -> None:
    """Refuse a quantity off the step or out of range; market orders have a lower maximum."""
    if quantity < listing.step or quantity > listing.max_quantity or quantity % listing.step:
        raise OrderRefused(Reason.QUANTITY_STEP)
    if market and quantity > listing.max_market_quantity:
        raise OrderRefused(Reason.MARKET_QUANTITY)


def check_notional(listing: Listing, notional: Decimal, *, market: bool) -> None:
    """Refuse orders worth too little, and limit orders worth too much."""
    if notional < listing.min_notional or (not market and notional > listing.max_notional):
        raise OrderRefused(Reason.NOTIONAL)


def check_request(
    listing: Listing, request: OrderRequest, average: Decimal, open_orders: int
) -> None:
    """Refuse an order that breaks a limit of its symbol.

    `average` is the average price of the last five minutes, which values market orders.
    Raises OrderRefused with the first limit broken.
    """
    market = request.type is OrderType.MARKET
    if request.price is not None:
        check_price(listing, request.price, average)
    if request.quantity is not None:
        check_quantity(listing, request.quantity, market=market)
        check_notional(listing, request.quantity * (request.price or average), market=market)
    elif request.quote_quantity is not None:
        check_notional(listing, request.quote_quantity, market=market)
    if not market and open_orders >= listing.max_open_orders:
        raise OrderRefused(Reason.TOO_MANY_OPEN)
