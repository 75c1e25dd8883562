"""Who sent a request: API key, signature, timestamp window.

Signed is the query string followed by the body, as sent (percent-encoded), without `signature`.
HMAC keys sign SHA-256 in hex of either case, Ed25519 keys in base64.

The timestamp must not be more than one second ahead, nor older than `recvWindow`. Where the
virtual clock is not the real one, a timestamp that fits either clock is accepted: clients stamp
with their own clock, or with the offset they measured from the venue's.
"""

import base64
import binascii
import hashlib
import hmac
import re
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature

from ct_simulator.app.public_keys import load_public_key
from ct_simulator.domain.clock import VirtualClock
from ct_simulator.domain.keys import ApiKey, KeyKind
from ct_simulator.wire.binance.consts import (
    DEFAULT_RECV_WINDOW_MS,
    MAX_AHEAD_MS,
    MAX_RECV_WINDOW_MS,
)
from ct_simulator.wire.binance.errors import WireError, missing

_KEY = re.compile(r"^[A-Za-z0-9]{16,128}$")
_WINDOW = re.compile(r"^[0-9]{1,5}(\.[0-9]{1,3})?$")
_MICROSECONDS_FROM = 10**14  # a timestamp this large counts microseconds (year 5138 in ms)


def check_key_format(api_key: str | None) -> str:
    """Return the API key of the header; raises -2014."""
    if api_key is None or not _KEY.match(api_key):
        raise WireError(-2014, "API-key format invalid.", 401)
    return api_key


def rejected_key() -> WireError:
    """Word the refusal that does not say whether key, address or permission is wrong."""
    return WireError(-2015, "Invalid API-key, IP, or permissions for action.", 401)


def signed_payload(query: str, body: str) -> tuple[str, str]:
    """Return what was signed and the signature (percent-decoded); raises -1102 without one."""
    signature = ""
    kept: list[str] = []
    for part in (query, body):
        pairs = part.split("&") if part else []
        for pair in pairs:
            if pair.startswith("signature="):
                signature = signature or unquote(pair.removeprefix("signature="))
        kept.append("&".join(pair for pair in pairs if not pair.startswith("signature=")))
    if not signature:
        raise missing("signature")
    return "".join(kept), signature


def check_signature(key: ApiKey, payload: str, signature: str) -> None:
    """Raise -1022 unless this key signed this payload."""
    if not _is_signed(key, payload.encode("utf-8"), signature):
        raise WireError(-1022, "Signature for this request is not valid.")


def check_timestamp(clock: VirtualClock, timestamp: str | None, recv_window: str | None) -> None:
    """Raise -1021 unless the timestamp lies in the window, -1102 when it is malformed."""
    if not timestamp or not timestamp.isdigit():
        raise missing("timestamp")
    window = float(DEFAULT_RECV_WINDOW_MS)
    if recv_window is not None:
        if not _WINDOW.match(recv_window):
            raise missing("recvWindow")
        window = float(recv_window)
        if window > MAX_RECV_WINDOW_MS:
            raise WireError(
                -1102,
                "'recvWindow' contains unexpected value. Cannot be greater than 60000.",
            )
    stamped = int(timestamp)
    if stamped >= _MICROSECONDS_FROM:
        stamped //= 1000
    clocks = [clock.now_ms()] if clock.is_real else [clock.wall_now_ms(), clock.now_ms()]
    if any(stamped < now + MAX_AHEAD_MS and now - stamped <= window for now in clocks):
        return
    if all(stamped >= now + MAX_AHEAD_MS for now in clocks):
        raise WireError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    raise WireError(-1021, "Timestamp for this request is outside of the recvWindow.")


def _is_signed(key: ApiKey, payload: bytes, signature: str) -> bool:
    if key.kind is KeyKind.HMAC:
        expected = hmac.new(key.material.encode(), payload, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, signature.lower())
    try:
        raw = base64.b64decode(signature, validate=True)
        load_public_key(key.material).verify(raw, payload)
    except (binascii.Error, InvalidSignature, ValueError):
        return False
    return True
