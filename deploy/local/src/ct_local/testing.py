"""A whole platform under test, started as an operator starts it. No product code imports this."""

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ct_kit.identity import ServiceIdentity, key_file, trust_dir
from ct_kit.testing import eventually_sync
from ct_local.layout import PORTS, REFUSED_BY_BROWSERS, REPOSITORY

START_WITHIN_S = 120.0
STOP_WITHIN_S = 15.0


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
        if pid is None:
            raise AssertionError(f"{name} is down already")
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_restarted(self, name: str, old_pid: int, timeout_s: float = 60) -> int:
        """Wait until a killed service is ready again; return its new id."""

        def back() -> int | None:
            entry = next(e for e in self.status()["services"] if e["name"] == name)
            fresh = entry["pid"] not in {None, old_pid} and entry["state"] == "ready"
            return entry["pid"] if fresh else None

        return eventually_sync(back, timeout_s=timeout_s) or 0

    def stop(self) -> None:
        """End it with SIGTERM, when it still runs."""
        if self.launcher.poll() is None:
            self.launcher.send_signal(signal.SIGTERM)
        self.launcher.wait(STOP_WITHIN_S)

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
        if PORTS["gateway"] + offset == REFUSED_BY_BROWSERS:
            continue
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


def launch_platform(data_dir: Path, **settings: str) -> Platform:
    """Start a platform on free ports and return when it is ready; `Platform.stop` ends it."""
    offset = _free_offset()
    said = data_dir / "launcher.txt"
    with said.open("wb") as output:
        launcher = subprocess.Popen(
            [sys.executable, "-m", "ct_local", "run", "--with-parent"],
            cwd=REPOSITORY,
            env=launch_environment(data_dir, offset, **settings),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    eventually_sync(
        lambda: launcher.poll() is not None or "CryptoTrade is ready" in said.read_text(),
        timeout_s=START_WITHIN_S,
    )
    if launcher.poll() is not None:
        raise AssertionError(said.read_text())
    return Platform(launcher, data_dir, offset)


def launch_environment(data_dir: Path, port_offset: int, **settings: str) -> dict[str, str]:
    """Return the environment of a launcher: this one's, without CT_ settings of its own."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CT_")}
    return {
        **clean,
        "CT_DATA_DIR": str(data_dir),
        "CT_PORT_OFFSET": str(port_offset),
        **settings,
    }
