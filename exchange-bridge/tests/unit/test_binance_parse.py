"""Binance's payloads, recorded, and its error codes."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ct_exchange_bridge.domain.venue_error import VenueError, VenueErrorKind
from ct_exchange_bridge.domain.venue_report import VenueOrderStatus
from ct_exchange_bridge.venues.binance import consts, parse
from ct_kit.domain import Side, Symbol

Recorded = Callable[[str], Any]
BTC = Symbol("BTC", "USDT")


def example(found: Any, section: str, label: str = "") -> Any:
    for item in found:
        if item["section"] == section and label in item.get("label", ""):
            return item["body"]
    raise AssertionError(f"no example of {section} {label}")


def test_every_documented_error_code_has_a_meaning(recorded: Recorded) -> None:
    documented = {item["code"] for item in recorded("docs_error_codes.json")["codes"]}
    assert documented - consts.ERROR_CODES.keys() == set()


def test_every_documented_refusal_text_of_an_order_refuses_it(recorded: Recorded) -> None:
    listed = recorded("docs_error_codes.json")["engine_messages_for_1010_2010_2011_2038"]
    for item in listed:
        error = parse.error(400, -2010, item["msg"])
        duplicate = item["msg"] == "Duplicate order sent."
        assert error.refuses_order is not duplicate
        assert (error.kind is VenueErrorKind.DUPLICATE_ORDER) is duplicate


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_5xx_never_refuses_whatever_its_body_says(status: int) -> None:
    assert not parse.error(status, -1013, "Filter failure: LOT_SIZE").refuses_order


@pytest.mark.parametrize("code", [-1000, -1001, -1006, -1007])
def test_an_unknown_outcome_never_refuses(code: int) -> None:
    error = parse.error(400, code, "?")
    assert error.kind is VenueErrorKind.UNKNOWN_OUTCOME
    assert not error.refuses_order


def test_an_unmapped_code_is_loud_and_never_refuses() -> None:
    error = parse.error(400, -9_999, "something new")
    assert error.kind is VenueErrorKind.NOT_UNDERSTOOD
    assert not error.refuses_order


def test_a_451_is_a_geographic_refusal_even_with_code_0() -> None:
    error = parse.error(451, 0, "Service unavailable from a restricted location")
    assert error.kind is VenueErrorKind.GEO_RESTRICTED


def test_a_429_says_how_long_to_wait() -> None:
    error = parse.error(429, -1003, "Too much request weight used", 17.0)
    assert (error.kind, error.retry_after_s) == (VenueErrorKind.RATE_LIMITED, 17.0)


def test_a_full_answer_carries_its_fills(recorded: Recorded) -> None:
    body = example(recorded("docs_rest_examples.json")["items"], "New order (TRADE)", "FULL")
    report = parse.order_report(body, BTC)
    assert report.status is VenueOrderStatus.FILLED
    assert sum(item.quantity for item in report.executions) == report.executed_quantity
    assert report.side is Side.SELL
    assert report.executions[0].commission_asset == "USDT"


def test_an_ack_is_accepted_and_says_no_more(recorded: Recorded) -> None:
    body = example(recorded("docs_rest_examples.json")["items"], "New order (TRADE)", "ACK")
    report = parse.order_report(body, BTC, Side.BUY)
    assert report.status is VenueOrderStatus.ACCEPTED
    assert report.executed_quantity is None


def test_the_answer_to_a_cancel_is_about_our_id(recorded: Recorded) -> None:
    body = example(recorded("docs_rest_examples.json")["items"], "Cancel order (TRADE)", "Response")
    assert parse.order_report(body, BTC).client_order_id == body["origClientOrderId"]


def test_an_execution_report_reads_as_the_rest_answer_does(recorded: Recorded) -> None:
    events = recorded("docs_user_stream_examples.json")["user_data_events"]
    event = example(events, "Order Update")["event"]
    report = parse.execution_report(event, Symbol("ETH", "BTC"))
    assert (report.client_order_id, report.venue_order_id) == (event["c"], str(event["i"]))
    assert report.status is VenueOrderStatus.OPEN
    assert report.executions == ()


def test_real_instruments_read_with_their_filters(recorded: Recorded) -> None:
    for entry in recorded("instruments_spot.json")["symbols"]:
        found = parse.instrument(entry)
        assert found.instrument.tick_size > 0
        assert found.instrument.min_notional >= 1
        assert found.wire_symbol == entry["symbol"]


def test_an_unknown_order_status_fails_loudly() -> None:
    with pytest.raises(VenueError) as failure:
        parse.order_status("SOMETHING_NEW")
    assert failure.value.kind is VenueErrorKind.NOT_UNDERSTOOD


def test_a_key_that_may_transfer_counts_as_withdrawing() -> None:
    rights = parse.key_rights(
        {"enableReading": True, "permitsUniversalTransfer": True}, {"canTrade": True}
    )
    assert rights.can_withdraw


@given(st.integers(300, 599), st.one_of(st.none(), st.integers(-10_000, 10)), st.text(max_size=80))
def test_any_error_answer_has_a_meaning(status: int, code: int | None, message: str) -> None:
    assert parse.error(status, code, message).kind in VenueErrorKind


def test_kline_rows_are_closed_by_the_venues_time() -> None:
    row = [0, "1", "2", "0.5", "1.5", "10", 59_999, "15", 3, "5", "7", "0"]
    assert parse.candle_row(row, 59_999).closed is False
    assert parse.candle_row(row, 60_000).closed is True
    assert parse.candle_row(row, 60_000).volume == float(Decimal(10))
