"""Signatures as Binance wants them, and the keys that make them."""

import base64
import hashlib
import hmac
import secrets

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from ct_keyvault.domain.records import Kind

_SEED_BYTES = 32


class SecretRefusedError(Exception):
    """The secret half is of no kind this vault signs with."""


def sign(kind: Kind, secret: bytearray, text: str) -> str:
    """Sign `text`: HMAC-SHA256 in hex, or Ed25519 in base64 (rest-api.md, "SIGNED endpoints")."""
    if kind == "hmac":
        return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
    key = Ed25519PrivateKey.from_private_bytes(secret)
    return base64.b64encode(key.sign(text.encode())).decode()


def read_secret(text: str) -> tuple[Kind, bytearray]:
    """Tell an Ed25519 PEM from an HMAC secret and return its bytes.

    Raises `SecretRefusedError` for other PEM keys (RSA, encrypted ones) and for text no venue issues.
    """
    stripped = text.strip()
    if not stripped.startswith("-----BEGIN"):
        if not stripped.isascii() or not stripped.isprintable() or " " in stripped:
            raise SecretRefusedError("An HMAC secret is plain letters and digits.")
        return "hmac", bytearray(stripped.encode())
    try:
        key = load_pem_private_key(stripped.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as unreadable:
        raise SecretRefusedError("The PEM is not an unencrypted private key.") from unreadable
    if not isinstance(key, Ed25519PrivateKey):
        raise SecretRefusedError("Of PEM keys, only Ed25519 ones are taken.")
    return "ed25519", bytearray(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))


def new_pair() -> tuple[bytearray, str]:
    """Make an Ed25519 pair; return the seed and the public half as PEM."""
    seed = bytearray(secrets.token_bytes(_SEED_BYTES))
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return seed, public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
