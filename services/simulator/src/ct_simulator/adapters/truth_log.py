"""The truth log on disk: one JSON line per event, synced before an answer leaves.

A transaction is the lines up to and including one with `"end": true`. What a crash left of an
unfinished transaction was never answered for and is cut off at the next start.
"""

import asyncio
import os
from array import array
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson

from ct_simulator.domain.events import Event, Record, from_record, plain, to_record
from ct_simulator.domain.ledger import Ledger
from ct_simulator.errors import JournalBroken, TruthDamaged


class TruthLog:
    """Append to one file and read it back; the journal of the exchange."""

    def __init__(self, path: Path) -> None:
        """Open the log, creating it if need be, readable by its owner alone."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._offsets = array("Q")  # where record n begins, n counted from 1
        self._size = 0
        self._transaction = 0
        self._synced = 0
        self._broken = False
        self._syncing = asyncio.Lock()
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="truth-log")

    @property
    def position(self) -> int:
        """Return the number of the last record written."""
        return len(self._offsets)

    @property
    def broken(self) -> bool:
        """Tell whether a write failed, after which nothing is accepted."""
        return self._broken

    def rebuild(self) -> Ledger:
        """Read the whole log into a new ledger; call once, before the first append.

        Raises TruthDamaged when a record is unreadable or the balances it names do not follow.
        """
        ledger = Ledger()
        data = self._path.read_bytes()
        complete = 0
        pending: list[tuple[int, Record]] = []
        offset = 0
        for line in data.splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            record = self._parse(line, len(self._offsets) + len(pending) + 1)
            pending.append((offset, record))
            offset += len(line)
            if record["end"]:
                self._apply(ledger, pending)
                pending.clear()
                complete = offset
        if complete < len(data):
            os.truncate(self._path, complete)
            os.fsync(self._file)
        self._size = complete
        self._synced = self.position
        return ledger

    def append(self, entries: list[tuple[Event, Record]]) -> None:
        """Write one transaction; raises JournalBroken when it cannot be written."""
        if self._broken:
            raise JournalBroken
        self._transaction += 1
        lines: list[bytes] = []
        for index, (event, balances) in enumerate(entries, start=1):
            record = {
                "seq": self.position + index,
                "tx": self._transaction,
                "end": index == len(entries),
                **to_record(event),
                "balances": balances,
            }
            lines.append(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        data = b"".join(lines)
        try:
            written = os.write(self._file, data)
        except OSError as error:
            self._broken = True
            raise JournalBroken from error
        if written != len(data):  # a full disk cuts short; the next start cuts it off
            self._broken = True
            raise JournalBroken
        for line in lines:
            self._offsets.append(self._size)
            self._size += len(line)

    async def durable(self) -> None:
        """Return when everything written so far is on disk; calls at the same time share a sync."""
        wanted = self.position
        async with self._syncing:
            if self._synced >= wanted:
                return
            mark = self.position
            try:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(self._disk, os.fdatasync, self._file)
            except OSError as error:
                self._broken = True
                raise JournalBroken from error
            self._synced = mark

    def read(self, after: int, limit: int, account_id: str | None) -> list[Record]:
        """Return up to `limit` records with a higher number than `after`, of one account or all."""
        found: list[Record] = []
        with self._path.open("rb") as stream:
            if after < self._synced:
                stream.seek(self._offsets[after])
            for _ in range(after, self._synced):
                record: Record = orjson.loads(stream.readline())
                if account_id is None or record["account_id"] == account_id:
                    found.append(record)
                    if len(found) == limit:
                        break
        return found

    def close(self) -> None:
        """Sync and close the file."""
        self._disk.shutdown(wait=True)
        if not self._broken:
            os.fdatasync(self._file)
        os.close(self._file)

    def _parse(self, line: bytes, number: int) -> Record:
        try:
            record: Record = orjson.loads(line)
            in_order = record["seq"] == number
        except (ValueError, KeyError, TypeError) as error:
            raise TruthDamaged(f"record {number} of {self._path} is unreadable") from error
        if not in_order:
            raise TruthDamaged(f"record {number} of {self._path} says it is {record['seq']}")
        return record

    def _apply(self, ledger: Ledger, transaction: list[tuple[int, Record]]) -> None:
        for offset, record in transaction:
            self._offsets.append(offset)
            try:
                account, _ = ledger.apply(from_record(record))
                agrees = all(
                    plain(account.balances[asset].free) == after["free"]
                    and plain(account.balances[asset].locked) == after["locked"]
                    for asset, after in record["balances"].items()
                )
            except (KeyError, ValueError, ArithmeticError) as error:
                raise TruthDamaged(f"record {record['seq']} cannot be applied") from error
            if not agrees:
                raise TruthDamaged(f"the balances of record {record['seq']} do not follow")
            self._transaction = record["tx"]
