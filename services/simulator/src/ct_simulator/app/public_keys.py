"""Reading the public half of a customer's key pair."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key


def load_public_key(pem: str) -> Ed25519PublicKey:
    """Read an Ed25519 public key from PEM; raises ValueError for anything else."""
    try:
        key = load_pem_public_key(pem.encode("ascii"))
    except UnsupportedAlgorithm as error:
        raise ValueError("not an Ed25519 public key") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 public key")  # noqa: TRY004 - one error for callers
    return key
