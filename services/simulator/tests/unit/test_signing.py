"""Signatures against the vectors Binance publishes, and the window of the timestamp."""

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ct_simulator.domain.clock import ClockMode, VirtualClock
from ct_simulator.domain.keys import ApiKey, KeyKind
from ct_simulator.wire.binance.errors import WireError
from ct_simulator.wire.binance.signing import check_signature, check_timestamp, signed_payload

SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
HMAC = ApiKey("k" * 64, "acc_1", KeyKind.HMAC, SECRET, 0)
QUERY = "&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000"


@pytest.mark.parametrize(
    ("payload", "signature"),
    [
        (
            f"symbol=LTCBTC{QUERY}&timestamp=1499827319559",
            "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71",
        ),
        (
            (
                "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96"
                f"{QUERY}&timestamp=1499827319559"
            ),
            "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3",
        ),
        (
            (
                "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
                "&price=52000.00&quantity=0.01000000&recvWindow=100&side=SELL&symbol=BTCUSDT"
                "&timeInForce=GTC&timestamp=1645423376532&type=LIMIT"
            ),
            "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24",
        ),
        (
            (
                "apiKey=vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
                "&price=0.10000000&quantity=1.00000000&recvWindow=5000&side=BUY"
                "&symbol=\uff11\uff12\uff13\uff14\uff15\uff16&timeInForce=GTC"
                "&timestamp=1645423376532&type=LIMIT"
            ),
            "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd",
        ),
    ],
)
def test_published_vectors_are_accepted_in_either_case(payload: str, signature: str) -> None:
    check_signature(HMAC, payload, signature)
    check_signature(HMAC, payload, signature.upper())
    with pytest.raises(WireError, match="-1022"):
        check_signature(HMAC, payload + "0", signature)


def test_ed25519_signs_in_base64() -> None:
    private = Ed25519PrivateKey.generate()
    public = private.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    key = ApiKey("k" * 64, "acc_1", KeyKind.ED25519, pem, 0)
    signature = base64.b64encode(private.sign(b"timestamp=1")).decode()
    check_signature(key, "timestamp=1", signature)
    for wrong in (signature.lower(), "not base64!", base64.b64encode(b"0" * 64).decode()):
        with pytest.raises(WireError, match="-1022"):
            check_signature(key, "timestamp=1", wrong)


def test_signed_is_the_query_then_the_body_without_the_signature() -> None:
    query, body = "symbol=A&signature=ab%2B%3D", "side=BUY&timestamp=1"
    assert signed_payload(query, body) == ("symbol=Aside=BUY&timestamp=1", "ab+=")
    with pytest.raises(WireError, match="'signature'"):
        signed_payload("symbol=A", "")


@pytest.mark.parametrize(
    ("offset", "window", "code"),
    [
        (0, None, None),
        (-5000, None, None),
        (-5001, None, -1021),
        (-59_000, "60000", None),
        (999, None, None),
        (1000, None, -1021),
        (0, "60001", -1102),
        (0, "x", -1102),
        (-11, "10.5", -1021),
    ],
)
def test_timestamps_outside_the_window_are_refused(
    wall: Callable[[], float], offset: int, window: str | None, code: int | None
) -> None:
    clock = VirtualClock(ClockMode.REALTIME, wall=wall)
    for stamp in (str(int(wall()) + offset), str((int(wall()) + offset) * 1000)):
        if code is None:
            check_timestamp(clock, stamp, window)
        else:
            with pytest.raises(WireError) as caught:
                check_timestamp(clock, stamp, window)
            assert caught.value.code == code


def test_a_virtual_clock_accepts_stamps_of_either_clock(wall: Callable[[], float]) -> None:
    clock = VirtualClock(ClockMode.STEPPED, start_ms=1_600_000_000_000, wall=wall)
    check_timestamp(clock, str(int(wall())), None)
    check_timestamp(clock, "1600000000000", None)
    with pytest.raises(WireError, match="-1021"):
        check_timestamp(clock, "1700000000000", None)
