import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ct_kit.testing import free_port
from ct_local.backoff import Backoff
from ct_local.console import Console
from ct_local.guard import Guard
from ct_local.readiness import http_probe
from ct_local.spec import ChildSpec
from ct_local.status_file import StatusFile
from ct_local.supervisor import Supervisor

# a child that serves /readyz and obeys SIGTERM, in one small file
SERVING = """
import http.server, os, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *args):
        pass
print("serving as", os.getpid(), flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""

LISTENING = """
import signal, socket
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
signal.pause()
"""


@pytest.fixture
def make_spec(tmp_path: Path) -> Callable[..., ChildSpec]:
    def make(
        name: str, script: str = SERVING, *, prelude: str = "", **changes: object
    ) -> ChildSpec:
        program = tmp_path / f"{name}.py"
        program.write_text(prelude + "\n" + script)
        port = free_port()
        spec = ChildSpec(
            name=name,
            argv=(sys.executable, "-S", "-E", str(program), str(port)),
            env={"PATH": os.environ["PATH"]},
            cwd=tmp_path,
            ports={name: port},
            probe=http_probe(port),
            tier=1,
        )
        return replace(spec, **changes)

    return make


@pytest.fixture
def said(tmp_path: Path) -> Callable[[], str]:
    """Return what the console has printed so far."""
    return (tmp_path / "console.txt").read_text


@pytest.fixture
async def supervise(
    tmp_path: Path,
) -> AsyncIterator[Callable[..., Supervisor]]:
    made: list[Supervisor] = []
    with (tmp_path / "console.txt").open("w") as stream, Guard() as guard:

        def make(*specs: ChildSpec, **changes: object) -> Supervisor:
            supervisor = Supervisor(
                specs,
                console=Console(stream),
                status=StatusFile(tmp_path / "status.json", {"launcher_pid": os.getpid()}),
                logs=tmp_path / "logs",
                guard=guard,
                **{"new_backoff": lambda: Backoff(first_s=0.05, longest_s=0.4), **changes},
            )
            made.append(supervisor)
            return supervisor

        yield make
        for supervisor in made:
            await supervisor.stop(budget_s=2)


@pytest.fixture
def occupied_port() -> Iterator[tuple[int, int]]:
    """A port with a listener in another process: (port, pid)."""
    listener = subprocess.Popen(
        [
            sys.executable,
            "-c",
            LISTENING,
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert listener.stdout is not None
    with listener.stdout as output:
        port = int(output.readline())
        yield port, listener.pid
        listener.kill()
        listener.wait()


@pytest.fixture
def is_alive() -> Callable[[int], bool]:
    """Tell whether a process runs (a zombie does not)."""

    def alive(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        except OSError:
            return False

    return alive
