"""Checking who calls, locally, from the public keys in the trust folder."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ct_kit.errors import Forbidden, Unauthenticated
from ct_kit.identity.keys import is_service_id, load_public_key
from ct_kit.identity.tokens import MAXIMUM_LIFETIME_S

_SKEW_S = 5  # all services of a deployment keep NTP time; five seconds is generous
_MAXIMUM_TOKEN = 4_096
_REQUIRED = ("iss", "aud", "iat", "exp", "jti", "roles")


@dataclass(frozen=True, slots=True)
class Caller:
    """The service that calls and, where it acts for one, the user."""

    service: str
    user_id: str | None = None
    roles: tuple[str, ...] = ()

    @property
    def owner(self) -> str:
        """Return the user's id, to scope queries with; raises where the call names no user."""
        if self.user_id is None:
            raise Forbidden("user_required", "This address is called in the name of a user.")
        return self.user_id


class Verifier:
    """Believes tokens for one audience from callers on a list; refuses by default."""

    def __init__(
        self,
        audience: str,
        trust_dir: Path,
        allowed_callers: Collection[str],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.audience = audience
        self._trust_dir = trust_dir
        self._allowed = frozenset(allowed_callers)
        self._clock = clock
        self._keys: dict[str, Ed25519PublicKey] = {}

    def verify(self, token: str) -> Caller:
        """Return the caller a token speaks for.

        Raises `Unauthenticated` for a token that is not authentic, current and meant for us, and
        `Forbidden` for an authentic caller that is not on the list.
        """
        claims = self._authentic(token)
        self._check_time(claims)
        service = claims["iss"]
        if service not in self._allowed:
            detail = f"The service {service} may not call {self.audience}."
            raise Forbidden("caller_forbidden", detail)
        return Caller(service, _subject(claims), _roles(claims))

    def verify_header(self, authorization: str | None) -> Caller:
        """Return the caller of an `Authorization: Bearer` header; raises like `verify`."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _refused("a service token is required")
        return self.verify(token.strip())

    def _authentic(self, token: str) -> dict[str, Any]:
        if len(token) > _MAXIMUM_TOKEN:
            raise _refused("the token is too long")
        try:
            # The issuer is read first only to find the key that must have signed it.
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
            key = self._key(issuer)
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["EdDSA"],
                audience=self.audience,
                issuer=issuer,
                # Times are checked below, on our clock and with a bound on the lifetime.
                options={"require": list(_REQUIRED), "verify_exp": False, "verify_iat": False},
            )
        except (jwt.PyJWTError, ValueError) as error:
            raise _refused(type(error).__name__) from error
        return claims

    def _key(self, issuer: object) -> Ed25519PublicKey:
        if not isinstance(issuer, str) or not is_service_id(issuer):
            raise _refused("the issuer is no service")
        if issuer not in self._keys:
            key = load_public_key(self._trust_dir / f"{issuer}.pub")
            if key is None:
                raise _refused(f"no public key of {issuer} is trusted here")
            self._keys[issuer] = key
        return self._keys[issuer]

    def _check_time(self, claims: dict[str, Any]) -> None:
        issued, expires = claims["iat"], claims["exp"]
        if type(issued) is not int or type(expires) is not int:
            raise _refused("iat and exp must be whole seconds")
        now = self._clock()
        if not 0 < expires - issued <= MAXIMUM_LIFETIME_S:
            raise _refused("the lifetime is out of bounds")
        if issued > now + _SKEW_S:
            raise _refused("it was issued in the future")
        if now >= expires:
            raise _refused("it has expired")


def _subject(claims: dict[str, Any]) -> str | None:
    subject = claims.get("sub")
    if subject is None:
        return None
    if not isinstance(subject, str) or not subject:
        raise _refused("the subject is malformed")
    return subject


def _roles(claims: dict[str, Any]) -> tuple[str, ...]:
    roles = claims["roles"]
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise _refused("the roles are malformed")
    return tuple(roles)


def _refused(reason: str) -> Unauthenticated:
    return Unauthenticated("caller_unauthenticated", f"The service token was refused: {reason}.")
