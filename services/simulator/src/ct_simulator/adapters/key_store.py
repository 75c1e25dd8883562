"""API keys in a file of their own, readable by its owner alone; never in the truth log."""

import os
from dataclasses import asdict
from pathlib import Path

import orjson

from ct_simulator.domain.keys import ApiKey, KeyKind, Permissions
from ct_simulator.errors import TruthDamaged, UnknownKey


class KeyStore:
    """Keep API keys in memory and on disk."""

    def __init__(self, path: Path) -> None:
        """Read the file when there is one; raises TruthDamaged when it is unreadable."""
        self._path = path
        self._keys: dict[str, ApiKey] = {}
        if path.exists():
            try:
                self._keys = {row["api_key"]: _key(row) for row in orjson.loads(path.read_bytes())}
            except (ValueError, KeyError, TypeError) as error:
                raise TruthDamaged(f"the API keys in {path} are unreadable") from error

    def get(self, api_key: str) -> ApiKey | None:
        """Return a key, None when there is none of that name."""
        return self._keys.get(api_key)

    def of_account(self, account_id: str) -> list[ApiKey]:
        """List the keys of an account, oldest first."""
        return [key for key in self._keys.values() if key.account_id == account_id]

    def of_account_named(self, account_id: str, api_key: str) -> ApiKey:
        """Return a key of this account; raises UnknownKey."""
        key = self._keys.get(api_key)
        if key is None or key.account_id != account_id:
            raise UnknownKey
        return key

    def put(self, key: ApiKey) -> None:
        """Add or replace a key; it is on disk when this returns."""
        self._keys[key.api_key] = key
        fresh = self._path.with_suffix(".new")
        rows = [asdict(known) for known in self._keys.values()]
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "wb") as stream:
            stream.write(orjson.dumps(rows))
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(self._path)


def _key(row: dict[str, object]) -> ApiKey:
    permissions = Permissions(**row["permissions"])  # type: ignore[arg-type]  # checked by the call
    return ApiKey(
        api_key=str(row["api_key"]),
        account_id=str(row["account_id"]),
        kind=KeyKind(str(row["kind"])),
        material=str(row["material"]),
        created_ms=int(str(row["created_ms"])),
        permissions=permissions,
    )
