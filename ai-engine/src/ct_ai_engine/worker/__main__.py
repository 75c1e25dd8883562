"""Start the worker: `python -m ct_ai_engine.worker`."""

import signal

from ct_ai_engine.settings import AiEngineSettings
from ct_ai_engine.wiring import ping
from ct_ai_engine.worker.bootstrap import worker
from ct_ai_engine.worker.health import serve_health
from ct_kit.logs import configure_logging
from ct_kit.mongo import sync_client
from ct_kit.settings import load_settings
from ct_kit.web.serve import require_safe_host


def main() -> None:
    """Work until SIGTERM or SIGINT."""
    settings = load_settings(AiEngineSettings)
    configure_logging("ai-worker", settings.log_format)
    require_safe_host(settings.host, None)
    client = sync_client(settings.mongodb_uri)
    running = worker(settings, client)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: running.stop())
    server = serve_health(settings.host, settings.worker_port, lambda: ping(client))
    try:
        running.run()
    finally:
        server.shutdown()
        server.server_close()
        client.close()


if __name__ == "__main__":
    main()
