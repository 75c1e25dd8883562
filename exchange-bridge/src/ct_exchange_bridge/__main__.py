"""Runs the bridge: `python -m ct_exchange_bridge`."""

from ct_exchange_bridge.bootstrap import bootstrap
from ct_exchange_bridge.settings import BridgeSettings
from ct_kit.logs import configure_logging
from ct_kit.settings import load_settings
from ct_kit.web.serve import serve


def main() -> None:
    """Read the settings, build the application, serve it."""
    settings = load_settings(BridgeSettings)
    configure_logging("exchange-bridge", settings.log_format)
    serve(bootstrap(settings), settings.host, settings.port)


if __name__ == "__main__":
    main()
