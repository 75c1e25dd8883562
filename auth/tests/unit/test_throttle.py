import pytest

from ct_auth.domain.throttle import Recent, registration_wait_s, sign_in_wait_s

QUIET = Recent(by_pair=0, since_pair_s=3600, by_strangers=0, by_address=0, address_is_known=False)


def test_a_quiet_hour_lets_everyone_in() -> None:
    assert sign_in_wait_s(QUIET) == 0


@pytest.mark.parametrize(
    ("failures", "pause"), [(4, 0), (5, 10), (6, 20), (7, 40), (11, 640), (12, 900), (500, 900)]
)
def test_a_pair_waits_longer_with_each_failure_but_never_more_than_a_quarter_hour(
    failures: int, pause: float
) -> None:
    recent = Recent(
        by_pair=failures, since_pair_s=0, by_strangers=0, by_address=0, address_is_known=True
    )
    assert sign_in_wait_s(recent) == pause


def test_strangers_share_twenty_guesses_an_hour_and_a_known_address_is_spared() -> None:
    attacked = {"by_pair": 0, "since_pair_s": 3600, "by_strangers": 20, "by_address": 200}
    assert sign_in_wait_s(Recent(**attacked, address_is_known=False)) > 0
    assert sign_in_wait_s(Recent(**attacked, address_is_known=True)) == 0


def test_an_address_registers_a_bounded_number_of_accounts() -> None:
    spent = Recent(
        by_pair=100, since_pair_s=0, by_strangers=0, by_address=100, address_is_known=False
    )
    assert registration_wait_s(spent) > 0
    assert registration_wait_s(QUIET) == 0
