"""The collection `attempts`: failures for an hour, known addresses for ninety days.

E-mails and addresses are kept as salted hashes: enough to count by, useless to read.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from ct_auth.domain.throttle import WINDOW, Recent
from ct_kit.errors import Unavailable
from ct_kit.mongo import mongo_errors, new_id

Document = dict[str, Any]

_REMEMBER_ADDRESS = timedelta(days=90)
_SALT = "attempt_salt"
_FAILED, _KNOWN = "failed", "known"


class MongoAttempts:
    """Attempts, counted over a sliding window."""

    def __init__(self, database: Database[Document]) -> None:
        self._attempts = database["attempts"]
        self._install = database["install"]
        self._salt: bytes | None = None

    def begin(self, account: str, address: str, now: datetime) -> str:
        """Write an attempt down as failed before it is weighed; return its id."""
        attempt = new_id("att")
        account, address = self._mark(account), self._mark(address)
        # From a known address an attempt is no stranger's, whatever others do.
        known = self._is_known(account, address)
        with mongo_errors():
            self._attempts.insert_one(
                {
                    "_id": attempt,
                    "kind": _FAILED,
                    "account": account,
                    "address": address,
                    "stranger": not known,
                    "at": now,
                    "remove_at": now + WINDOW,
                }
            )
        return attempt

    def recent(self, attempt: str, account: str, address: str, now: datetime) -> Recent:
        """Count the other attempts that matter to this one."""
        account, address = self._mark(account), self._mark(address)
        others = {"kind": _FAILED, "at": {"$gt": now - WINDOW}, "_id": {"$ne": attempt}}
        pair = {**others, "account": account, "address": address}
        with mongo_errors():
            by_pair = self._attempts.count_documents(pair)
            newest = self._attempts.find_one(pair, sort=[("at", -1)])
            strangers = {**others, "account": account, "stranger": True}
            by_strangers = self._attempts.count_documents(strangers)
            by_address = self._attempts.count_documents({**others, "address": address})
        since = (now - newest["at"]).total_seconds() if newest else WINDOW.total_seconds()
        return Recent(by_pair, since, by_strangers, by_address, self._is_known(account, address))

    def forget(self, attempt: str) -> None:
        """Let an attempt that was not weighed count for nothing."""
        with mongo_errors():
            self._attempts.delete_one({"_id": attempt})

    def succeed(self, attempt: str, account: str, address: str, now: datetime) -> None:
        """Turn an attempt into a known address and clear the pair's failures."""
        account, address = self._mark(account), self._mark(address)
        pair = {"account": account, "address": address}
        with mongo_errors():
            self._attempts.delete_many({**pair, "kind": _FAILED, "at": {"$lte": now}})
            self._attempts.update_one(
                {"_id": f"{_KNOWN}:{account}:{address}"},
                {"$set": {**pair, "kind": _KNOWN, "at": now, "remove_at": now + _REMEMBER_ADDRESS}},
                upsert=True,
            )
        self.forget(attempt)

    def _is_known(self, account: str, address: str) -> bool:
        with mongo_errors():
            found = self._attempts.find_one({"_id": f"{_KNOWN}:{account}:{address}"}, {"_id": 1})
        return found is not None

    def _mark(self, text: str) -> str:
        if self._salt is None:
            self._salt = self._installs_salt()
        return hmac.new(self._salt, text.encode(), hashlib.sha256).hexdigest()[:32]

    def _installs_salt(self) -> bytes:
        with mongo_errors():
            self._install.update_one(
                {"_id": _SALT}, {"$setOnInsert": {"salt": secrets.token_bytes(32)}}, upsert=True
            )
            found = self._install.find_one({"_id": _SALT})
        if found is None:
            raise Unavailable("database_unavailable", "The database lost what it just stored.")
        return bytes(found["salt"])
