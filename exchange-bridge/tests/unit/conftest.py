"""Builders of domain objects for unit tests."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ct_exchange_bridge.domain.market import ListedInstrument
from ct_exchange_bridge.domain.order import Fill, OrderTerms
from ct_exchange_bridge.domain.risk import Limits, OperatorLimits, Situation
from ct_kit.domain import Instrument, Mode, OrderType, Side, Symbol

BTC = Symbol("BTC", "USDT")


@pytest.fixture
def listed() -> ListedInstrument:
    return ListedInstrument(
        instrument=Instrument(
            symbol=BTC,
            venue="binance",
            tick_size=Decimal("0.01"),
            step_size=Decimal("0.00001"),
            min_quantity=Decimal("0.00001"),
            max_quantity=Decimal(9000),
            min_notional=Decimal(5),
        ),
        max_market_quantity=Decimal(100),
        trading=True,
        wire_symbol="BTCUSDT",
    )


@pytest.fixture
def situation(listed: ListedInstrument) -> Callable[..., Situation]:
    def make(**changes: Any) -> Situation:
        values: dict[str, Any] = {
            "listed": listed,
            "limits": Limits(),
            "operator": OperatorLimits(
                max_order_notional=Decimal(1_000_000),
                max_open_orders=10,
                max_orders_per_minute=10,
                price_collar=Decimal("0.1"),
            ),
            "halts": (),
            "last_price": Decimal(50_000),
            "expected_price": Decimal(50_000),
            "stale": False,
            "open_orders": 0,
            "orders_last_minute": 0,
            "available": Decimal(10_000_000),
        }
        return Situation(**(values | changes))

    return make


@pytest.fixture
def terms() -> Callable[..., OrderTerms]:
    def make(**changes: Any) -> OrderTerms:
        values: dict[str, Any] = {"symbol": BTC, "side": Side.BUY, "type": OrderType.MARKET}
        values |= changes
        if "quantity" not in values and "quote_quantity" not in values:
            values["quantity"] = Decimal("0.01")
        return OrderTerms(**values)

    return make


@pytest.fixture
def fill() -> Callable[..., Fill]:
    count = iter(range(1_000_000))

    def make(side: Side, quantity: str, price: str, **changes: Any) -> Fill:
        number = next(count)
        amount, at_price = Decimal(quantity), Decimal(price)
        values: dict[str, Any] = {
            "id": f"fil_{number}",
            "owner": "usr_a",
            "account_id": "acc_a",
            "mode": Mode.PAPER,
            "venue": "binance",
            "venue_trade_id": str(number),
            "venue_order_id": "1",
            "order_id": "ord_a",
            "bot_id": None,
            "symbol": BTC,
            "side": side,
            "price": at_price,
            "quantity": amount,
            "quote_quantity": amount * at_price,
            "commission": Decimal(0),
            "commission_asset": "USDT",
            "commission_value": Decimal(0),
            "maker": False,
            "at": datetime.fromtimestamp(1_700_000_000 + number, UTC),
        }
        return Fill(**(values | changes))

    return make


@pytest.fixture
def recorded() -> Callable[[str], Any]:
    """Return a reader of the payloads recorded from the venue or its documents."""
    folder = Path(__file__).parents[4] / "shared" / "venues" / "fixtures" / "binance"

    def read(name: str) -> Any:
        path = folder / name
        if not path.exists():
            pytest.skip(f"the recorded payloads are not on this machine: {name}")
        return json.loads(path.read_text())

    return read
