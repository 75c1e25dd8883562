"""Service tokens: authentic, current, meant for us, from a caller on the list."""

import base64
import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ct_kit.errors import Forbidden, StartRefused, Unauthenticated
from ct_kit.identity import Caller, ServiceIdentity, Verifier, generate_identities, key_file
from ct_kit.identity.keys import load_private_key
from ct_kit.testing import Identities


@pytest.fixture
def gateway(identities: Identities) -> Any:
    return identities.of("gateway")


@pytest.fixture
def verifier(identities: Identities) -> Any:
    return identities.verifier("bots", ["gateway"])


@pytest.fixture
def forged(identities: Identities) -> Any:
    """Sign any claims with the gateway's true key."""
    key = load_private_key(identities.key_file("gateway"))
    now = int(time.time())

    def sign(key: Any = key, algorithm: Any = "EdDSA", without: Any = (), **changed: Any) -> Any:
        claims = {
            "iss": "gateway",
            "aud": "bots",
            "iat": now,
            "exp": now + 60,
            "jti": "x",
            "roles": [],
        }
        claims |= changed
        payload = json.dumps({k: v for k, v in claims.items() if k not in without}).encode()
        return jwt.api_jws.encode(payload, key, algorithm)

    return sign


def test_a_token_names_the_service_the_user_and_the_roles(
    gateway: ServiceIdentity, verifier: Verifier
) -> None:
    token = gateway.token("bots", "usr_1", ["admin"])
    assert verifier.verify(token) == Caller("gateway", "usr_1", ("admin",))
    assert verifier.verify_header(f"Bearer {token}").owner == "usr_1"


def test_a_call_without_a_user_owns_nothing(gateway: ServiceIdentity, verifier: Verifier) -> None:
    caller = verifier.verify(gateway.token("bots"))
    assert caller.user_id is None
    with pytest.raises(Forbidden):
        _ = caller.owner


def test_two_tokens_are_never_the_same(gateway: ServiceIdentity) -> None:
    assert gateway.token("bots") != gateway.token("bots")


def test_a_token_for_another_service_is_refused(
    gateway: ServiceIdentity, verifier: Verifier
) -> None:
    with pytest.raises(Unauthenticated):
        verifier.verify(gateway.token("keyvault"))


def test_an_authentic_caller_that_is_not_on_the_list_is_forbidden(
    identities: Identities, verifier: Verifier
) -> None:
    with pytest.raises(Forbidden):
        verifier.verify(identities.of("ai-engine").token("bots"))


def test_one_service_cannot_speak_as_another(
    identities: Identities, forged: Callable[..., str], verifier: Verifier
) -> None:
    other = load_private_key(identities.key_file("ai-engine"))
    with pytest.raises(Unauthenticated):
        verifier.verify(forged(key=other))


def test_a_caller_whose_key_is_not_trusted_is_unauthenticated(
    tmp_path: Path, gateway: ServiceIdentity
) -> None:
    with pytest.raises(Unauthenticated):
        Verifier("bots", tmp_path, ["gateway"]).verify(gateway.token("bots"))


def test_a_token_dies_after_its_minute(identities: Identities, gateway: ServiceIdentity) -> None:
    token = gateway.token("bots")
    for later_s, accepted in ((59, True), (61, False), (3_600, False)):
        verifier = Verifier(
            "bots", identities.trust_dir, ["gateway"], clock=lambda s=later_s: time.time() + s
        )
        if accepted:
            assert verifier.verify(token).service == "gateway"
        else:
            with pytest.raises(Unauthenticated):
                verifier.verify(token)


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": int(time.time()) + 3_600},
        {"iat": int(time.time()) + 600, "exp": int(time.time()) + 640},
        {"iat": "now"},
        {"exp": True},
        {"exp": 1e308},
        {"iss": "../../etc/passwd"},
        {"iss": 7},
        {"iss": None},
        {"iss": {"$ne": ""}},
        {"aud": ["keyvault"]},
        {"aud": None},
        {"roles": "admin"},
        {"roles": [1]},
        {"sub": ""},
        {"sub": 7},
        *({"without": [name]} for name in ("iss", "aud", "iat", "exp", "jti", "roles")),
    ],
)
def test_authentically_signed_nonsense_is_refused(
    forged: Callable[..., str], verifier: Verifier, changed: Any
) -> None:
    with pytest.raises(Unauthenticated):
        verifier.verify(forged(**changed))


def test_an_unsigned_or_otherwise_signed_token_is_refused(
    identities: Identities, forged: Callable[..., str], verifier: Verifier
) -> None:
    public = (identities.trust_dir / "gateway.pub").read_bytes()
    none = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "none"}, {"iss": "gateway", "aud": "bots"})
    )
    hmac = jwt.encode({"iss": "gateway", "aud": "bots"}, base64.b64encode(public), "HS256")
    for token in (f"{none}.", hmac, forged()[:-4] + "AAAA"):
        with pytest.raises(Unauthenticated):
            verifier.verify(token)


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer a.b.c", "Bearer \ud800", "Bearer " + "a" * 5_000]
)  # fmt: skip
def test_a_header_without_a_token_is_refused(verifier: Verifier, header: str | None) -> None:
    with pytest.raises(Unauthenticated):
        verifier.verify_header(header)


@pytest.mark.parametrize("ttl_s", [0, -1, 61])
def test_nobody_makes_a_longer_token(gateway: ServiceIdentity, ttl_s: int) -> None:
    with pytest.raises(ValueError, match="lives"):
        gateway.token("bots", ttl_s=ttl_s)


def test_private_keys_are_the_owners_alone(identities: Identities) -> None:
    path = identities.key_file("gateway")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_generating_again_keeps_the_keys(tmp_path: Path) -> None:
    generate_identities(tmp_path, ["gateway"])
    before = key_file(tmp_path, "gateway").read_bytes()
    generate_identities(tmp_path, ["gateway", "bots"])
    assert key_file(tmp_path, "gateway").read_bytes() == before
    assert sorted(path.name for path in (tmp_path / "trust").iterdir()) == [
        "bots.pub",
        "gateway.pub",
    ]


@pytest.mark.parametrize("service", ["", "a/b", "..", "Gateway", "a" * 40])
def test_a_services_name_is_no_path(tmp_path: Path, service: str) -> None:
    with pytest.raises(ValueError, match="service id"):
        generate_identities(tmp_path, [service])
    with pytest.raises(ValueError, match="service id"):
        ServiceIdentity.load(service, tmp_path / "x", tmp_path)


def test_a_key_that_cannot_be_used_refuses_the_start(tmp_path: Path) -> None:
    path = tmp_path / "gateway.key"
    codes = []

    def code() -> Any:
        with pytest.raises(StartRefused) as caught:
            ServiceIdentity.load("gateway", path, tmp_path)
        return caught.value.code

    codes.append(code())
    path.write_bytes(b"not a key")
    path.chmod(0o644)
    codes.append(code())
    path.chmod(0o600)
    codes.append(code())
    rsa = generate_private_key(65_537, 2_048)
    path.write_bytes(rsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    codes.append(code())
    assert codes == [
        "identity_key_unreadable",
        "identity_key_exposed",
        "identity_key_malformed",
        "identity_key_malformed",
    ]


def test_a_key_never_shows_in_a_repr(gateway: ServiceIdentity) -> None:
    assert repr(gateway) == "ServiceIdentity('gateway')"
    assert isinstance(gateway._private_key, Ed25519PrivateKey)
    assert os.linesep not in repr(gateway)
