"""What every Binance route works with, and Binance's spelling of symbols and numbers."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from ct_simulator.app.exchange import Exchange
from ct_simulator.app.history import History
from ct_simulator.app.market import Market
from ct_simulator.domain.faults import FaultBox
from ct_simulator.domain.keys import ApiKey
from ct_simulator.domain.ledger import Account
from ct_simulator.domain.listing import Listing
from ct_simulator.ports import Keys
from ct_simulator.wire.binance.errors import BAD_SYMBOL, WireError, missing
from ct_simulator.wire.binance.limits import Limits
from ct_simulator.wire.binance.params import Params

Json: TypeAlias = Any


@dataclass(slots=True)
class Venue:
    """The simulated Binance."""

    exchange: Exchange
    history: History
    keys: Keys
    limits: Limits
    faults: FaultBox
    symbols: dict[str, Listing] = field(init=False)

    def __post_init__(self) -> None:
        self.symbols = {
            spelled(listing.symbol): listing for listing in self.market.listings.values()
        }

    @property
    def market(self) -> Market:
        """Return the market."""
        return self.exchange.market

    def now_ms(self) -> int:
        """Return the venue's time."""
        return self.market.clock.now_ms()

    def listing(self, params: Params) -> Listing:
        """Return the listing of the `symbol` parameter; raises -1102 or -1121."""
        name = params.symbol()
        if name is None:
            raise missing("symbol")
        return self.named(name)

    def named(self, name: str) -> Listing:
        """Return a listing by Binance's spelling; raises -1121."""
        listing = self.symbols.get(name)
        if listing is None:
            raise WireError(*BAD_SYMBOL)
        return listing

    def asked(self, params: Params) -> tuple[list[Listing], bool]:
        """Return the listings of `symbol` or `symbols` or all, and whether one was named."""
        one, many = params.symbol(), params.symbols()
        if one is not None and many is not None:
            raise WireError(-1128, "Combination of optional parameters invalid.")
        if one is not None:
            return [self.named(one)], True
        if many is not None:
            return [self.named(name) for name in many], False
        return list(self.symbols.values()), False


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed a request."""

    account: Account
    key: ApiKey


def spelled(symbol: str) -> str:
    """Spell a symbol as Binance does: BTC-USDT is BTCUSDT."""
    return symbol.replace("-", "")


def eight(number: Decimal | float) -> str:
    """Write a number with eight digits behind the point, as Binance writes amounts."""
    return f"{number:.8f}"
