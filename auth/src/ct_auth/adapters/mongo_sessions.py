"""The collection `sessions`; MongoDB itself removes what is over."""

from datetime import datetime
from typing import Any

from pymongo.database import Database

from ct_auth.domain.accounts import Session
from ct_kit.mongo import SyncOwnedCollection, mongo_errors

Document = dict[str, Any]


class MongoSessions:
    """Sessions by the hash of their id."""

    def __init__(self, database: Database[Document]) -> None:
        self._all = database["sessions"]
        self._owned = SyncOwnedCollection(self._all)

    def add(self, session: Session) -> None:
        """Store a session."""
        document = {
            "_id": session.id_hash,
            "ref": session.ref,
            "created_at": session.created_at,
            "last_seen_at": session.last_seen_at,
            "idle_until": session.idle_until,
            "expires_at": session.expires_at,
            "remove_at": session.expires_at,
            "user_agent": session.user_agent,
        }
        self._owned.insert(session.owner, document)

    def get(self, id_hash: str) -> Session | None:
        """Return the session behind an id's hash."""
        with mongo_errors():
            found = self._all.find_one({"_id": id_hash})
        return None if found is None else _session(found)

    def touch(self, id_hash: str, seen_at: datetime, idle_until: datetime) -> None:
        """Move the last use and the idle limit on; an ended session stays ended."""
        with mongo_errors():
            self._all.update_one(
                {"_id": id_hash}, {"$set": {"last_seen_at": seen_at, "idle_until": idle_until}}
            )

    def of_owner(self, owner: str, now: datetime) -> list[Session]:
        """Return the owner's live sessions, newest first."""
        live = {"idle_until": {"$gt": now}, "expires_at": {"$gt": now}}
        found = self._owned.find(owner, live, sort=[("created_at", -1)])
        return [_session(document) for document in found]

    def remove(self, owner: str, ref: str) -> bool:
        """End one session by its public name."""
        return self._owned.delete_one(owner, {"ref": ref})

    def remove_all(self, owner: str) -> int:
        """End every session of the owner."""
        with mongo_errors():
            return self._all.delete_many({"owner": owner}).deleted_count


def _session(document: Document) -> Session:
    fields = {name: document[name] for name in Session.__dataclass_fields__ if name != "id_hash"}
    return Session(id_hash=document["_id"], **fields)
