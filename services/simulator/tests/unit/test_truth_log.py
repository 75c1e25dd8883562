"""The truth log survives what disks and power cuts do to it."""

import asyncio
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from ct_simulator.adapters.truth_log import TruthLog
from ct_simulator.domain.events import AccountOpened, from_record, to_record
from ct_simulator.errors import JournalBroken, TruthDamaged

EVENT = AccountOpened("acc_1", 5, "one", {"USDT": Decimal("10.5")})
AFTER = {"USDT": {"free": "10.5", "locked": "0"}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "truth.jsonl"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[[], TruthLog]]:
    logs: list[TruthLog] = []

    def make() -> TruthLog:
        logs.append(TruthLog(path))
        return logs[-1]

    yield make
    for log in logs:
        log.close()


def other(number: int) -> AccountOpened:
    return AccountOpened(f"acc_{number}", 5, "other", {"USDT": Decimal("10.5")})


def test_what_was_written_is_rebuilt_and_read(opened: Callable[[], TruthLog]) -> None:
    log = opened()
    log.append([(EVENT, AFTER)])
    log.append([(other(2), AFTER), (other(3), AFTER)])
    again = opened()
    assert list(again.rebuild().accounts) == ["acc_1", "acc_2", "acc_3"]
    assert [record["seq"] for record in again.read(1, 10, None)] == [2, 3]
    assert [record["seq"] for record in again.read(0, 10, "acc_3")] == [3]
    assert again.read(3, 10, None) == []


def test_records_spell_events_back() -> None:
    assert from_record(to_record(EVENT)) == EVENT


def test_only_what_is_on_disk_is_read(opened: Callable[[], TruthLog]) -> None:
    log = opened()
    log.append([(EVENT, AFTER)])
    assert log.read(0, 10, None) == []
    asyncio.run(log.durable())
    assert len(log.read(0, 10, None)) == 1


@pytest.mark.parametrize("lost", [1, 40, 400])
def test_an_unfinished_transaction_is_cut_off(
    opened: Callable[[], TruthLog], path: Path, lost: int
) -> None:
    log = opened()
    log.append([(EVENT, AFTER)])
    whole = path.stat().st_size
    log.append([(other(2), AFTER), (other(3), AFTER)])
    os.truncate(path, max(path.stat().st_size - lost, whole + 1))
    again = opened()
    assert list(again.rebuild().accounts) == ["acc_1"]
    assert path.stat().st_size == whole
    again.append([(other(4), AFTER)])
    assert list(opened().rebuild().accounts) == ["acc_1", "acc_4"]


@pytest.mark.parametrize(
    "change",
    [
        lambda record: {**record, "seq": 7},
        lambda record: {**record, "balances": {"USDT": {"free": "11", "locked": "0"}}},
        lambda record: {**record, "kind": "gift"},
        lambda record: {name: value for name, value in record.items() if name != "label"},
    ],
)
def test_a_log_that_contradicts_itself_stops_the_start(
    opened: Callable[[], TruthLog], path: Path, change: Callable[[dict], dict]
) -> None:
    opened().append([(EVENT, AFTER)])
    record = orjson.loads(path.read_bytes())
    path.write_bytes(orjson.dumps(change(record)) + b"\n")
    with pytest.raises(TruthDamaged):
        opened().rebuild()


def test_after_a_failed_write_nothing_more_is_accepted(
    opened: Callable[[], TruthLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = opened()

    def full(file: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(JournalBroken):
        log.append([(EVENT, AFTER)])
    monkeypatch.undo()
    assert log.broken
    with pytest.raises(JournalBroken):
        log.append([(EVENT, AFTER)])


def test_one_sync_serves_all_who_wait(
    opened: Callable[[], TruthLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = opened()
    syncs: list[int] = []
    real = os.fdatasync

    def counting(file: int) -> None:
        syncs.append(file)
        real(file)

    monkeypatch.setattr(os, "fdatasync", counting)

    async def all_at_once() -> None:
        for number in range(20):
            log.append([(other(number), AFTER)])
        await asyncio.gather(*(log.durable() for _ in range(20)))

    asyncio.run(all_at_once())
    assert len(syncs) == 1
