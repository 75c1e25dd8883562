"""What can go wrong in the vault, under the kit's tree.

::

    Unavailable
    ├── VaultSealed        give the vault its root key        (sealed)
    └── RecordUnreadable   look at the audit, restore         (record_unreadable)
"""

from ct_kit.errors import NotFound, Unavailable


class VaultSealed(Unavailable):
    """The vault has no keyring in memory: nothing can be sealed or signed."""

    def __init__(self, reason: str) -> None:
        super().__init__("sealed", f"The key vault is sealed: {reason}")
        self.reason = reason


class RecordUnreadable(Unavailable):
    """A stored record is damaged, was moved, or is older than the audit chain says."""

    def __init__(self, reason: str) -> None:
        super().__init__("record_unreadable", f"The stored key cannot be used: {reason}")


def key_not_found() -> NotFound:
    """Return the one answer for keys that do not exist and keys of others."""
    return NotFound("key_not_found", "There is no such key.")
