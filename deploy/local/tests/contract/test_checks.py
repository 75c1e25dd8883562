"""What is checked before anything is started."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ct_local.disk import require_free_disk
from ct_local.errors import StartFault
from ct_local.logfile import RotatingLog
from ct_local.ports import require_free_ports
from ct_local.rootkey import ensure_root_key
from ct_local.runlock import RunLock


def test_a_taken_port_names_its_holder_and_the_remedy(occupied_port: tuple[int, int]) -> None:
    port, pid = occupied_port
    with pytest.raises(StartFault) as fault:
        require_free_ports("127.0.0.1", {"auth": port})
    line = fault.value.line()
    assert f"Port {port} (auth) is taken by process {pid} (" in line
    assert f"kill {pid}" in line
    assert "CT_PORT_OFFSET=1000 make run" in line
    assert "\n" not in line


def test_a_second_start_on_the_same_data_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    first = RunLock(tmp_path / "run.lock", "http://127.0.0.1:8080")
    with pytest.raises(StartFault) as fault:
        RunLock(tmp_path / "run.lock", "http://127.0.0.1:9080")
    assert f"(process {os.getpid()}, http://127.0.0.1:8080)" in fault.value.line()
    assert "\n" not in fault.value.line()

    first.close()
    RunLock(tmp_path / "run.lock", "http://127.0.0.1:9080").close()


def test_a_disk_without_room_is_refused_with_the_figures(tmp_path: Path) -> None:
    with pytest.raises(StartFault, match="GB are needed"):
        require_free_disk(tmp_path, required_bytes=2**63)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RotatingLog]:
    log = RotatingLog(tmp_path / "service.log", max_bytes=100, backups=2)
    yield log
    log.close()


def test_a_log_keeps_its_size_and_two_older_files(log: RotatingLog, tmp_path: Path) -> None:
    for number in range(40):
        log.write(f"line {number:04d}\n".encode())
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["service.log", "service.log.1", "service.log.2"]
    assert all(path.stat().st_size <= 100 for path in tmp_path.iterdir())
    assert (tmp_path / "service.log.2").read_text().startswith("line 0010")
    assert log.last_line() == "line 0039"


def test_a_log_on_a_full_disk_loses_lines_but_never_raises(tmp_path: Path) -> None:
    (tmp_path / "full.log").symlink_to("/dev/full")
    log = RotatingLog(tmp_path / "full.log")
    log.write(b"lost\n")
    assert log.broken is not None
    assert log.last_line() == "lost"
    log.close()


def test_the_root_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "keyvault" / "root.key"
    ensure_root_key(path)
    made = path.read_text()
    assert len(bytes.fromhex(made)) == 32
    assert path.stat().st_mode & 0o777 == 0o600

    ensure_root_key(path)
    assert path.read_text() == made
