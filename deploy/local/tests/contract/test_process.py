"""A child's life is tied to its launcher's, whatever ends the launcher."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from ct_kit.testing import eventually

LAUNCHER = """
import asyncio, os, sys
from pathlib import Path
from ct_local.process import Process

async def main():
    child = Process(
        (sys.executable, "-S", "-c", "import signal; print('up', flush=True); signal.pause()"),
        env={}, cwd=Path("/"), on_output=lambda data: print(child.pid, flush=True),
    )
    await child.exited()

asyncio.run(main())
"""


async def test_a_child_dies_when_its_launcher_is_killed(
    tmp_path: Path, is_alive: Callable[[int], bool]
) -> None:
    program = tmp_path / "launcher.py"
    program.write_text(LAUNCHER)
    with subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, text=True
    ) as launcher:
        assert launcher.stdout is not None
        child = int(launcher.stdout.readline())
        assert is_alive(child)
        os.kill(launcher.pid, signal.SIGKILL)
        launcher.wait()
    await eventually(lambda: not is_alive(child))
