"""gunicorn from within the process: one threaded worker, quiet, ended by SIGTERM in seconds."""

import json
import logging
import mmap
import os
import signal
import socket
import ssl
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger as GunicornLogger

from ct_kit.errors import StartRefused

if TYPE_CHECKING:
    from flask import Flask

    from ct_kit.web.serve import TlsFiles

_STOP_CALLBACKS = "ct_kit.stop_callbacks"
_REFUSAL_DETAIL = 500  # characters; escaped by JSON they grow at most six times
_REFUSAL_BYTES = 4_096


def run(
    factory: Callable[[], "Flask"],
    listener: socket.socket,
    *,
    threads: int,
    grace_s: int,
    tls: "TlsFiles | None",
) -> StartRefused | None:
    """Serve on a listening socket, which is gunicorn's from here on, until SIGTERM or SIGINT.

    Returns the refusal where the factory raised `StartRefused`.
    """
    parent = os.getpid()
    application = _Application(factory, _options(listener, threads, grace_s, tls))
    try:
        application.run()
    except SystemExit:
        refusal = application.refusal()
        if refusal is None or os.getpid() != parent:
            raise  # the worker's own exit code tells gunicorn not to start another one
        return refusal
    return None


class _Logger(GunicornLogger):  # type: ignore[misc]  # gunicorn ships no types
    """Hands gunicorn's few warnings to the root logger: our format, our redaction."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self.error_log.setLevel(logging.WARNING)
        self.error_log.propagate = True

    def access(self, *_args: Any) -> None:
        """Write nothing: requests are counted, and named by id where they matter."""


class _Application(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    def __init__(self, factory: Callable[[], "Flask"], options: dict[str, Any]) -> None:
        self._factory = factory
        self._options = options
        # The factory runs in a forked worker: its refusal comes back through shared memory.
        self._refusal = mmap.mmap(-1, _REFUSAL_BYTES)
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> "Flask":
        try:
            return self._factory()
        except StartRefused as refusal:
            note = json.dumps([refusal.code, refusal.detail[:_REFUSAL_DETAIL]])
            self._refusal[: len(note)] = note.encode()
            raise

    def refusal(self) -> StartRefused | None:
        note = self._refusal[:].rstrip(b"\0")
        return StartRefused(*json.loads(note)) if note else None


def _options(
    listener: socket.socket, threads: int, grace_s: int, tls: "TlsFiles | None"
) -> dict[str, Any]:
    options: dict[str, Any] = {
        "bind": f"fd://{listener.detach()}",
        "workers": 1,
        "worker_class": "gthread",
        "threads": threads,
        "graceful_timeout": grace_s,
        "timeout": 60,
        "keepalive": 30,
        "worker_tmp_dir": "/dev/shm",  # noqa: S108 - a heartbeat file; a slow disk would kill the worker
        "control_socket_disable": True,
        "logger_class": _Logger,
        "post_worker_init": _end_streams_first,
    }
    if tls is not None:
        options |= {"certfile": str(tls.certificate), "keyfile": str(tls.key)}
        if tls.client_ca is not None:
            options |= {"ca_certs": str(tls.client_ca), "cert_reqs": ssl.CERT_REQUIRED}
    return options


def _end_streams_first(worker: Any) -> None:
    """Let SIGTERM end the app's open streams, then the worker: threads would wait for them."""
    callbacks = worker.wsgi.extensions[_STOP_CALLBACKS]

    def stop(number: int, frame: FrameType | None) -> None:
        for callback in callbacks:
            callback()
        worker.handle_exit(number, frame)

    signal.signal(signal.SIGTERM, stop)
