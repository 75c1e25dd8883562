"""Start the API process: `python -m ct_ai_engine`."""

from flask import Flask

from ct_ai_engine.settings import AiEngineSettings
from ct_kit.logs import configure_logging
from ct_kit.settings import load_settings
from ct_kit.web.serve import serve_wsgi


def main() -> None:
    """Serve until SIGTERM."""
    settings = load_settings(AiEngineSettings)
    configure_logging("ai-engine", settings.log_format)

    def factory() -> Flask:
        # Imported in gunicorn's worker, after the fork: the parent stays small.
        from ct_ai_engine.bootstrap import api  # noqa: PLC0415
        from ct_kit.mongo import sync_client  # noqa: PLC0415

        return api(settings, sync_client(settings.mongodb_uri))

    serve_wsgi(factory, settings.host, settings.port)


if __name__ == "__main__":
    main()
