"""The doctor tells what is wrong, in words of its own, and answers with the exit code."""

import json
import os
from pathlib import Path

import pytest

from ct_kit.testing import free_port
from ct_local import doctor
from ct_local.runlock import RunLock, is_held
from ct_local.settings import LauncherSettings


def entry(name: str, **changes: object) -> dict[str, object]:
    return {
        "name": name,
        "pid": os.getpid(),
        "ports": {name: free_port()},
        "state": "ready",
        "reason": "",
        "restarts": 0,
        "rss_bytes": 50_000_000,
        "log": f"logs/{name}.log",
        **changes,
    }


@pytest.fixture
def settings(tmp_path: Path) -> LauncherSettings:
    return LauncherSettings(data_dir=tmp_path, port_offset=2_000)


def test_a_platform_that_does_not_run_is_no_fault_by_itself(
    settings: LauncherSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    doctor.examine(settings)
    assert "is not running; start it with make run" in capsys.readouterr().out


def test_a_service_that_is_down_is_a_fault_with_its_log(
    settings: LauncherSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    services = [
        entry("mongod"),
        entry("auth", state="down", reason="ended with SIGKILL; restart 4 in 4 s", restarts=4),
        entry("bots"),  # says it is ready, and nobody listens
    ]
    status = {"state": "ready", "address": "http://127.0.0.1:8080", "services": services}
    (tmp_path / "status.json").write_text(json.dumps(status))
    lock = RunLock(tmp_path / "run.lock", "http://127.0.0.1:8080")
    assert is_held(tmp_path / "run.lock")

    code = doctor.examine(settings)

    lock.close()
    assert not is_held(tmp_path / "run.lock")
    lines = capsys.readouterr().out.splitlines()
    assert code == 1
    assert "ok     platform         ready at http://127.0.0.1:8080, 150 MB" in lines
    auth = next(line for line in lines if " auth " in line)
    assert auth.startswith("FAULT")
    assert auth.endswith("restarted 4 times; its log: logs/auth.log")
    assert any(line.startswith("FAULT  bots") and "not listening" in line for line in lines)
