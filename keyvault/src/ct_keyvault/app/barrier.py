"""The barrier between secrets and an untrusted store: sealed until the root key opens the keyring."""

import asyncio
import hashlib
import hmac
import secrets

from ct_keyvault.domain.envelope import (
    KEY_BYTES,
    EnvelopeRefusedError,
    Place,
    clear,
    seal,
    term_of,
    unseal,
)
from ct_keyvault.domain.keyring import Keyring, KeyringRefusedError, UnknownTermError
from ct_keyvault.domain.records import KeyRecord, Sealed
from ct_keyvault.domain.secret import Secret
from ct_keyvault.errors import RecordUnreadable, VaultSealed
from ct_keyvault.ports import KeyringStore, KeyStore, RootKeySource, StoredKeyring
from ct_kit.logs import get_logger

_RESERVE_BLOCK = 1_000
"""Uses of a term counted ahead at once; a crash wastes at most this many of 2**32."""

_TERM_BUDGET = 3_865_470_566
"""0.9 x 2**32: random 96-bit nonces under one key, NIST SP 800-38D with OpenBao's margin."""

_ROOT_TERM = 0
log = get_logger(__name__)


class Barrier:
    """Holds the keyring in memory once unsealed, and nothing else does."""

    def __init__(
        self,
        root_key: RootKeySource,
        keyrings: KeyringStore,
        records: KeyStore,
        *,
        term_budget: int = _TERM_BUDGET,
    ) -> None:
        self._root_key = root_key
        self._keyrings = keyrings
        self._records = records
        self._term_budget = term_budget
        self._keyring: Keyring | None = None
        self._revision = 0
        self._uses_left = 0
        self._wrapping = asyncio.Lock()
        self.sealed_reason: str | None = "it was not unsealed yet"

    async def unseal(self) -> None:
        """Open the keyring with the root key, or make the first one on a fresh install.

        Raises `VaultSealed`, and stays sealed, when the key is missing or wrong, or when records
        exist without a keyring: a new keyring would hide that the old one was lost.
        """
        try:
            stored = await self._keyrings.load()
            if stored is None:
                stored = await self._create()
            self._open(stored)
        except VaultSealed as sealed:
            self.sealed_reason = sealed.reason
            raise
        self.sealed_reason = None

    async def enclose(self, place: Place, secret: Secret) -> Sealed:
        """Seal a secret under a new data key, and that under the active term."""
        payload = secret.to_bytes()
        data_key = bytearray(secrets.token_bytes(KEY_BYTES))
        try:
            async with self._wrapping:
                await self._count_use()
                active = self._open_keyring().active
                wrapped = seal(
                    active.key, active.number, data_key, place.authenticated_bytes("key")
                )
            body = seal(data_key, place.version, payload, place.authenticated_bytes("secret"))
        finally:
            clear(payload)
            clear(data_key)
        return Sealed(version=place.version, wrapped_key=wrapped, payload=body)

    async def disclose(self, record: KeyRecord) -> Secret:
        """Open a record's secret; the caller clears it. Raises `RecordUnreadable` on any doubt."""
        place, sealed = record.place(), record.sealed
        try:
            key = await self._term_key(term_of(sealed.wrapped_key))
            data_key = unseal(key, sealed.wrapped_key, place.authenticated_bytes("key"))
            try:
                payload = unseal(data_key, sealed.payload, place.authenticated_bytes("secret"))
            finally:
                clear(data_key)
        except (EnvelopeRefusedError, UnknownTermError) as refused:
            log.warning("record_unreadable", key_id=record.id, reason=str(refused))
            raise RecordUnreadable(str(refused)) from refused
        return Secret.from_bytes(payload)

    def digest(self, text: bytes) -> str:
        """Return a keyed hash: equal inputs are recognised, but not guessable from the store."""
        return hmac.new(self._derived(b"digest"), text, hashlib.sha256).hexdigest()

    def audit_key(self) -> bytes:
        """Return the key of the audit chain, the same over all terms."""
        return self._derived(b"audit")

    async def rotate(self) -> None:
        """Add a term: it seals from now on, older terms still open what they sealed."""
        rotated = self._open_keyring().rotated(secrets.token_bytes(KEY_BYTES))
        stored = self._under_root(rotated, self._revision + 1)
        if await self._keyrings.save(stored):
            log.info("keyring_rotated", term=rotated.active.number)
        await self._reload()

    async def _count_use(self) -> None:
        if self._uses_left == 0:
            active = self._open_keyring().active.number
            if await self._keyrings.reserve(active, _RESERVE_BLOCK) > self._term_budget:
                await self.rotate()
                await self._keyrings.reserve(self._open_keyring().active.number, _RESERVE_BLOCK)
            self._uses_left = _RESERVE_BLOCK
        self._uses_left -= 1

    async def _term_key(self, number: int) -> bytes:
        try:
            return self._open_keyring().key(number)
        except UnknownTermError:
            # Another replica may have rotated since we read the ring.
            async with self._wrapping:
                await self._reload()
            return self._open_keyring().key(number)

    async def _create(self) -> StoredKeyring:
        if await self._records.any():
            raise VaultSealed("there are key records but no keyring; restore it from a backup")
        ring = Keyring.first(secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES))
        stored = self._under_root(ring, revision=1)
        if await self._keyrings.save(stored):
            log.info("keyring_created", term=ring.active.number)
            return stored
        return await self._stored()

    async def _stored(self) -> StoredKeyring:
        stored = await self._keyrings.load()
        if stored is None:
            raise VaultSealed("the keyring is gone from the store; restore it from a backup")
        return stored

    async def _reload(self) -> None:
        self._open(await self._stored())

    def _under_root(self, ring: Keyring, revision: int) -> StoredKeyring:
        root = self._root_key.read()
        try:
            sealed = seal(root, _ROOT_TERM, ring.to_bytes(), _keyring_place(revision))
        finally:
            clear(root)
        return StoredKeyring(revision, sealed)

    def _open(self, stored: StoredKeyring) -> None:
        root = self._root_key.read()
        try:
            plain = unseal(root, stored.sealed, _keyring_place(stored.revision))
            ring = Keyring.from_bytes(plain)
            clear(plain)
        except (EnvelopeRefusedError, KeyringRefusedError) as refused:
            raise VaultSealed("the root key does not open the stored keyring") from refused
        finally:
            clear(root)
        if self._keyring is None or self._keyring.active.number != ring.active.number:
            self._uses_left = 0
        self._keyring, self._revision = ring, stored.revision

    def _open_keyring(self) -> Keyring:
        if self._keyring is None:
            raise VaultSealed(self.sealed_reason or "it was not unsealed yet")
        return self._keyring

    def _derived(self, purpose: bytes) -> bytes:
        # The anchor is a uniformly random key, so one HMAC per purpose separates its uses.
        return hmac.new(self._open_keyring().anchor, purpose, hashlib.sha256).digest()


def _keyring_place(revision: int) -> bytes:
    return Place("", "keyring", "", revision).authenticated_bytes("keyring")
