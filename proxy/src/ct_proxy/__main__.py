"""Runs the proxy: `python -m ct_proxy`."""

import sys

from ct_kit.errors import StartRefused
from ct_kit.logs import configure_logging
from ct_kit.settings import EXIT_CONFIGURATION, load_settings
from ct_kit.web.serve import serve
from ct_proxy.bootstrap import bootstrap
from ct_proxy.settings import ProxySettings


def main() -> None:
    """Serve, or say in one line why not."""
    settings = load_settings(ProxySettings)
    configure_logging("proxy", settings.log_format)
    try:
        app = bootstrap(settings)
    except StartRefused as refused:
        sys.stderr.write(f"Cannot start: {refused.detail}\n")
        raise SystemExit(EXIT_CONFIGURATION) from refused
    serve(app, settings.host, settings.port)


if __name__ == "__main__":
    main()
