"""Fixtures and helpers for the tests of every service; loaded once, in the root conftest.

Nothing here is imported by product code.
"""

import asyncio
import inspect
import os
import socket
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import pytest
import structlog

from ct_kit.domain.identifiers import new_id
from ct_kit.http import ServiceClient, SyncServiceClient
from ct_kit.identity import ServiceIdentity, Verifier, generate_identities, key_file, trust_dir
from ct_kit.mongo import sync_client
from ct_kit.mongod import Mongod, MongodOptions, external_uri

if TYPE_CHECKING:
    from fastapi import FastAPI
    from flask import Flask

Value = TypeVar("Value")
_POLL_S = 0.01
PATIENCE_S = 20.0
"""How long to wait for what should be soon: long, for a busy machine is not a fault."""


def pytest_configure() -> None:
    """Send logs through the standard library, where pytest shows them beside a failure only."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def eventually(
    condition: Callable[[], Value | Awaitable[Value]], *, timeout_s: float = PATIENCE_S
) -> Value:
    """Wait until a condition, plain or async, returns something true, and return that.

    A condition that raises `AssertionError` is not met yet; its last word is in the failure.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        fault: AssertionError | None = None
        try:
            found = condition()
            value = await found if inspect.isawaitable(found) else found
            if value:
                return value
        except AssertionError as error:
            fault = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not met within {timeout_s} s") from fault
        await asyncio.sleep(_POLL_S)


def eventually_sync(condition: Callable[[], Value], *, timeout_s: float = PATIENCE_S) -> Value:
    """Do as `eventually` in blocking code."""
    deadline = time.monotonic() + timeout_s
    while True:
        fault: AssertionError | None = None
        try:
            if value := condition():
                return value
        except AssertionError as error:
            fault = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not met within {timeout_s} s") from fault
        time.sleep(_POLL_S)


@dataclass(frozen=True, slots=True)
class Identities:
    """Keys of all services in a temporary directory."""

    directory: Path

    @property
    def trust_dir(self) -> Path:
        """Return the folder of public keys."""
        return trust_dir(self.directory)

    def key_file(self, service: str) -> Path:
        """Return the private key's path, for a service that is started as a process."""
        return key_file(self.directory, service)

    def of(self, service: str) -> ServiceIdentity:
        """Return a service's identity."""
        return ServiceIdentity.load(service, self.key_file(service), self.trust_dir)

    def verifier(self, audience: str, callers: Collection[str]) -> Verifier:
        """Return the verifier `audience` would use."""
        return Verifier(audience, self.trust_dir, callers)

    def headers(
        self,
        caller: str,
        audience: str,
        user_id: str | None = None,
        roles: Iterable[str] = (),
    ) -> dict[str, str]:
        """Return the headers of a call from one service to another."""
        return {"Authorization": f"Bearer {self.of(caller).token(audience, user_id, roles)}"}


@pytest.fixture(scope="session")
def identities(tmp_path_factory: pytest.TempPathFactory) -> Identities:
    """Make keys for all services, once per run."""
    directory = tmp_path_factory.mktemp("identities")
    generate_identities(directory)
    return Identities(directory)


@pytest.fixture(scope="session")
def mongo_uri() -> Iterator[str]:
    """Run a real mongod for the session, or use the one `CT_MONGODB_URI` names."""
    external = external_uri(os.environ)
    if external is not None:
        yield external
        return
    with tempfile.TemporaryDirectory(prefix="ct-mongo-") as directory:
        options = MongodOptions(Path(directory), free_port(), die_with_parent=True)
        with Mongod(options) as server:
            yield server.uri


@pytest.fixture
def mongo_prefix(mongo_uri: str) -> Iterator[str]:
    """Give the test databases of its own and drop them afterwards."""
    prefix = f"{new_id('tt')[-12:]}_"
    yield prefix
    with sync_client(mongo_uri) as client:
        for name in client.list_database_names():
            if name.startswith(prefix):
                client.drop_database(name)


def asgi_client(app: "FastAPI") -> httpx.AsyncClient:
    """Return a bare HTTP client onto an app in this process."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")


def running(app: "FastAPI") -> AbstractAsyncContextManager[Any]:
    """Run an app's lifespan around a block; transports in process do not."""
    return app.router.lifespan_context(app)


@contextmanager
def serving(app: "FastAPI | Flask") -> Iterator[str]:
    """Serve an app on a free port of this process and yield its base URL; for streams.

    httpx's in-process transports collect an answer whole, so a stream needs a socket.
    """
    from fastapi import FastAPI  # noqa: PLC0415 - a Flask service may not have it

    with _serving_asgi(app) if isinstance(app, FastAPI) else _serving_wsgi(app) as url:
        yield url


@contextmanager
def _serving_asgi(app: "FastAPI") -> Iterator[str]:
    import uvicorn  # noqa: PLC0415

    port = free_port()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually_sync(lambda: server.started or not thread.is_alive())
        yield f"http://127.0.0.1:{port}"
    finally:
        for callback in app.state.stop_callbacks:
            callback()
        server.should_exit = True
        thread.join()


@contextmanager
def _serving_wsgi(app: "Flask") -> Iterator[str]:
    from werkzeug.serving import make_server  # noqa: PLC0415

    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]  # of socketserver.ThreadingMixIn
    thread = threading.Thread(target=server.serve_forever, args=(_POLL_S,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        for callback in app.extensions["ct_kit.stop_callbacks"]:
            callback()
        server.shutdown()
        thread.join()
        server.server_close()


def service_client(app: "FastAPI", audience: str, identity: ServiceIdentity) -> ServiceClient:
    """Return a `ServiceClient` onto a FastAPI app in this process."""
    transport = httpx.ASGITransport(app)
    return ServiceClient("http://service", audience, identity, transport=transport)


def sync_service_client(
    app: "Flask", audience: str, identity: ServiceIdentity
) -> SyncServiceClient:
    """Return a `SyncServiceClient` onto a Flask app in this process."""
    transport = httpx.WSGITransport(app)
    return SyncServiceClient("http://service", audience, identity, transport=transport)
