"""gunicorn from within the process: one threaded worker, quiet, ended by SIGTERM in seconds."""

import logging
import signal
import socket
import ssl
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger as GunicornLogger

if TYPE_CHECKING:
    from ct_kit.web.serve import TlsFiles

_STOP_CALLBACKS = "ct_kit.stop_callbacks"


def run(
    factory: Callable[[], Flask],
    listener: socket.socket,
    *,
    threads: int,
    grace_s: int,
    tls: "TlsFiles | None",
) -> None:
    """Serve on a listening socket, which is gunicorn's from here on, until SIGTERM or SIGINT."""
    _Application(factory, _options(listener, threads, grace_s, tls)).run()


class _Logger(GunicornLogger):  # type: ignore[misc]  # gunicorn ships no types
    """Hands gunicorn's few warnings to the root logger: our format, our redaction."""

    def setup(self, cfg: Any) -> None:
        self.cfg = cfg
        self.error_log.setLevel(logging.WARNING)
        self.error_log.propagate = True

    def access(self, *_args: Any) -> None:
        """Write nothing: requests are counted, and named by id where they matter."""


class _Application(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    def __init__(self, factory: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._factory = factory
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._factory()


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
