"""A child's life is tied to its launcher's, whatever ends the launcher."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from ct_kit.testing import eventually
from ct_local.status_file import resident_bytes_by_group

LAUNCHER = """
import asyncio, sys
from pathlib import Path
from ct_local.guard import Guard
from ct_local.process import Process

FORKING = "import os, signal; os.fork() and print('up', flush=True); signal.pause()"

async def main(guard):
    child = Process(
        (sys.executable, "-S", "-c", FORKING),
        env={}, cwd=Path("/"), on_output=lambda data: print(child.pid, flush=True),
    )
    guard.watch(child.pid)
    await child.exited()

with Guard() as guard:
    asyncio.run(main(guard))
"""


async def test_a_killed_launcher_takes_its_children_and_theirs_along(tmp_path: Path) -> None:
    program = tmp_path / "launcher.py"
    program.write_text(LAUNCHER)
    with subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, text=True
    ) as launcher:
        assert launcher.stdout is not None
        group = int(launcher.stdout.readline())
        assert group in resident_bytes_by_group()
        os.kill(launcher.pid, signal.SIGKILL)
        launcher.wait()
    await eventually(lambda: group not in resident_bytes_by_group())
