"""What a target must pass to become an order."""

from decimal import Decimal
from typing import Any

import pytest

from ct_bots.domain.guard import Approved, Denied, Exposure, Wanted, approve


def wanted(side: Any = "buy", quantity: str = "1", price: str | None = None) -> Wanted:
    limit = None if price is None else Decimal(price)
    return Wanted(side, "market" if price is None else "limit", Decimal(quantity), limit, 0, "why")


def exposure(**changes: Any) -> Exposure:
    plain: dict[str, Any] = {
        "budget": Decimal(1000),
        "cash": Decimal(1000),
        "cost": Decimal(0),
        "open_buys": Decimal(0),
        "dust": Decimal("0.001"),
        "base": Decimal(0),
        "open_sells": Decimal(0),
        "price": Decimal(100),
    }
    return Exposure(**{**plain, **changes})


@pytest.mark.parametrize(
    ("target", "changes", "code"),
    [
        (wanted(quantity="10.1"), {}, "budget_exceeded"),
        (wanted(quantity="6"), {"cost": Decimal(401)}, "budget_exceeded"),
        (wanted(quantity="6", price="90"), {"open_buys": Decimal(470)}, "budget_exceeded"),
        (wanted(quantity="6"), {"cash": Decimal(599)}, "cash_exceeded"),
        (wanted(quantity="1"), {"price": None}, "price_unknown"),
        (wanted(quantity="0"), {}, "quantity_zero"),
        (wanted("sell", "1"), {"base": Decimal("0.9")}, "position_exceeded"),
        (
            wanted("sell", "1"),
            {"base": Decimal("1.5"), "open_sells": Decimal("0.6")},
            "position_exceeded",
        ),
    ],
)
def test_what_breaks_a_rule_is_denied_by_name(
    target: Wanted, changes: dict[str, Any], code: str
) -> None:
    verdict = approve(target, state="running", acting=True, exposure=exposure(**changes))

    assert isinstance(verdict, Denied)
    assert verdict.code == code


def test_the_whole_budget_may_be_used_and_dust_does_not_count() -> None:
    full = exposure(cost=Decimal("0.0009"), cash=Decimal(1000))

    verdict = approve(wanted(quantity="10"), state="running", acting=True, exposure=full)

    assert isinstance(verdict, Approved)


@pytest.mark.parametrize("state", ["paused", "draining", "exiting", "stopped", "failed"])
def test_states_without_entries_buy_nothing_and_still_sell(state: Any) -> None:
    held = exposure(base=Decimal(2))

    entry = approve(wanted(), state=state, acting=True, exposure=held)
    leave = approve(wanted("sell"), state=state, acting=True, exposure=held)

    assert isinstance(entry, Denied)
    assert entry.code == "entry_suppressed"
    assert isinstance(leave, Approved)


def test_nothing_is_ordered_on_a_candle_seen_late() -> None:
    held = exposure(base=Decimal(2))

    verdict = approve(wanted("sell"), state="running", acting=False, exposure=held)

    assert isinstance(verdict, Denied)
    assert verdict.code == "candle_not_live"
