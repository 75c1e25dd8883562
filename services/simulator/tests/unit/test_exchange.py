"""Orders of every kind against a known market."""

import asyncio
import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from ct_simulator.domain.orders import OrderRequest, OrderStatus, OrderType, Side, TimeInForce
from ct_simulator.errors import OrderRefused, Reason, UnknownOrder

D = Decimal
FLAT = (50_000.0, 50_000.0, 50_000.0, 50_000.0, 10.0)


@pytest.fixture
def flat(candles_of: Callable[..., Any], bench_of: Callable[..., Any]) -> Any:
    return bench_of(candles_of(FLAT, FLAT, FLAT))


def limit(side: Side, quantity: str, price: str, **changes: Any) -> OrderRequest:
    values = {"quantity": D(quantity), "price": D(price), **changes}
    return OrderRequest("BTC-USDT", side, values.pop("type", OrderType.LIMIT), **values)


def market(side: Side, **amounts: Decimal) -> OrderRequest:
    return OrderRequest("BTC-USDT", side, OrderType.MARKET, **amounts)


def refusal(bench: Any, request: OrderRequest) -> Reason:
    before = bench.truth.position
    with pytest.raises(OrderRefused) as caught:
        bench.exchange.place(bench.account, request)
    assert bench.truth.position == before, "a refused order leaves no trace"
    return caught.value.reason


def test_market_buy_pays_the_ask_and_commission_in_what_it_received(flat: Any) -> None:
    order = flat.exchange.place(flat.account, market(Side.BUY, quantity=D("0.1")))
    (fill,) = order.fills
    assert (fill.price, fill.quantity) == (D("50005.00"), D("0.1"))
    assert (fill.commission, fill.commission_asset) == (D("0.00010000"), "BTC")
    assert order.status is OrderStatus.FILLED
    assert flat.balance("USDT") == (D("4999.5"), 0)
    assert flat.balance("BTC") == (D("1.0999"), 0)


