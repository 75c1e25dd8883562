"""Which MongoDB the platform uses: the operator's, one on the PATH, or the embedded one."""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass

from ct_kit.errors import StartRefused
from ct_kit.mongod import MongodOptions, find_mongod, mongod_arguments, replica_set_uri
from ct_local.errors import StartFault
from ct_local.layout import REPOSITORY, DataDir
from ct_local.process import Process
from ct_local.readiness import Probe, Readiness
from ct_local.settings import LauncherSettings
from ct_local.spec import ChildSpec

# a session's writes reach the journal within this; killing earlier only costs a longer next start
_STOP_WITHIN_S = 4.0


@dataclass(frozen=True, slots=True)
class Database:
    """Where the services find MongoDB, and the child to supervise when it is ours."""

    uri: str
    origin: str
    spec: ChildSpec | None


def choose(settings: LauncherSettings, data: DataDir, port: int) -> Database:
    """Return the MongoDB to use: CT_MONGODB_URI, else a mongod on the PATH, else the wheel's.

    Raises StartFault when none can be run.
    """
    if settings.mongodb_uri is not None:
        return Database(
            settings.mongodb_uri.get_secret_value(), "MongoDB of CT_MONGODB_URI", spec=None
        )
    data.mongo.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        binary = find_mongod(data.mongo / "bin")
    except StartRefused as refusal:
        raise StartFault(
            refusal.detail + ".", "Then start again: make run.", code=refusal.code
        ) from refusal
    spec = ChildSpec(
        name="mongod",
        argv=tuple(mongod_arguments(binary, MongodOptions(data_dir=data.mongo, port=port))),
        env={key: os.environ[key] for key in ("PATH", "HOME", "TZ") if key in os.environ},
        cwd=REPOSITORY,
        ports={"mongod": port},
        probe=_primary_probe(port),
        tier=0,
        stop_within_s=_STOP_WITHIN_S,
    )
    return Database(replica_set_uri(port), f"mongod {binary}", spec)


def _primary_probe(port: int) -> Probe:
    """Return a probe that makes mongod the primary of its set, in a program of its own.

    The driver works with threads, and the launcher must not have any (see `process`).
    """

    async def probe() -> Readiness:
        said = bytearray()
        helper = Process(
            (sys.executable, "-m", "ct_local.primary", str(port)),
            env={"PATH": os.environ.get("PATH", "")},
            cwd=REPOSITORY,
            on_output=said.extend,
        )
        try:
            code = await helper.exited()
        except asyncio.CancelledError:
            helper.signal_group(signal.SIGKILL)
            raise
        reason = said.decode(errors="replace").strip().rpartition("\n")[2]
        return Readiness(ready=code == 0, reason=reason)

    return probe
