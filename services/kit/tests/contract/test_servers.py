"""The real servers as processes: refuse what is unsafe, stop in seconds with streams open."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from ct_kit.errors import StartRefused
from ct_kit.testing import eventually_sync, free_port
from ct_kit.web.serve import require_safe_host

ASGI = """
from ct_kit.logs import configure_logging
from ct_kit.streaming import Broadcaster
from ct_kit.web.fastapi import create_service_app, ndjson_response, on_stop
from ct_kit.web.serve import serve
configure_logging("demo")
app = create_service_app("Demo", "demo")
feed = Broadcaster()
on_stop(app, feed.close)

@app.get("/v1/stream")
async def stream():
    return ndjson_response(feed.subscribe())

serve(app, "127.0.0.1", {port})
"""

WSGI = """
from ct_kit.logs import configure_logging
from ct_kit.web.serve import serve_wsgi
configure_logging("demo")

def factory():
    from ct_kit.streaming import ThreadedBroadcaster
    from ct_kit.web.flask import create_service_app, ndjson_response, on_stop
    app = create_service_app("Demo", "demo")
    feed = ThreadedBroadcaster()
    on_stop(app, feed.close)

    @app.get("/v1/stream")
    def stream():
        return ndjson_response(feed.subscribe())

    return app

serve_wsgi(factory, "127.0.0.1", {port}, threads=4)
"""

REFUSING_ASGI = """
from contextlib import asynccontextmanager
from ct_kit.errors import StartRefused
from ct_kit.web.fastapi import create_service_app
from ct_kit.web.serve import serve

@asynccontextmanager
async def lifespan(app):
    raise {error}
    yield

serve(create_service_app("Demo", "demo", lifespan=lifespan), "127.0.0.1", {port})
"""

REFUSING_WSGI = """
from ct_kit.errors import StartRefused
from ct_kit.web.serve import serve_wsgi

def factory():
    raise {error}

serve_wsgi(factory, "127.0.0.1", {port})
"""

BOTH = pytest.mark.parametrize("program", [ASGI, WSGI], ids=["uvicorn", "gunicorn"])
REFUSING = pytest.mark.parametrize(
    "program", [REFUSING_ASGI, REFUSING_WSGI], ids=["uvicorn", "gunicorn"]
)


@pytest.fixture
def start() -> Any:
    """Start programs and make sure none is left."""
    started = []

    def run(program: str, **values: Any) -> Any:
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-c", program.format(port=port, **values)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        started.append(process)
        return process, port

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


def answers(port: int) -> Any:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    except httpx.TransportError:
        return False


@BOTH
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_ends_open_streams_and_the_process_in_seconds(
    start: Any, program: str, number: Any
) -> None:
    process, port = start(program)
    eventually_sync(lambda: answers(port), timeout_s=60)
    with httpx.stream("GET", f"http://127.0.0.1:{port}/v1/stream") as response:
        lines = response.iter_lines()
        assert next(lines) == '{"channel":"heartbeat"}'
        process.send_signal(number)
        try:
            assert list(lines) == []
        except httpx.RemoteProtocolError:
            assert number == signal.SIGINT  # gunicorn takes it for an order to hurry
    process.wait(8)  # the grace of 3 s and what a busy machine adds; the supervisor waits longer
    assert not answers(port)


@BOTH
def test_a_killed_server_leaves_no_worker(start: Any, program: str) -> None:
    process, port = start(program)
    eventually_sync(lambda: answers(port), timeout_s=60)
    workers = children(process.pid)
    process.kill()
    process.wait()
    eventually_sync(lambda: not any(map(runs, workers)))
    eventually_sync(lambda: not answers(port))


def runs(pid: int) -> bool:
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())  # empty: ended, not reaped yet
    except FileNotFoundError:
        return False


def children(pid: int) -> Any:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


@REFUSING
def test_a_refused_start_says_why_and_is_not_tried_again(start: Any, program: str) -> None:
    process, _ = start(program, error="StartRefused('index_missing', 'mend the index')")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 78
    assert b"Cannot start: mend the index" in out


@REFUSING
def test_a_start_that_failed_for_now_has_another_exit_code(start: Any, program: str) -> None:
    process, _ = start(program, error="OSError('the database is not there yet')")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 3
    assert b"the database is not there yet" in out


@BOTH
def test_a_taken_port_is_one_clear_line(start: Any, program: str) -> None:
    first, port = start(program)
    eventually_sync(lambda: answers(port), timeout_s=60)
    second = subprocess.run(
        [sys.executable, "-c", program.format(port=port)],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert second.returncode == 78
    assert f"127.0.0.1:{port} cannot be listened on".encode() in second.stderr
    assert b"Traceback" not in second.stderr
    assert first.poll() is None


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",  # noqa: S104 - it is the one to be refused
        "::",
        "192.168.1.5",
        "example.org",
        "",
        "127.0.0.1.nip.io",
    ],
)
def test_plain_http_is_for_loopback_only(host: str) -> None:
    with pytest.raises(StartRefused):
        require_safe_host(host, None)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_loopback_needs_no_certificate(host: str) -> None:
    require_safe_host(host, None)
