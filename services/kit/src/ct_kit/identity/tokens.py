"""The token a service puts on every call to another one."""

import secrets
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ct_kit.identity.keys import is_service_id, load_private_key

MAXIMUM_LIFETIME_S = 60
"""A stolen token is worth nothing after a minute; calls are made with a fresh one each."""


class ServiceIdentity:
    """A service's own name and private key."""

    def __init__(
        self,
        service: str,
        private_key: Ed25519PrivateKey,
        trust_dir: Path,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.service = service
        self.trust_dir = trust_dir
        self._private_key = private_key
        self._clock = clock

    @classmethod
    def load(cls, service: str, key_file: Path, trust_dir: Path) -> Self:
        """Read the identity; raises `StartRefused` when the key cannot be used."""
        if not is_service_id(service):
            raise ValueError(f"a service id is lower-case letters and hyphens, was {service!r}")
        return cls(service, load_private_key(key_file), trust_dir)

    def __repr__(self) -> str:
        return f"ServiceIdentity({self.service!r})"

    def token(
        self,
        audience: str,
        subject: str | None = None,
        roles: Iterable[str] = (),
        ttl_s: int = MAXIMUM_LIFETIME_S,
    ) -> str:
        """Sign a token for one audience, in the name of a user where `subject` is given."""
        if not 0 < ttl_s <= MAXIMUM_LIFETIME_S:
            raise ValueError(f"a token lives 1 to {MAXIMUM_LIFETIME_S} s, was {ttl_s}")
        now = int(self._clock())
        claims: dict[str, object] = {
            "iss": self.service,
            "aud": audience,
            "iat": now,
            "exp": now + ttl_s,
            "jti": secrets.token_urlsafe(16),
            "roles": list(roles),
        }
        if subject is not None:
            claims["sub"] = subject
        return jwt.encode(claims, self._private_key, algorithm="EdDSA")
