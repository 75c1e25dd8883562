"""What the simulated venue lists: steps, limits, and what its price is like.

Steps of 10**-digits only, as every listed symbol has at the real venue; so prices and
quantities are whole numbers of ticks and steps wherever speed matters.
"""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

QUOTE_ASSET = "USDT"
ASSET_PRECISION = Decimal("0.00000001")  # eight digits of every balance, as Binance keeps


@dataclass(frozen=True, slots=True)
class Listing:
    """Describe one listed symbol; quantities in base, notional in quote."""

    symbol: str
    price_digits: int
    quantity_digits: int
    max_quantity: Decimal
    max_market_quantity: Decimal
    reference_price: Decimal
    """Level on the anchor day of synthetic prices."""
    daily_volatility: float
    """Standard deviation of a day's log return."""
    market_share: float
    """Part of the variance that is the whole market's, 0 to 1."""
    minute_turnover: float
    """Usual quote volume of one minute."""
    min_notional: Decimal = Decimal(5)
    max_notional: Decimal = Decimal(9_000_000)
    min_price_factor: Decimal = Decimal("0.2")
    max_price_factor: Decimal = Decimal(5)
    max_open_orders: int = 200

    @property
    def base(self) -> str:
        """Name the asset that is bought and sold."""
        return self.symbol.split("-")[0]

    @property
    def quote(self) -> str:
        """Name the asset that is paid with."""
        return self.symbol.split("-")[1]

    @property
    def tick(self) -> Decimal:
        """Return the smallest price step."""
        return Decimal(1).scaleb(-self.price_digits)

    @property
    def step(self) -> Decimal:
        """Return the smallest quantity step, which is also the smallest quantity."""
        return Decimal(1).scaleb(-self.quantity_digits)

    @property
    def max_price(self) -> Decimal:
        """Return the highest price an order may carry: 10**8 ticks, as venues set it."""
        return self.tick * 10**8

    def price(self, ticks: int) -> Decimal:
        """Turn whole ticks into a price."""
        return Decimal(ticks).scaleb(-self.price_digits)

    def quantity(self, steps: int) -> Decimal:
        """Turn whole steps into a quantity."""
        return Decimal(steps).scaleb(-self.quantity_digits)

    def ticks(self, price: float) -> int:
        """Turn a market price into the nearest whole ticks."""
        return round(price * 10.0**self.price_digits)

    def steps(self, quantity: Decimal) -> int:
        """Turn a quantity into whole steps, rounding down."""
        return int(quantity.scaleb(self.quantity_digits).to_integral_value(ROUND_DOWN))


def _listing(
    symbol: str,
    digits: tuple[int, int],
    maxima: tuple[str, str],
    price: str,
    nature: tuple[float, float, float],
) -> Listing:
    return Listing(
        symbol=symbol,
        price_digits=digits[0],
        quantity_digits=digits[1],
        max_quantity=Decimal(maxima[0]),
        max_market_quantity=Decimal(maxima[1]),
        reference_price=Decimal(price),
        daily_volatility=nature[0],
        market_share=nature[1],
        minute_turnover=nature[2],
    )


# Steps and maxima as Binance listed them in 2024; levels, volatility and turnover are round
# numbers of the same order as the real markets of late 2025.
LISTINGS = {
    listing.symbol: listing
    for listing in (
        _listing("BTC-USDT", (2, 5), ("9000", "120"), "95000", (0.024, 0.85, 1_200_000.0)),
        _listing("ETH-USDT", (2, 4), ("9000", "3000"), "3200", (0.034, 0.75, 800_000.0)),
        _listing("SOL-USDT", (2, 3), ("90000", "20000"), "150", (0.042, 0.62, 300_000.0)),
        _listing("BNB-USDT", (2, 3), ("9000", "4000"), "900", (0.026, 0.60, 150_000.0)),
        _listing("XRP-USDT", (4, 1), ("9222449", "1200000"), "2.2", (0.043, 0.55, 250_000.0)),
        _listing("ADA-USDT", (4, 1), ("900000", "900000"), "0.55", (0.045, 0.60, 80_000.0)),
    )
}


def listing_for_replay(symbol: str, typical_price: float) -> Listing:
    """Return the listing of a replayed symbol, made up from its price when it is not listed."""
    if symbol in LISTINGS:
        return LISTINGS[symbol]
    price_digits = 2 if typical_price > 10 else 4 if typical_price > 0.1 else 8
    quantity_digits = 4 if typical_price > 1000 else 2 if typical_price > 1 else 0
    return Listing(
        symbol=symbol,
        price_digits=price_digits,
        quantity_digits=quantity_digits,
        max_quantity=Decimal(90_000_000),
        max_market_quantity=Decimal(9_000_000),
        reference_price=Decimal(repr(typical_price)),
        daily_volatility=0.05,
        market_share=0.5,
        minute_turnover=100_000.0,
    )
