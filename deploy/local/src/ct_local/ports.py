"""Which ports are free, and who holds those that are not (Linux: /proc)."""

import errno
import socket
from collections.abc import Mapping
from pathlib import Path

from ct_local.errors import StartFault

_LISTEN = "0A"  # state column of /proc/net/tcp, include/net/tcp_states.h


def require_free_ports(host: str, ports: Mapping[str, int], *, offset: int = 0) -> None:
    """Raise StartFault naming the first taken port, its holder when visible, and the remedy.

    `offset` is the present CT_PORT_OFFSET; the remedy names a larger one.
    """
    for name, port in ports.items():
        if _is_free(host, port):
            continue
        pid = listening_pid(port)
        holder = f"process {pid} ({_command_of(pid)})" if pid else "another process"
        stop = f"Stop it (kill {pid})" if pid else "Stop it"
        raise StartFault(
            f"Port {port} ({name}) is taken by {holder}.",
            f"{stop}, or move every port of CryptoTrade: CT_PORT_OFFSET={offset + 1000} make run.",
            code="port_taken",
        )


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # as the servers do: a port in TIME_WAIT is free, a listening one is not
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def listening_pid(port: int) -> int | None:
    """Return the process listening on `port`, or None when /proc does not show it to us."""
    inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if any(str(link.readlink()) in inodes for link in (entry / "fd").iterdir()):
                return int(entry.name)
        except OSError:
            continue  # it ended meanwhile, or belongs to someone else
    return None


def _listening_inodes(port: int) -> set[str]:
    inodes: set[str] = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if not table.exists():
            continue
        for row in table.read_text().splitlines()[1:]:
            columns = row.split()
            if columns[3] == _LISTEN and int(columns[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(columns[9])
    return inodes


def _command_of(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return "unknown command"
    return " ".join(command.split())[:60] or "unknown command"  # one line, whatever it holds
