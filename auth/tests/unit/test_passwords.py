import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ct_auth.domain.passwords import known_words, weakness

EMAIL = "ada.lovelace@example.org"


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password123!",
        "P@ssw0rd1234",
        "passwordpassword",
        "123456789012",
        "qwertyuiop12",
        "qwerty123456",
        "1qaz2wsx3edc",
        "abcdefghijkl",
        "iloveyou2026",
        "Liverpool1892",
        "letmein!letmein!",
        "aaaaaaaaaaaa",
        "abababababab",
        "bitcoin123456",
        "Tr@ding2026!!",
        "administrator",
        "monkeydragon1",
        "correcthorsebatterystaple",
        "Ada.Lovelace@example.org",
        "ada.lovelace-x9",
        "PASSWORD 2026",
        "\uff50assword1234",
    ],
)
def test_passwords_attackers_try_first_are_refused(password: str) -> None:
    assert weakness(password, EMAIL)


@pytest.mark.parametrize(
    "password",
    [
        "vexed otter quietly moved",
        "kT9#vm2!Qz7p",
        "plinth-gravel-oboe",
        "wandering tortoise 12",
        "dragon monkey football sunshine trellis",
        "моя длинная фраза",
    ],
)
def test_others_are_taken_without_composition_rules(password: str) -> None:
    assert weakness(password, EMAIL) is None


def test_a_short_local_part_does_not_forbid_ordinary_words() -> None:
    assert weakness("plinth-gravel-oboe", "la@example.org") is None


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50)
@given(st.sampled_from(known_words()), st.integers(0, 9999), st.sampled_from("!?. #"))
def test_a_known_word_with_digits_and_marks_is_refused(word: str, digits: int, mark: str) -> None:
    assert weakness(f"{word}{digits}{mark}", EMAIL)
    assert weakness(f"{mark}{digits}{word.upper()}", EMAIL)


def test_every_known_word_is_lower_case() -> None:
    assert [word for word in known_words() if word != word.casefold()] == []
