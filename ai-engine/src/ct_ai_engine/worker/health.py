"""The worker's /healthz, /readyz and /metrics, without a web framework in its memory."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ct_kit.telemetry import CONTENT_TYPE, Telemetry
from ct_kit.web.health import readiness_answer, reason_of

Answer = tuple[int, str, bytes]


def answer(path: str, check: Callable[[], object], telemetry: Telemetry) -> Answer:
    """Return status, content type and body for a path."""
    if path == "/healthz":
        return 200, "application/json", b'{"status":"alive"}'
    if path == "/metrics":
        return 200, CONTENT_TYPE, telemetry.exposition()
    if path == "/readyz":
        reasons = []
        try:
            check()
        except Exception as error:  # noqa: BLE001 - any failure means not ready, and is told
            reasons.append(reason_of("database", error))
        status, body = readiness_answer(reasons)
        return status, "application/json", body
    return 404, "text/plain", b"not found"


def serve_health(host: str, port: int, check: Callable[[], object]) -> ThreadingHTTPServer:
    """Serve on a daemon thread; shut the returned server down at the end."""
    telemetry = Telemetry("ai-worker")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body = answer(self.path, check, telemetry)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing: probes come every second."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
