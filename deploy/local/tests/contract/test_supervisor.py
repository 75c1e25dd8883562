"""The supervisor against real processes."""

import asyncio
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from ct_kit.testing import eventually
from ct_local.backoff import Backoff
from ct_local.errors import StartFault
from ct_local.spec import ChildSpec
from ct_local.supervisor import Supervisor

DIES_AT_ONCE = """
import sys
print("first line")
print("the reason why")
sys.exit(3)
"""

REFUSES_SETTINGS = """
import sys
print("CT_DUMMY_PORT: must be a number")
sys.exit(78)
"""

IGNORES_SIGTERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"

FORKS = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pid = os.fork()
while pid == 0:
    signal.pause()
open({path!r}, "w").write(str(pid))
"""


def status_of(folder: Path, name: str) -> dict[str, object]:
    document = json.loads((folder / "status.json").read_text())
    return next(entry for entry in document["services"] if entry["name"] == name)


async def test_start_returns_when_every_child_is_ready(
    supervise: Callable[..., Supervisor], make_spec: Callable[..., ChildSpec], tmp_path: Path
) -> None:
    supervisor = supervise(make_spec("first"), make_spec("second", needs=("first",)))
    await supervisor.start(timeout_s=20)

    status = json.loads((tmp_path / "status.json").read_text())
    assert status["state"] == "ready"
    assert [entry["state"] for entry in status["services"]] == ["ready", "ready"]
    assert all(entry["rss_bytes"] > 1_000_000 for entry in status["services"])
    assert "serving as" in (tmp_path / "logs" / "first.log").read_text()


async def test_a_killed_child_comes_back_and_is_reported(
    supervise: Callable[..., Supervisor],
    make_spec: Callable[..., ChildSpec],
    said: Callable[[], str],
    tmp_path: Path,
) -> None:
    supervisor = supervise(make_spec("service"))
    await supervisor.start(timeout_s=20)
    first = status_of(tmp_path, "service")["pid"]
    assert isinstance(first, int)

    os.kill(first, signal.SIGKILL)

    await eventually(lambda: said().count("ready after") == 2)
    child = supervisor.children["service"]
    assert child.restarts == 1
    assert child.ready
    assert "ended with SIGKILL" in said()
    assert "restart 1 in 0.05 s" in said()


async def test_a_child_that_never_served_stops_the_start_with_its_last_words(
    supervise: Callable[..., Supervisor], make_spec: Callable[..., ChildSpec], tmp_path: Path
) -> None:
    supervisor = supervise(make_spec("healthy"), make_spec("broken", DIES_AT_ONCE))
    with pytest.raises(StartFault, match=r"broken cannot start \(exit code 3\): the reason why"):
        await supervisor.start(timeout_s=20)
    assert supervisor.children["broken"].restarts == 3


async def test_wrong_settings_are_not_tried_again(
    supervise: Callable[..., Supervisor], make_spec: Callable[..., ChildSpec]
) -> None:
    supervisor = supervise(make_spec("misconfigured", REFUSES_SETTINGS))
    with pytest.raises(StartFault, match="CT_DUMMY_PORT: must be a number"):
        await supervisor.start(timeout_s=20)
    assert supervisor.children["misconfigured"].restarts == 0


async def test_a_child_that_is_never_ready_is_named_with_its_reason(
    supervise: Callable[..., Supervisor], make_spec: Callable[..., ChildSpec]
) -> None:
    supervisor = supervise(make_spec("silent", "import signal; signal.pause()"))
    with pytest.raises(StartFault, match=r"Not ready after 1 s: silent \(not listening yet\)"):
        await supervisor.start(timeout_s=1)


async def test_stop_goes_from_the_highest_tier_down(
    supervise: Callable[..., Supervisor], make_spec: Callable[..., ChildSpec], tmp_path: Path
) -> None:
    order = tmp_path / "order.txt"
    script = f"""
import signal, sys
def stop(*_):
    with open({str(order)!r}, "a") as file:
        print(sys.argv[0].rsplit("/")[-1], file=file)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
"""
    names = {"database": 0, "service": 1, "edge": 2}
    supervisor = supervise(
        *(make_spec(name, prelude=script, tier=tier) for name, tier in names.items())
    )
    await supervisor.start(timeout_s=20)
    await supervisor.stop()
    assert order.read_text().split() == ["edge.py", "service.py", "database.py"]


async def test_a_child_deaf_to_sigterm_is_killed_with_all_it_forked(
    is_alive: Callable[[int], bool],
    supervise: Callable[..., Supervisor],
    make_spec: Callable[..., ChildSpec],
    tmp_path: Path,
) -> None:
    forked = tmp_path / "forked.txt"
    script = FORKS.format(path=str(forked))
    supervisor = supervise(make_spec("deaf", prelude=script, stop_within_s=0.2))
    await supervisor.start(timeout_s=20)
    pids = [status_of(tmp_path, "deaf")["pid"], int(forked.read_text())]

    began = asyncio.get_running_loop().time()
    await supervisor.stop(budget_s=5)

    assert asyncio.get_running_loop().time() - began < 2
    await eventually(lambda: not any(is_alive(pid) for pid in pids if isinstance(pid, int)))


async def test_what_a_crashed_child_forked_dies_with_it(
    is_alive: Callable[[int], bool],
    supervise: Callable[..., Supervisor],
    make_spec: Callable[..., ChildSpec],
    said: Callable[[], str],
    tmp_path: Path,
) -> None:
    forked = tmp_path / "forked.txt"
    script = FORKS.format(path=str(forked))
    supervisor = supervise(make_spec("parent", prelude=script))
    await supervisor.start(timeout_s=20)
    orphan = int(forked.read_text())
    parent = status_of(tmp_path, "parent")["pid"]
    assert isinstance(parent, int)

    os.kill(parent, signal.SIGKILL)

    await eventually(lambda: "ended with SIGKILL" in said())
    await eventually(lambda: not is_alive(orphan))


async def test_kill_ends_everything_at_once(
    supervise: Callable[..., Supervisor], make_spec: Callable[..., ChildSpec], tmp_path: Path
) -> None:
    supervisor = supervise(make_spec("deaf", prelude=IGNORES_SIGTERM, stop_within_s=60.0))
    await supervisor.start(timeout_s=20)
    stopping = asyncio.create_task(supervisor.stop(budget_s=60))
    await asyncio.sleep(0)  # let it send its SIGTERM
    supervisor.kill()
    async with asyncio.timeout(5):
        await stopping


async def test_a_full_disk_is_told_once_and_stops_nothing(
    supervise: Callable[..., Supervisor],
    make_spec: Callable[..., ChildSpec],
    said: Callable[[], str],
    tmp_path: Path,
) -> None:
    script = """
import threading
def chatter():
    while True:
        print("x" * 100, flush=True)
        threading.Event().wait(0.02)
threading.Thread(target=chatter, daemon=True).start()
"""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "chatty.log").symlink_to("/dev/full")
    supervisor = supervise(make_spec("chatty", prelude=script))
    await supervisor.start(timeout_s=20)
    assert said().count("cannot write: No space left on device. Free some space") == 1
    assert supervisor.children["chatty"].ready


def test_backoff_doubles_to_its_cap_and_forgets_after_health() -> None:
    backoff = Backoff()
    assert [backoff.delay_after(0) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert backoff.delay_after(61) == 0.5
    assert backoff.delay_after(3) == 1
