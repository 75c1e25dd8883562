from ct_keyvault.domain.rate import SignRate


def test_a_burst_is_let_through_and_then_the_rate_holds() -> None:
    rate = SignRate(per_second=2, burst=3)
    assert [rate.spend("usr_a", 0.0) for _ in range(3)] == [0, 0, 0]
    assert rate.spend("usr_a", 0.0) == 0.5
    assert rate.spend("usr_a", 0.5) == 0


def test_one_owner_does_not_spend_anothers_budget() -> None:
    rate = SignRate(per_second=1, burst=1)
    assert rate.spend("usr_a", 0.0) == 0
    assert rate.spend("usr_b", 0.0) == 0


def test_a_clock_that_steps_back_gives_no_tokens() -> None:
    rate = SignRate(per_second=1, burst=1)
    assert rate.spend("usr_a", 100.0) == 0
    assert rate.spend("usr_a", 0.0) > 0
