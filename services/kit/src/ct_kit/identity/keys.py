"""Identity keys on disk: one private key per service, all public keys in one trust folder."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from ct_kit.errors import StartRefused

SERVICES = (
    "gateway",
    "auth",
    "keyvault",
    "exchange-bridge",
    "proxy",
    "ai-engine",
    "bots",
    "simulator",
    "operator",
)
"""Everyone who may call inside."""

_SERVICE = re.compile(r"[a-z][a-z-]{1,30}", re.ASCII)


def is_service_id(text: str) -> bool:
    """Say whether this could be a service's id; keeps hostile text out of file names."""
    return bool(_SERVICE.fullmatch(text))


def key_file(directory: Path, service: str) -> Path:
    """Return where `generate_identities` puts the private key of a service."""
    return directory / f"{service}.key"


def trust_dir(directory: Path) -> Path:
    """Return the folder of public keys below the directory of the private ones."""
    return directory / "trust"


def generate_identities(directory: Path, services: Iterable[str] = SERVICES) -> None:
    """Make the key pair of every service that has none; keys that exist are kept.

    Private keys are `<directory>/<service>.key` (mode 0600), public ones
    `<directory>/trust/<service>.pub`.
    """
    trust = trust_dir(directory)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    trust.mkdir(exist_ok=True)
    for service in services:
        if not is_service_id(service):
            raise ValueError(f"a service id is lower-case letters and hyphens, was {service!r}")
        path = key_file(directory, service)
        if not path.exists():
            _write_private(path, Ed25519PrivateKey.generate())
        public = load_private_key(path).public_key()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        _replace(trust / f"{service}.pub", pem, 0o644)


def load_private_key(path: Path) -> Ed25519PrivateKey:
    """Read a service's private key.

    Raises `StartRefused` when it is missing, readable by others, or not an Ed25519 key.
    """
    try:
        mode = path.stat().st_mode
        pem = path.read_bytes()
    except OSError as error:
        message = f"the identity key {path} cannot be read: {error.strerror}"
        raise StartRefused("identity_key_unreadable", message) from error
    if mode & 0o077:
        message = f"the identity key {path} is open to other users; run chmod 600 on it"
        raise StartRefused("identity_key_exposed", message)
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        message = f"the identity key {path} is not a PEM private key"
        raise StartRefused("identity_key_malformed", message) from error
    if not isinstance(key, Ed25519PrivateKey):
        message = f"the identity key {path} is not an Ed25519 key"
        raise StartRefused("identity_key_malformed", message)
    return key


def load_public_key(path: Path) -> Ed25519PublicKey | None:
    """Read a public key; None where the file is missing or holds no Ed25519 key."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Ed25519PublicKey) else None


def _write_private(path: Path, key: Ed25519PrivateKey) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _replace(path, pem, 0o600)


def _replace(path: Path, content: bytes, mode: int) -> None:
    # Another process may read while we write: it sees the old file or the whole new one.
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
