"""Identifiers: sortable document ids, and the order id the venue sees."""

import base64
import hashlib
import re
import secrets
import time

_PREFIX = re.compile(r"[a-z]{2,8}", re.ASCII)
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford: sorts as it counts, no i, l, o, u
_TIME_DIGITS = 9  # 45 bits of milliseconds: until the year 3084
_RANDOM_DIGITS = 16  # 80 random bits: a collision needs 10^12 ids in one millisecond


def new_id(prefix: str) -> str:
    """Make a unique id that sorts by creation time, such as `ord_01k3v9q2hx...`.

    `prefix` is 2 to 8 lower-case letters and names the kind. Not a secret: session ids and
    tokens need `secrets.token_urlsafe`.
    """
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"an id's prefix is 2 to 8 lower-case letters, was {prefix!r}")
    now_ms = time.time_ns() // 1_000_000
    stamp = _digits(now_ms, _TIME_DIGITS)
    return f"{prefix}_{stamp}{_digits(secrets.randbits(80), _RANDOM_DIGITS)}"


def client_order_id(account_id: str, intent_key: str, attempt: int) -> str:
    """Derive the id under which a venue knows this attempt of this intent.

    32 lower-case alphanumerics: `ct` and the first 30 base32 characters of the SHA-256 of the
    three parts (safety.md 3.2). The same parts always give the same id, so an order can be
    looked up after a crash without having stored the venue's answer.
    """
    if attempt < 1:
        raise ValueError(f"attempts count from 1, was {attempt}")
    for name, part in (("account_id", account_id), ("intent_key", intent_key)):
        if not part or "|" in part:
            raise ValueError(f"{name} must be non-empty and without '|', was {part!r}")
    digest = hashlib.sha256(f"{account_id}|{intent_key}|{attempt}".encode()).digest()
    return "ct" + base64.b32encode(digest).decode("ascii").lower()[:30]


def _digits(number: int, width: int) -> str:
    text = ""
    for _ in range(width):
        number, digit = divmod(number, 32)
        text = _BASE32[digit] + text
    return text
