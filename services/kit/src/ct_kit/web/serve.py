"""Run an app: loopback in the clear, anywhere else with TLS, and a quick clean end.

Both servers stop within a few seconds of SIGTERM, also while streams are open: the app's stop
callbacks end the streams first, a time limit ends what is left.
"""

import ipaddress
import socket
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ct_kit.errors import StartRefused
from ct_kit.logs import get_logger
from ct_kit.settings import EXIT_CONFIGURATION

if TYPE_CHECKING:
    from fastapi import FastAPI
    from flask import Flask

GRACE_S = 3
"""How long requests in flight may go on after SIGTERM; the supervisor waits longer."""

_BACKLOG = 512
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files of a server; with `client_ca` only clients it certifies may connect."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


def require_safe_host(host: str, tls: TlsFiles | None) -> None:
    """Raise `StartRefused` for a host beyond loopback without TLS."""
    if tls is None and not _is_loopback(host):
        raise StartRefused(
            "plain_http_exposed",
            f"{host} is reachable from elsewhere; listen on 127.0.0.1 or configure TLS",
        )


def serve(app: "FastAPI", host: str, port: int, *, tls: TlsFiles | None = None) -> None:
    """Serve an ASGI app with uvicorn until SIGTERM or SIGINT.

    Ends the process with exit code 78 when the address may not or cannot be listened on.
    """
    import uvicorn  # noqa: PLC0415 - a worker without HTTP never pays for it

    class Server(uvicorn.Server):
        """Tells the app to stop before waiting for its streams."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            for callback in app.state.stop_callbacks:
                callback()
            await super().shutdown(sockets)

    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_S,
        **_uvicorn_tls(tls),
    )
    with _listening(host, port, tls) as listener:
        _log.info("listening", host=host, port=listener.getsockname()[1])
        try:
            # Ends the process itself, with code 3, when the lifespan cannot start.
            Server(config).run(sockets=[listener])
        except SystemExit:
            if app.state.start_refused is not None:
                _refuse(app.state.start_refused)
            raise


def serve_wsgi(
    factory: Callable[[], "Flask"],
    host: str,
    port: int,
    *,
    threads: int = 16,
    tls: TlsFiles | None = None,
) -> None:
    """Serve a Flask app with gunicorn, one worker of `threads`, until SIGTERM or SIGINT.

    `factory` runs in the worker, after the fork, where database clients may be made; what it
    imports itself costs the parent process no memory. Ends the process with exit code 78 when
    the address may not or cannot be listened on.
    """
    from ct_kit.web.gunicorn import run  # noqa: PLC0415 - only Flask services have gunicorn

    listener = _listening(host, port, tls)
    _log.info("listening", host=host, port=listener.getsockname()[1])
    refusal = run(factory, listener, threads=threads, grace_s=GRACE_S, tls=tls)
    if refusal is not None:
        _refuse(refusal)


def _listening(host: str, port: int, tls: TlsFiles | None) -> socket.socket:
    try:
        require_safe_host(host, tls)
        return _bound(host, port)
    except StartRefused as refusal:
        _refuse(refusal)


def _refuse(refusal: StartRefused) -> NoReturn:
    sys.stderr.write(f"Cannot start: {refusal.detail}\n")
    raise SystemExit(EXIT_CONFIGURATION) from refusal


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        detail = f"{host}:{port} cannot be listened on: {error.strerror}; free it or choose another"
        raise StartRefused("port_taken", detail) from error


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _uvicorn_tls(tls: TlsFiles | None) -> dict[str, Any]:
    if tls is None:
        return {}
    options: dict[str, Any] = {"ssl_certfile": tls.certificate, "ssl_keyfile": tls.key}
    if tls.client_ca is not None:
        options |= {"ssl_ca_certs": str(tls.client_ca), "ssl_cert_reqs": ssl.CERT_REQUIRED}
    return options
