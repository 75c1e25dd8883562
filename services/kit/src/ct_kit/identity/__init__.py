"""Who is calling inside: Ed25519-signed tokens of at most 60 seconds, bound to an audience."""

from ct_kit.identity.keys import SERVICES, generate_identities, key_file, trust_dir
from ct_kit.identity.tokens import MAXIMUM_LIFETIME_S, ServiceIdentity
from ct_kit.identity.verifier import Caller, Verifier

__all__ = [
    "MAXIMUM_LIFETIME_S",
    "SERVICES",
    "Caller",
    "ServiceIdentity",
    "Verifier",
    "generate_identities",
    "key_file",
    "trust_dir",
]
