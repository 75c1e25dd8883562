"""The whole platform, once per test session, for whatever crosses services."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ct_kit.identity import ServiceIdentity, key_file, trust_dir
from ct_kit.testing import eventually_sync
from ct_local.layout import PORTS

REPOSITORY = Path(__file__).resolve().parent.parent
START_WITHIN_S = 120
STOP_WITHIN_S = 15


@dataclass(frozen=True, slots=True)
class Platform:
    """A running platform, started as an operator starts it."""

    launcher: "subprocess.Popen[bytes]"
    data_dir: Path
    port_offset: int

    @property
    def base_url(self) -> str:
        """Return where the gateway answers."""
        return f"http://127.0.0.1:{self.port('gateway')}"

    def port(self, name: str) -> int:
        """Return the port of a service, by its name in `ct_local.layout.PORTS`."""
        return PORTS[name] + self.port_offset

    def status(self) -> dict[str, Any]:
        """Return what the launcher writes about its children."""
        document: dict[str, Any] = json.loads((self.data_dir / "status.json").read_text())
        return document

    def pid(self, name: str) -> int | None:
        """Return the process id of a service, None while it is down."""
        services = self.status()["services"]
        pid: int | None = next(entry["pid"] for entry in services if entry["name"] == name)
        return pid

    def kill(self, name: str) -> int:
        """End a service with SIGKILL, as a crash does; return the id it had."""
        pid = self.pid(name)
        assert pid is not None, f"{name} is down already"
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_restarted(self, name: str, old_pid: int, timeout_s: float = 60) -> int:
        """Wait until a killed service is ready again; return its new id."""

        def back() -> int | None:
            entry = next(e for e in self.status()["services"] if e["name"] == name)
            fresh = entry["pid"] not in {None, old_pid} and entry["state"] == "ready"
            return entry["pid"] if fresh else None

        pid = eventually_sync(back, timeout_s=timeout_s)
        assert pid is not None
        return pid

    def log(self, name: str) -> str:
        """Return the log of a service."""
        return (self.data_dir / "logs" / f"{name}.log").read_text(errors="replace")

    def service_token(self, caller: str, audience: str, subject: str | None = None) -> str:
        """Return a token as `caller` would send it to `audience`; valid for 60 seconds."""
        folder = self.data_dir / "identity"
        identity = ServiceIdentity.load(caller, key_file(folder, caller), trust_dir(folder))
        return identity.token(audience, subject=subject)

    def operator_token(self, audience: str = "simulator") -> str:
        """Return the operator's token, for the simulator's admin port."""
        return self.service_token("operator", audience)


def _free_offset() -> int:
    """Return an offset at which every port of the platform is free now.

    Below 5,600 all ports stay out of the kernel's ephemeral range, so no connection takes one.
    """
    slots = [1_000 + 50 * slot for slot in range(92)]
    first = os.getpid() % len(slots)
    for offset in slots[first:] + slots[:first]:
        if all(_is_free(port + offset) for port in PORTS.values()):
            return offset
    raise AssertionError("no free range of ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@pytest.fixture(scope="session")
def start_platform(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Platform]]:
    """Start a platform with settings of one's own; all are stopped at the end of the session."""
    running: list[Platform] = []

    def start(data_dir: Path | None = None, **settings: str) -> Platform:
        data_dir = data_dir or tmp_path_factory.mktemp("platform")
        offset = _free_offset()
        output = (data_dir / "launcher.txt").open("wb")
        environment = {key: value for key, value in os.environ.items() if key[:3] != "CT_"}
        environment |= {"CT_DATA_DIR": str(data_dir), "CT_PORT_OFFSET": str(offset), **settings}
        with output:
            launcher = subprocess.Popen(  # the launcher's own group: a Ctrl-C here stops it too
                [sys.executable, "-m", "ct_local", "run"],
                cwd=REPOSITORY,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        platform = Platform(launcher, data_dir, offset)
        running.append(platform)

        def said() -> str:
            return (data_dir / "launcher.txt").read_text()

        eventually_sync(
            lambda: launcher.poll() is not None or "CryptoTrade is ready" in said(),
            timeout_s=START_WITHIN_S,
        )
        assert launcher.poll() is None, said()
        return platform

    yield start
    for platform in running:
        if platform.launcher.poll() is None:
            platform.launcher.send_signal(signal.SIGTERM)
    for platform in running:
        platform.launcher.wait(STOP_WITHIN_S)


@pytest.fixture(scope="session")
def platform(start_platform: Callable[..., Platform]) -> Platform:
    """The platform most tests share: simulated market, empty database, roomy request budgets."""
    return start_platform(CT_GATEWAY_LIMIT_SCALE="100")
