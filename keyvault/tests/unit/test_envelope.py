import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ct_keyvault.domain.envelope import (
    OVERHEAD_BYTES,
    EnvelopeRefusedError,
    Place,
    seal,
    term_of,
    unseal,
)

KEY = bytes(range(32))
PLACE = Place("usr_a", "key_1", "binance", 1).authenticated_bytes("secret")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=500), st.integers(1, 2**32 - 1))
def test_what_was_sealed_comes_back_and_the_header_names_its_term(data: bytes, term: int) -> None:
    envelope = seal(KEY, term, data, PLACE)
    assert unseal(KEY, envelope, PLACE) == data
    assert term_of(envelope) == term
    assert len(envelope) == len(data) + OVERHEAD_BYTES


def test_confidential_the_envelope_does_not_contain_the_plaintext() -> None:
    secret = b"canary-canary-canary-canary"
    assert secret not in seal(KEY, 1, secret, PLACE)


def test_two_envelopes_of_the_same_data_share_no_nonce() -> None:
    assert seal(KEY, 1, b"x" * 40, PLACE)[5:17] != seal(KEY, 1, b"x" * 40, PLACE)[5:17]


def test_tamper_any_flipped_bit_is_refused() -> None:
    envelope = seal(KEY, 1, b"secret", PLACE)
    for index in range(len(envelope) * 8):
        flipped = bytearray(envelope)
        flipped[index // 8] ^= 1 << index % 8
        with pytest.raises(EnvelopeRefusedError):
            unseal(KEY, bytes(flipped), PLACE)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=80))
def test_hostile_bytes_are_refused_not_crashed_on(data: bytes) -> None:
    with pytest.raises(EnvelopeRefusedError):
        unseal(KEY, data, PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("usr_b", "key_1", "binance", 1),
        Place("usr_a", "key_2", "binance", 1),
        Place("usr_a", "key_1", "okx", 1),
        Place("usr_a", "key_1", "binance", 2),
        Place("usr_akey_1", "", "binance", 1),
    ],
)
def test_moved_record_is_refused(elsewhere: Place) -> None:
    envelope = seal(KEY, 1, b"secret", PLACE)
    with pytest.raises(EnvelopeRefusedError):
        unseal(KEY, envelope, elsewhere.authenticated_bytes("secret"))


def test_a_data_key_envelope_does_not_open_as_a_secret() -> None:
    place = Place("usr_a", "key_1", "binance", 1)
    with pytest.raises(EnvelopeRefusedError):
        unseal(KEY, seal(KEY, 1, b"k" * 32, place.authenticated_bytes("key")), PLACE)
