"""Settings, application, server."""

from ct_gateway.bootstrap import bootstrap
from ct_gateway.settings import GatewaySettings
from ct_kit.logs import configure_logging
from ct_kit.settings import load_settings
from ct_kit.web.serve import serve


def main() -> None:
    """Run the gateway until it is told to stop."""
    settings = load_settings(GatewaySettings)
    configure_logging("gateway", settings.log_format)
    serve(bootstrap(settings), settings.host, settings.port)


if __name__ == "__main__":
    main()
