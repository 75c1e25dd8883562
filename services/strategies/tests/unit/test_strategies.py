"""What each strategy promises about its parameters and its orders."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from ct_strategies.registry import UnknownStrategyError, all_strategies, get_strategy
from ct_strategies.spec import Account, Fill, Instrument, Strategy, Vector
from ct_strategies.stepper import Stepper


def _stepper(strategy_id: str, instrument: Instrument, **parameters: Any) -> Stepper:
    strategy = get_strategy(strategy_id)
    return Stepper(strategy, strategy.parse(parameters), instrument, Decimal(1000))


def _candle(close: float, index: int = 0) -> tuple[float, ...]:
    return (60_000.0 * index, close, close, close, close, 1.0)


FLUSH = Account(Decimal(1000), Decimal(0))


def test_the_registry_finds_every_strategy_and_names_them_when_asked_for_another() -> None:
    assert list(all_strategies()) == ["dca", "ema_cross", "grid"]
    with pytest.raises(UnknownStrategyError, match="dca, ema_cross, grid"):
        get_strategy("martingale")


@pytest.mark.parametrize("strategy", all_strategies().values(), ids=lambda item: str(item.id))
def test_every_parameter_can_be_drawn_as_a_form(strategy: Strategy) -> None:
    for name, field in strategy.schema()["properties"].items():
        assert field["title"], name
        assert field["description"].endswith("."), name
        assert "default" in field, name
        assert field["group"] in {"basic", "advanced"}, name
        if field["type"] in {"integer", "number"}:
            assert {"minimum", "maximum", "unit"} <= field.keys(), name


@pytest.mark.parametrize(
    ("strategy_id", "parameters", "message"),
    [
        ("ema_cross", {"fast": 30, "slow": 20}, "fast must be smaller than slow"),
        ("ema_cross", {"fast": 1}, "greater than or equal to 2"),
        ("ema_cross", {"medium": 9}, "Extra inputs"),
        ("ema_cross", {"fast": "9"}, "must be a number"),
        ("ema_cross", {"fast": True}, "must be a number"),
        ("grid", {"range_below_percent": "6"}, "must be a number"),
        ("grid", {"levels": 200, "range_below_percent": 1, "range_above_percent": 1}, "apart"),
        (
            "dca",
            {"safety_orders": 20, "deviation_percent": 5, "step_scale": 1.5},
            "below the entry",
        ),
    ],
)
def test_bad_parameters_are_refused_with_the_reason(
    strategy_id: str, parameters: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        get_strategy(strategy_id).parse(parameters)


def test_a_state_taken_through_json_continues_with_the_same_decisions(
    case: tuple[Strategy, Any], make_walk: Callable[..., Vector], instrument: Instrument
) -> None:
    import json  # noqa: PLC0415 - the point of this test

    strategy, params = case
    candles = make_walk(300, 9)
    one = Stepper(strategy, params, instrument, Decimal(1000))
    two = Stepper(strategy, params, instrument, Decimal(1000))
    for candle in candles:
        stored = json.loads(json.dumps(two.state))
        two = Stepper(strategy, params, instrument, Decimal(1000), state=stored)
        assert one.on_candle(candle, FLUSH) == two.on_candle(candle, FLUSH)
        assert one.state == two.state


def test_a_state_of_other_parameters_is_refused(instrument: Instrument) -> None:
    strategy = get_strategy("grid")
    with pytest.raises(ValueError, match="must hold"):
        Stepper(strategy, strategy.parse({}), instrument, Decimal(1000), state=[0.0])


def test_a_candle_that_is_not_finite_is_refused(instrument: Instrument) -> None:
    with pytest.raises(ValueError, match="finite"):
        _stepper("ema_cross", instrument).on_candle(_candle(float("nan")), FLUSH)


def test_no_strategy_orders_while_a_market_order_has_no_outcome(
    case: tuple[Strategy, Any], make_walk: Callable[..., Vector], instrument: Instrument
) -> None:
    strategy, params = case
    stepper = Stepper(strategy, params, instrument, Decimal(1000))
    held = Account(Decimal(500), Decimal(5), in_flight=True)
    assert all(stepper.on_candle(candle, held) == [] for candle in make_walk(300, 1))


def test_the_grid_sells_a_purchase_one_level_up_and_buys_again(instrument: Instrument) -> None:
    grid = _stepper("grid", instrument, levels=4, range_below_percent=10, range_above_percent=10)
    buys = grid.on_candle(_candle(100.0), FLUSH)
    assert [(target.side, target.slot) for target in buys] == [("buy", 0), ("buy", 1), ("buy", 2)]

    top = buys[1]
    assert top.quantity is not None
    assert top.price is not None
    fee = top.quantity / 1000
    (sale,) = grid.on_fill(Fill("buy", top.quantity, top.price, fee, 1, complete=True), FLUSH)
    assert sale.side == "sell"
    assert sale.slot == 1
    assert sale.price == Decimal("99.49")  # the third level of 90, 94.63, 99.49, 104.61, 110
    assert sale.quantity == (top.quantity - fee) // instrument.step_size * instrument.step_size

    assert sale.price is not None
    assert sale.quantity is not None
    (again,) = grid.on_fill(
        Fill("sell", sale.quantity, sale.price, Decimal("0.1"), 1, complete=True), FLUSH
    )
    assert (again.side, again.price, again.quantity) == ("buy", top.price, top.quantity)


def test_a_partly_filled_grid_buy_that_was_cancelled_sells_what_came(
    instrument: Instrument,
) -> None:
    grid = _stepper("grid", instrument, levels=4)
    target = grid.on_candle(_candle(100.0), FLUSH)[0]
    assert target.price is not None
    part = Fill("buy", Decimal(1), target.price, Decimal(0), 0, complete=False)
    ended = Fill("buy", Decimal(0), Decimal(0), Decimal(0), 0, complete=True)
    assert grid.on_fill(part, FLUSH) == []
    assert grid.on_fill(ended, FLUSH) == []
    sale = next(t for t in grid.on_candle(_candle(100.0, 1), FLUSH) if t.slot == 0)
    assert (sale.side, sale.quantity) == ("sell", Decimal(1))


def test_dca_arms_its_ladder_moves_its_sale_and_ends_the_cycle(instrument: Instrument) -> None:
    dca = _stepper(
        "dca",
        instrument,
        safety_orders=2,
        deviation_percent=2,
        step_scale=2,
        volume_scale=2,
        take_profit_percent=1,
        reserve_percent=0,
        pause_candles=1,
    )
    (entry,) = dca.on_candle(_candle(100.0), FLUSH)
    # the budget of 1000 in shares 1 : 2 : 4
    assert (entry.action, entry.quantity) == ("market", Decimal("1.42857"))

    armed = dca.on_fill(
        Fill("buy", Decimal("1.42857"), Decimal(100), Decimal(0), 0, complete=True), FLUSH
    )
    assert [(target.side, target.price) for target in armed] == [
        ("buy", Decimal(98)),
        ("buy", Decimal(94)),  # 2 % and then 4 % further
        ("sell", Decimal(101)),
    ]

    first = armed[0]
    assert first.quantity is not None
    cancel, sale = dca.on_fill(
        Fill("buy", first.quantity, Decimal(98), Decimal(0), 1, complete=True), FLUSH
    )
    assert (cancel.action, cancel.slot) == ("cancel", sale.slot)
    assert sale.quantity == Decimal("1.42857") + first.quantity
    assert sale.price == Decimal("99.65")  # the average of 98.658 and 1 % more, up to the tick

    assert sale.quantity is not None
    (tidy,) = dca.on_fill(
        Fill("sell", sale.quantity, Decimal("99.65"), Decimal(0), sale.slot, complete=True), FLUSH
    )
    assert (tidy.action, tidy.slot, tidy.reason) == ("cancel", 2, "cycle_ended")
    assert dca.on_candle(_candle(100.0, 1), FLUSH) == []  # the pause
    assert dca.on_candle(_candle(100.0, 2), FLUSH)[0].reason == "cycle_start"


def test_dca_tries_again_when_the_venue_refuses_its_entry(instrument: Instrument) -> None:
    dca = _stepper("dca", instrument)
    dca.on_candle(_candle(100.0), FLUSH)
    refused = Fill("buy", Decimal(0), Decimal(0), Decimal(0), 0, complete=True)
    assert dca.on_fill(refused, FLUSH) == []
    assert dca.on_candle(_candle(100.0, 1), FLUSH)[0].reason == "cycle_start"
