import pytest

from ct_keyvault.domain.keyring import Keyring, KeyringRefusedError, UnknownTermError

FIRST, SECOND, ANCHOR = b"1" * 32, b"2" * 32, b"a" * 32


def test_rotation_old_term_still_opens_and_the_new_one_seals() -> None:
    ring = Keyring.first(FIRST, ANCHOR)
    rotated = ring.rotated(SECOND)
    assert rotated.active.number == 2
    assert rotated.key(1) == FIRST
    assert rotated.key(2) == SECOND


def test_rotation_leaves_the_ring_it_came_from_unchanged() -> None:
    ring = Keyring.first(FIRST, ANCHOR)
    ring.rotated(SECOND)
    assert ring.active.number == 1


def test_a_term_it_never_had_is_unknown() -> None:
    with pytest.raises(UnknownTermError):
        Keyring.first(FIRST, ANCHOR).key(7)


def test_bytes_round_trip() -> None:
    ring = Keyring.first(FIRST, ANCHOR).rotated(SECOND)
    assert Keyring.from_bytes(ring.to_bytes()) == ring


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b'{"anchor":"","terms":[]}', b'{"anchor":1,"terms":[[1]]}']
)
def test_bytes_that_are_no_keyring_are_refused(data: bytes) -> None:
    with pytest.raises(KeyringRefusedError):
        Keyring.from_bytes(data)


def test_repr_shows_no_key() -> None:
    assert "111" not in repr(Keyring.first(FIRST, ANCHOR))
    assert "aaa" not in repr(Keyring.first(FIRST, ANCHOR))
