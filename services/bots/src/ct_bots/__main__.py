"""Start the API process."""

from ct_bots.bootstrap import build_api
from ct_bots.settings import BotsSettings
from ct_kit.logs import configure_logging
from ct_kit.settings import load_settings
from ct_kit.web.serve import serve


def main() -> None:
    """Read settings, build the app, serve."""
    settings = load_settings(BotsSettings)
    configure_logging("bots", settings.log_format)
    serve(build_api(settings), settings.host, settings.port)


if __name__ == "__main__":
    main()
