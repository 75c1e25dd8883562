"""What the demo shows, as data."""

from dataclasses import dataclass
from typing import Any

BALANCES = {"USDT": "10000", "BTC": "0.1"}

MARKET_ORDERS = (
    {"symbol": "BTC-USDT", "side": "buy", "quote_quantity": "1500"},
    {"symbol": "ETH-USDT", "side": "buy", "quote_quantity": "1200"},
    {"symbol": "BTC-USDT", "side": "sell", "quantity": "0.02"},
    {"symbol": "SOL-USDT", "side": "buy", "quote_quantity": "400"},
)
RESTING_SYMBOL = "BTC-USDT"
RESTING_BELOW = "0.97"  # of the last price: near enough to be seen in the book's neighbourhood
RESTING_QUANTITY = "0.005"


@dataclass(frozen=True, slots=True)
class DemoBot:
    """One bot of the demo."""

    label: str
    strategy: str
    symbol: str
    budget: str
    parameters: dict[str, Any]


# short periods and narrow ranges, so that a visitor sees the first trades within minutes
BOTS = (
    DemoBot("Trend on Bitcoin", "ema_cross", "BTC-USDT", "1000", {"fast": 3, "slow": 8}),
    DemoBot(
        "Grid on Ether",
        "grid",
        "ETH-USDT",
        "1200",
        {"levels": 10, "range_below_percent": 2.0, "range_above_percent": 2.0},
    ),
    DemoBot(
        "Buy the dips of Solana",
        "dca",
        "SOL-USDT",
        "800",
        {"safety_orders": 3, "deviation_percent": 0.5, "take_profit_percent": 0.6},
    ),
)

BACKTEST = {
    "symbol": "BTC-USDT",
    "interval": "5m",
    "candles": 10_000,
    "strategy": "ema_cross",
    "parameters": {"fast": 12, "slow": 48},
    "budget": "1000",
}
TRAINING = {"symbol": "BTC-USDT", "interval": "5m", "candles": 5_000, "horizon": 12, "folds": 3}
