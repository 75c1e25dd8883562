"""Accounts, factors and audit in MongoDB; sessions and attempts have files of their own."""

from typing import Any

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from ct_auth.domain.accounts import Account, AuditRecord, Factor
from ct_kit.mongo import IndexSpec, SyncOwnedCollection, mongo_errors, new_id

Document = dict[str, Any]

INDEXES = (
    IndexSpec("users", (("email", 1),), unique=True),
    IndexSpec("sessions", (("owner", 1), ("ref", 1)), unique=True),
    IndexSpec("sessions", (("remove_at", 1),), expire_after_s=0),
    IndexSpec("attempts", (("account", 1), ("kind", 1), ("at", -1))),
    IndexSpec("attempts", (("address", 1), ("kind", 1), ("at", -1))),
    IndexSpec("attempts", (("remove_at", 1),), expire_after_s=0),
    IndexSpec("audit", (("owner", 1), ("_id", -1))),
)
_FIRST = "first_account"


class MongoAccounts:
    """The collection `users`."""

    def __init__(self, database: Database[Document]) -> None:
        self._users = database["users"]
        self._install = database["install"]
        self._factors = database["factors"]

    def add(self, account: Account) -> bool:
        """Insert; False when the e-mail is taken."""
        document = {
            "_id": account.id,
            "email": account.email,
            "password_hash": account.password_hash,
            "roles": list(account.roles),
            "created_at": account.created_at,
        }
        try:
            with mongo_errors():
                self._users.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    def claim_first(self, account_id: str) -> bool:
        """Say whether this is the first account of the install; true for one id ever."""
        try:
            with mongo_errors():
                self._install.insert_one({"_id": _FIRST, "account": account_id})
        except DuplicateKeyError:
            return False
        return True

    def get(self, account_id: str) -> Account | None:
        """Return an account."""
        return self._account({"_id": account_id})

    def by_email(self, email: str) -> Account | None:
        """Return the account of a lower-case e-mail."""
        return self._account({"email": email})

    def set_password(self, account_id: str, old_hash: str, new_hash: str) -> bool:
        """Replace a password hash if it is still the old one."""
        with mongo_errors():
            result = self._users.update_one(
                {"_id": account_id, "password_hash": old_hash},
                {"$set": {"password_hash": new_hash}},
            )
        return result.matched_count == 1

    def _account(self, where: Document) -> Account | None:
        with mongo_errors():
            found = self._users.find_one(where)
            if found is None:
                return None
            factor = self._factors.find_one({"_id": found["_id"], "confirmed": True}, {"_id": 1})
        return Account(
            id=found["_id"],
            email=found["email"],
            password_hash=found["password_hash"],
            roles=tuple(found["roles"]),
            created_at=found["created_at"],
            totp_enabled=factor is not None,
        )


class MongoFactors:
    """The collection `factors`, keyed by its owner."""

    def __init__(self, database: Database[Document]) -> None:
        self._factors = database["factors"]

    def get(self, owner: str) -> Factor | None:
        """Return the account's factor, confirmed or not."""
        with mongo_errors():
            found = self._factors.find_one({"_id": owner})
        if found is None:
            return None
        return Factor(
            owner=owner,
            secret=found["secret"],
            confirmed=found["confirmed"],
            last_step=found["last_step"],
            recovery_hashes=tuple(found["recovery_hashes"]),
        )

    def enrol(self, factor: Factor) -> bool:
        """Store an unconfirmed factor over any other unconfirmed one; False over a confirmed one."""
        fields = {"secret": factor.secret, "last_step": factor.last_step, "recovery_hashes": []}
        try:
            with mongo_errors():
                self._factors.update_one(
                    {"_id": factor.owner, "confirmed": False}, {"$set": fields}, upsert=True
                )
        except DuplicateKeyError:
            return False
        return True

    def confirm(self, owner: str, secret: str, step: int, recovery: tuple[str, ...]) -> bool:
        """Confirm exactly this secret with its first code."""
        fields = {"confirmed": True, "last_step": step, "recovery_hashes": list(recovery)}
        where = {"confirmed": False, "secret": secret}
        return self._change(owner, where, {"$set": fields})

    def use_step(self, owner: str, step: int) -> bool:
        """Spend a code; False when it, or a later one, was spent before."""
        where = {"confirmed": True, "last_step": {"$lt": step}}
        return self._change(owner, where, {"$set": {"last_step": step}})

    def use_recovery(self, owner: str, code_hash: str) -> bool:
        """Spend a recovery code; False when there is no such one."""
        where = {"confirmed": True, "recovery_hashes": code_hash}
        return self._change(owner, where, {"$pull": {"recovery_hashes": code_hash}})

    def remove(self, owner: str) -> None:
        """Forget the factor."""
        with mongo_errors():
            self._factors.delete_one({"_id": owner})

    def _change(self, owner: str, where: Document, update: Document) -> bool:
        with mongo_errors():
            result = self._factors.update_one({"_id": owner, **where}, update)
        return result.matched_count == 1


class MongoAudit:
    """The collection `audit`."""

    def __init__(self, database: Database[Document]) -> None:
        self._records = SyncOwnedCollection(database["audit"])

    def add(self, record: AuditRecord) -> None:
        """Append."""
        document = {
            "_id": new_id("aud"),
            "at": record.at,
            "event": record.event,
            "detail": record.detail,
        }
        self._records.insert(record.owner, document)

    def of_owner(self, owner: str, limit: int) -> list[AuditRecord]:
        """Return the newest first."""
        found = self._records.find(owner, sort=[("_id", -1)], limit=limit)
        return [AuditRecord(owner, one["at"], one["event"], one["detail"]) for one in found]