def test_an_order_and_what_it_takes_at_once_carry_one_time_however_fast_the_clock(
    flat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticking = itertools.count(flat.market.clock.now_ms())
    monkeypatch.setattr(flat.market.clock, "now_ms", lambda: next(ticking))
    order = flat.exchange.place(flat.account, market(Side.BUY, quantity=D("0.1")))
    assert [fill.time_ms for fill in order.fills] == [order.created_ms]


def test_market_sell_receives_the_bid_less_commission(flat: Any) -> None:
    flat.exchange.place(flat.account, market(Side.SELL, quantity=D("0.1")))
    assert flat.balance("BTC") == (D("0.9"), 0)
    assert flat.balance("USDT") == (D(10_000) + D("4999.50") - D("4.99950000"), 0)


def test_market_buy_by_quote_spends_no_more_than_said(flat: Any) -> None:
    order = flat.exchange.place(flat.account, market(Side.BUY, quote_quantity=D(1000)))
    assert order.quantity == D("0.01999")
    assert order.executed_quote == D("0.01999") * D("50005.00")
    assert order.status is OrderStatus.FILLED


def test_market_order_on_a_thin_book_expires_with_what_it_got(
    candles_of: Callable[..., Any], bench_of: Callable[..., Any]
) -> None:
    bench = bench_of(candles_of(FLAT, FLAT), best_level_quote=20.0)
    order = bench.exchange.place(bench.account, market(Side.SELL, quantity=D(1)))
    assert order.status is OrderStatus.EXPIRED
    assert 0 < order.executed < 1
    assert len(order.fills) > 10
    assert bench.balance("BTC") == (1 - order.executed, 0)


def test_what_an_order_took_is_missing_for_the_next_one_until_the_market_moves(
    candles_of: Callable[..., Any], bench_of: Callable[..., Any]
) -> None:
    bench = bench_of(candles_of(FLAT, FLAT), best_level_quote=1000.0)
    first = bench.exchange.place(bench.account, market(Side.SELL, quantity=D("0.1")))
    second = bench.exchange.place(bench.account, market(Side.SELL, quantity=D("0.01")))
    assert second.fills[0].price < first.fills[0].price
    bench.step()
    third = bench.exchange.place(bench.account, market(Side.SELL, quantity=D("0.01")))
    assert third.fills[0].price == first.fills[0].price


def test_crossing_limit_fills_at_the_books_price_and_frees_the_rest(flat: Any) -> None:
    order = flat.exchange.place(flat.account, limit(Side.BUY, "0.1", "51000"))
    assert order.fills[0].price == D("50005.00")
    assert flat.balance("USDT") == (D("4999.5"), 0)


def test_resting_limit_locks_its_price_and_cancel_frees_it(flat: Any) -> None:
    order = flat.exchange.place(flat.account, limit(Side.BUY, "0.1", "49000"))
    assert order.status is OrderStatus.NEW
    assert flat.balance("USDT") == (D(5100), D(4900))
    flat.exchange.cancel(order, None)
    assert order.status is OrderStatus.CANCELED
    assert flat.balance("USDT") == (D(10_000), 0)
    with pytest.raises(UnknownOrder):
        flat.exchange.cancel(order, None)


def test_resting_orders_fill_when_the_price_trades_through_them_not_when_it_touches(
    candles_of: Callable[..., Any], bench_of: Callable[..., Any]
) -> None:
    dip = (50_000.0, 50_100.0, 49_000.0, 49_500.0, 10.0)
    bench = bench_of(candles_of(dip, FLAT, FLAT))
    touched = bench.exchange.place(bench.account, limit(Side.BUY, "0.01", "49000"))
    through = bench.exchange.place(bench.account, limit(Side.BUY, "0.01", "49000.01"))
    above = bench.exchange.place(bench.account, limit(Side.SELL, "0.01", "50099.99"))
    bench.step()
    assert touched.status is OrderStatus.NEW
    assert through.status is above.status is OrderStatus.FILLED
    (fill,) = through.fills
    assert fill.is_maker
    assert fill.price == D("49000.01")
    assert fill.time_ms == bench.market.clock.now_ms()


def test_resting_orders_share_the_volume_by_price_then_age(
    candles_of: Callable[..., Any], bench_of: Callable[..., Any]
) -> None:
    dip = (50_000.0, 50_000.0, 40_000.0, 50_000.0, 0.05)
    bench = bench_of(candles_of(dip, dip, FLAT))
    worse = bench.exchange.place(bench.account, limit(Side.BUY, "0.03", "45000"))
    better = bench.exchange.place(bench.account, limit(Side.BUY, "0.03", "46000"))
    younger = bench.exchange.place(bench.account, limit(Side.BUY, "0.03", "45000"))
    bench.step()
    assert better.status is OrderStatus.FILLED
    assert worse.status is OrderStatus.PARTIALLY_FILLED
    assert (worse.executed, younger.executed) == (D("0.02"), 0)
    bench.step()
    assert worse.status is younger.status is OrderStatus.FILLED


def test_a_replayed_candle_fills_market_orders_at_the_next_open_and_half_spread(
    candles_of: Callable[..., Any], bench_of: Callable[..., Any]
) -> None:
    following = (50_400.0, 50_500.0, 50_300.0, 50_450.0, 10.0)
    bench = bench_of(candles_of(FLAT, following, FLAT))
    bench.step()
    order = bench.exchange.place(bench.account, market(Side.BUY, quantity=D("0.01")))
    assert order.fills[0].price == D("50405.04")


@pytest.mark.parametrize(
    ("time_in_force", "status", "executed"),
    [
        (TimeInForce.IOC, OrderStatus.EXPIRED, True),
        (TimeInForce.FOK, OrderStatus.EXPIRED, False),
        (TimeInForce.GTC, OrderStatus.PARTIALLY_FILLED, True),
    ],
)
def test_time_in_force_on_a_book_that_is_too_thin(
    candles_of: Callable[..., Any],
    bench_of: Callable[..., Any],
    time_in_force: TimeInForce,
    status: OrderStatus,
    executed: bool,
) -> None:
    bench = bench_of(candles_of(FLAT, FLAT), best_level_quote=1000.0)
    request = limit(Side.SELL, "0.5", "49990", time_in_force=time_in_force)
    order = bench.exchange.place(bench.account, request)
    assert order.status is status
    assert bool(order.executed) is executed
    resting = order.remaining if status.is_open else D(0)
    assert bench.balance("BTC") == (1 - order.executed - resting, resting)


def test_maker_orders_rest_or_are_refused(flat: Any) -> None:
    crossing = limit(Side.BUY, "0.1", "50005", type=OrderType.LIMIT_MAKER)
    assert refusal(flat, crossing) is Reason.WOULD_TAKE
    resting = limit(Side.BUY, "0.1", "50004.99", type=OrderType.LIMIT_MAKER)
    assert flat.exchange.place(flat.account, resting).status is OrderStatus.NEW


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (limit(Side.BUY, "0.1", "49000.001"), Reason.PRICE_STEP),
        (limit(Side.BUY, "0.1", "9000"), Reason.PRICE_BAND),
        (limit(Side.SELL, "0.1", "260000"), Reason.PRICE_BAND),
        (limit(Side.BUY, "0.000001", "49000"), Reason.QUANTITY_STEP),
        (limit(Side.BUY, "9001", "49000"), Reason.QUANTITY_STEP),
        (market(Side.BUY, quantity=D(121)), Reason.MARKET_QUANTITY),
        (limit(Side.BUY, "0.0001", "49000"), Reason.NOTIONAL),
        (market(Side.BUY, quantity=D("0.00009")), Reason.NOTIONAL),
        (market(Side.BUY, quote_quantity=D("4.99")), Reason.NOTIONAL),
        (limit(Side.BUY, "1", "49000"), Reason.INSUFFICIENT_BALANCE),
        (market(Side.BUY, quantity=D(1)), Reason.INSUFFICIENT_BALANCE),
        (limit(Side.SELL, "1.1", "51000"), Reason.INSUFFICIENT_BALANCE),
    ],
)
def test_orders_that_break_a_limit_are_refused(
    flat: Any, request_: OrderRequest, reason: Reason
) -> None:
    assert refusal(flat, request_) is reason


