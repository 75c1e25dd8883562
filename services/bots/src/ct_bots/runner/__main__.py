"""Start the runner process: `python -m ct_bots.runner`."""

from ct_bots.bootstrap import build_runner_health
from ct_bots.settings import BotsSettings
from ct_kit.logs import configure_logging
from ct_kit.settings import load_settings
from ct_kit.web.serve import serve


def main() -> None:
    """Read settings, build the runner with its health routes, serve."""
    settings = load_settings(BotsSettings)
    configure_logging("bots-runner", settings.log_format)
    serve(build_runner_health(settings), settings.host, settings.runner_port)


if __name__ == "__main__":
    main()
