"""`make doctor`: what is wrong on this machine, and what to do about it."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from ct_kit.errors import StartRefused
from ct_kit.mongod import find_mongod
from ct_local import plan
from ct_local.disk import require_free_disk
from ct_local.errors import StartFault
from ct_local.layout import DataDir
from ct_local.page import require_page
from ct_local.ports import require_free_ports
from ct_local.readiness import http_probe
from ct_local.runlock import is_held
from ct_local.settings import LauncherSettings

_MANY_RESTARTS = 3


def examine(settings: LauncherSettings) -> int:
    """Print one line per finding; return 0 when nothing is wrong, else 1."""
    data = DataDir(settings.data_dir.resolve())
    running = is_held(data.run_lock)
    findings = list(_machine(settings, data))
    findings += _running(data) if running else _stopped(settings)
    for well, subject, text in findings:
        sys.stdout.write(f"{'ok   ' if well else 'FAULT'}  {subject:<16} {text}\n")
    return 0 if all(well for well, _, _ in findings) else 1


Finding = tuple[bool, str, str]


def _machine(settings: LauncherSettings, data: DataDir) -> Iterator[Finding]:
    yield _check("page", "built", require_page)
    folder = data.root if data.root.exists() else data.root.parent
    yield _check("disk", "has room", lambda: require_free_disk(folder))
    if settings.mongodb_uri is None:
        try:
            yield True, "mongod", str(find_mongod())
        except StartRefused as refusal:
            yield False, "mongod", refusal.detail


def _stopped(settings: LauncherSettings) -> Iterator[Finding]:
    yield True, "platform", "is not running; start it with make run"
    ports = plan.shifted_ports(settings)
    yield _check(
        "ports",
        "are free",
        lambda: require_free_ports("127.0.0.1", ports, offset=settings.port_offset),
    )


def _running(data: DataDir) -> Iterator[Finding]:
    try:
        status: dict[str, Any] = json.loads(data.status.read_text())
    except FileNotFoundError:
        yield True, "platform", "is just starting or stopping; ask again in a moment"
        return
    memory = sum(entry["rss_bytes"] for entry in status["services"])
    yield True, "platform", f"{status['state']} at {status['address']}, {memory / 1e6:.0f} MB"
    for entry in status["services"]:
        yield _service(entry)


def _service(entry: dict[str, Any]) -> Finding:
    """Judge one child: by its own word where it has one, and by how often it died."""
    reason = entry["reason"]
    if entry["state"] == "ready" and entry["name"] != "mongod":
        port = next(iter(entry["ports"].values()))
        reason = asyncio.run(http_probe(port)()).reason
    text = reason or f"ready, process {entry['pid']}, {entry['rss_bytes'] / 1e6:.0f} MB"
    if entry["restarts"]:
        text += f", restarted {entry['restarts']} times"
    well = not reason and entry["restarts"] < _MANY_RESTARTS
    return well, entry["name"], text if well else f"{text}; its log: {entry['log']}"


def _check(subject: str, good: str, check: Callable[[], None]) -> Finding:
    try:
        check()
    except StartFault as fault:
        return False, subject, fault.line()
    return True, subject, good
