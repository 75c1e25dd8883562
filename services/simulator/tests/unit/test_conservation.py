"""Whatever is traded, nothing appears and nothing is lost."""

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ct_simulator.adapters.truth_log import TruthLog
from ct_simulator.domain.orders import OrderRequest, OrderType, Side, TimeInForce
from ct_simulator.errors import OrderRefused, UnknownOrder

OPENING = {"USDT": Decimal(10_000), "BTC": Decimal(1)}

orders = st.builds(
    OrderRequest,
    st.just("BTC-USDT"),
    st.sampled_from(Side),
    st.sampled_from([OrderType.LIMIT, OrderType.LIMIT_MAKER]),
    st.sampled_from(TimeInForce),
    st.decimals("0.0005", "0.3", places=5),
    st.none(),
    st.decimals("48000", "52000", places=2),
)
markets = st.builds(
    OrderRequest,
    st.just("BTC-USDT"),
    st.sampled_from(Side),
    st.just(OrderType.MARKET),
    quantity=st.decimals("0.0005", "0.3", places=5),
)
spends = st.builds(
    OrderRequest,
    st.just("BTC-USDT"),
    st.sampled_from(Side),
    st.just(OrderType.MARKET),
    quote_quantity=st.decimals("5", "9000", places=2),
)
actions = st.lists(
    st.one_of(orders, markets, spends, st.just("step"), st.integers(1, 30)), max_size=40
)


def sums(account: Any) -> dict[str, Decimal]:
    """Add up what every fill says the account should hold."""
    held = dict(OPENING)
    for fill in account.fills:
        sign = 1 if fill.side is Side.BUY else -1
        held["BTC"] += sign * fill.quantity
        held["USDT"] -= sign * fill.price * fill.quantity
        held[fill.commission_asset] -= fill.commission
    return held


def check(account: Any) -> None:
    held = sums(account)
    for asset, side in (("USDT", Side.BUY), ("BTC", Side.SELL)):
        balance = account.balance(asset)
        promised = sum(o.locked for o in account.open_orders.values() if o.side is side)
        assert balance.free + balance.locked == held[asset]
        assert balance.locked == promised
        assert balance.free >= 0
    for order in account.orders.values():
        assert order.executed == sum(fill.quantity for fill in order.fills)
        assert order.executed <= order.quantity
        assert order.status.is_open == (order.order_id in account.open_orders)
        if not order.status.is_open:
            assert order.locked == 0
    trade_ids = [fill.trade_id for fill in account.fills]
    assert len(set(trade_ids)) == len(trade_ids)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(actions, st.integers(0, 2**32 - 1))
def test_balances_follow_from_fills_and_the_log_alone_rebuilds_them(
    candles_of: Callable[..., Any],
    bench_of: Callable[..., Any],
    tmp_path: Path,
    script: list[Any],
    seed: int,
) -> None:
    random = np.random.default_rng(seed)
    closes = 50_000 * np.exp(np.cumsum(random.normal(0, 0.01, 60))).round(4)
    rows = []
    for opened, closed in pairwise(closes):
        high, low = max(opened, closed) * 1.004, min(opened, closed) * 0.996
        rows.append((round(opened, 2), round(high, 2), round(low, 2), round(closed, 2), 0.4))
    (tmp_path / "truth.jsonl").unlink(missing_ok=True)
    bench = bench_of(candles_of(*rows), best_level_quote=2_000.0)
    for action in script:
        if action == "step":
            bench.step()
        elif isinstance(action, int):
            order = bench.account.orders.get(action)
            if order is not None:
                try:
                    bench.exchange.cancel(order, None)
                except UnknownOrder:
                    assert not order.status.is_open
        else:
            try:
                bench.exchange.place(bench.account, action)
            except OrderRefused:
                continue
        check(bench.account)
    log = TruthLog(tmp_path / "truth.jsonl")
    try:
        assert log.rebuild().accounts == bench.exchange.ledger.accounts
    finally:
        log.close()


def test_the_checker_would_notice_a_wrong_balance(
    candles_of: Callable[..., Any], bench_of: Callable[..., Any]
) -> None:
    flat = (50_000.0, 50_000.0, 50_000.0, 50_000.0, 1.0)
    bench = bench_of(candles_of(flat, flat))
    bench.account.balance("USDT").free += Decimal("0.00000001")
    with pytest.raises(AssertionError):
        check(bench.account)
