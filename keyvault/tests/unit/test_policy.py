from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ct_keyvault.domain.policy import RULES, Reach, Refusal, Rule, decide
from ct_keyvault.domain.records import KeyRecord, Sealed

RECORD = KeyRecord(
    id="key_1",
    owner="usr_a",
    venue="binance",
    label="main",
    kind="hmac",
    purpose="exchange",
    api_key_hint="abcd",
    state="verified",
    sealed=Sealed(1, b"", b""),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.mark.parametrize(
    "path",
    [
        "/sapi/v1/capital/withdraw/apply",
        "/sapi/v1/asset/transfer",
        "/sapi/v1/sub-account/universalTransfer",
        "/sapi/v1/margin/loan",
        "/api/v3/order/../../sapi/v1/capital/withdraw/apply",
        "/api/v3/Order",
        "/api/v3/order/",
        "//api/v3/order",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT"])
def test_nothing_that_moves_money_out_is_signed(method: str, path: str) -> None:
    assert isinstance(decide(RECORD, method, path), Refusal)


def test_no_rule_names_a_withdrawal_or_transfer() -> None:
    paths = [path.lower() for rules in RULES.values() for _, path in rules]
    assert not [path for path in paths if "withdraw" in path or "transfer" in path]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["GET", "POST", "DELETE"]), st.from_regex(r"/[A-Za-z0-9/_.-]{1,60}"))
def test_only_listed_calls_are_signed(method: str, path: str) -> None:
    allowed = isinstance(decide(RECORD, method, path), Rule)
    assert allowed == ((method, path) in RULES["binance"])


@pytest.mark.parametrize(
    ("state", "furthest"),
    [("refused", Reach.PREFLIGHT), ("unverified", Reach.READ), ("verified", Reach.TRADE)],
)
def test_a_key_reaches_as_far_as_the_venue_vouched(state: str, furthest: Reach) -> None:
    record = replace(RECORD, state=state, state_reason="withdrawals are enabled")
    for (method, path), rule in RULES["binance"].items():
        signed = isinstance(decide(record, method, path), Rule)
        assert signed == (rule.reach.value <= furthest.value)


def test_a_pair_without_its_api_key_signs_nothing() -> None:
    pending = replace(RECORD, state="pending")
    for method, path in RULES["binance"]:
        assert decide(pending, method, path) == Refusal(
            "key_pending", "The key pair waits for the API key the venue gave for it."
        )