def test_a_symbol_takes_only_so_many_open_orders(flat: Any) -> None:
    for number in range(200):
        price = str(40_000 + number)
        flat.exchange.place(flat.account, limit(Side.BUY, "0.0002", price))
    assert refusal(flat, limit(Side.BUY, "0.0002", "41000")) is Reason.TOO_MANY_OPEN


def test_a_client_order_id_is_unique_among_open_orders_only(flat: Any) -> None:
    request = limit(Side.BUY, "0.01", "49000", client_order_id="mine")
    first = flat.exchange.place(flat.account, request)
    assert refusal(flat, request) is Reason.DUPLICATE_CLIENT_ORDER_ID
    flat.exchange.cancel(first, None)
    second = flat.exchange.place(flat.account, request)
    # the trap: after the first has ended, a resend is a second order, and lookups find the latest
    assert second.order_id != first.order_id
    assert flat.account.find("BTC-USDT", None, "mine") is second
    assert flat.account.find("BTC-USDT", first.order_id, None) is first


def test_ids_are_the_same_in_every_run(flat: Any) -> None:
    order = flat.exchange.place(flat.account, market(Side.BUY, quantity=D("0.01")))
    assert (order.order_id, order.fills[0].trade_id) == (1, 1)
    assert order.client_order_id == "a998a848d46ed6ccdab396"


def test_listeners_hear_of_events_in_order_and_only_once_on_disk(flat: Any) -> None:
    heard: list[str] = []
    flat.exchange.listen(lambda event: heard.append(type(event).__name__))
    flat.exchange.place(flat.account, market(Side.BUY, quantity=D("0.01")))
    assert heard == []
    asyncio.run(flat.exchange.commit())
    assert heard == ["AccountOpened", "OrderAccepted", "OrderFilled"]
