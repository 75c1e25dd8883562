"""Runs auth: `python -m ct_auth`."""

from flask import Flask

from ct_auth.settings import AuthSettings
from ct_kit.logs import configure_logging
from ct_kit.settings import load_settings
from ct_kit.web.serve import serve_wsgi


def main() -> None:
    """Serve; what the application imports is imported in the worker only."""
    settings = load_settings(AuthSettings)
    configure_logging("auth", settings.log_format)

    def factory() -> Flask:
        from ct_auth.bootstrap import bootstrap  # noqa: PLC0415 - keeps the parent process small

        return bootstrap(settings)

    serve_wsgi(factory, settings.host, settings.port, threads=settings.threads)


if __name__ == "__main__":
    main()
