"""The platform as an operator starts, watches and ends it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from ct_kit.testing import eventually_sync
from ct_local.layout import REPOSITORY
from ct_local.status_file import resident_bytes_by_group
from ct_local.testing import Platform, launch_environment

pytestmark = pytest.mark.platform

MEMORY_BUDGET = 1.5 * 2**30
STOP_WITHIN_S = 10


def launch_again(platform: Platform, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = launch_environment(platform.data_dir, platform.port_offset)
    return subprocess.run(
        [sys.executable, "-m", "ct_local", "run"],
        cwd=REPOSITORY,
        env={**environment, **settings},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def groups_of(platform: Platform) -> set[int]:
    return {entry["pid"] for entry in platform.status()["services"] if entry["pid"]}


def test_every_service_is_ready_and_the_page_is_served(platform: Platform) -> None:
    services = platform.status()["services"]
    assert {entry["state"] for entry in services} == {"ready"}
    assert [entry["restarts"] for entry in services] == [0] * len(services)
    page = httpx.get(platform.base_url)
    assert page.status_code == 200
    assert "<!doctype html>" in page.text.lower()


def test_all_processes_together_stay_within_the_memory_budget(platform: Platform) -> None:
    memory = resident_bytes_by_group()
    total = sum(memory.get(group, 0) for group in groups_of(platform))
    assert 0 < total < MEMORY_BUDGET


def test_a_second_start_on_the_same_data_is_refused_in_one_line(platform: Platform) -> None:
    second = launch_again(platform)
    assert second.returncode != 0
    assert second.stdout == ""
    assert f"process {platform.launcher.pid}, {platform.base_url}" in second.stderr
    assert second.stderr.count("\n") == 1


def test_a_taken_port_is_named_with_its_holder(platform: Platform, tmp_path: Path) -> None:
    second = launch_again(platform, CT_DATA_DIR=str(tmp_path))
    assert second.returncode != 0
    assert "is taken by process" in second.stderr
    assert "CT_PORT_OFFSET" in second.stderr
    assert second.stderr.count("\n") == 1


def test_no_process_carries_another_ones_secrets(platform: Platform) -> None:
    for entry in platform.status()["services"]:
        environment = Path(f"/proc/{entry['pid']}/environ").read_bytes()
        assert (b"root.key" in environment) == (entry["name"] == "keyvault")
        assert environment.count(b".key\0") <= (2 if entry["name"] == "keyvault" else 1)


def test_a_killed_service_comes_back(platform: Platform) -> None:
    old = platform.kill("keyvault")
    new = platform.wait_restarted("keyvault", old)
    assert new != old


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything_in_time(
    start_platform: Callable[..., Platform], number: signal.Signals
) -> None:
    platform = start_platform()
    groups = groups_of(platform)

    began = time.monotonic()
    platform.launcher.send_signal(number)
    code = platform.launcher.wait(STOP_WITHIN_S)

    assert code == 0
    assert time.monotonic() - began < STOP_WITHIN_S
    eventually_sync(lambda: not groups & set(resident_bytes_by_group()))
    assert not (platform.data_dir / "status.json").exists()


def test_a_launcher_killed_by_force_leaves_no_process_and_its_data_start_again(
    start_platform: Callable[..., Platform],
) -> None:
    platform = start_platform()
    groups = groups_of(platform)

    platform.launcher.kill()
    platform.launcher.wait()

    eventually_sync(lambda: not groups & set(resident_bytes_by_group()))
    # another port, as after "port taken": the replica set follows
    again = start_platform(data_dir=platform.data_dir)
    assert again.status()["state"] == "ready"
