"""The collection `audit`."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from ct_kit.mongo import IndexSpec, mongo_errors, new_id
from ct_proxy.ports import AuditRow

Document = dict[str, Any]

_KEEP = timedelta(days=90)
INDEXES = (
    IndexSpec("audit", (("at", 1),), expire_after_s=int(_KEEP.total_seconds())),
    IndexSpec("audit", (("verdict", 1), ("at", -1))),
)


class MongoAudit:
    """Attempts, kept for ninety days."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._audit = database["audit"]

    async def add(self, row: AuditRow) -> None:
        """Write a row durably."""
        with mongo_errors():
            await self._audit.insert_one({"_id": new_id("egr"), **asdict(row)})
