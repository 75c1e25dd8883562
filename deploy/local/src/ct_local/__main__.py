"""`python -m ct_local run|demo`: the launcher's command line."""

import argparse
import sys

from ct_local import launcher, settings
from ct_local.errors import StartFault
from ct_local.layout import REPOSITORY


def main() -> int:
    """Run the command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="ct_local", description="Run CryptoTrade on this machine."
    )
    parser.add_argument(
        "command", choices=("run", "demo"), help="demo also makes an account with things to see"
    )
    command = parser.parse_args().command
    try:
        launcher.launch(*settings.from_process(REPOSITORY), demo=command == "demo")
    except StartFault as fault:
        sys.stderr.write(f"error: {fault.line()}\n")
        return fault.exit_code
    except KeyboardInterrupt:
        return 130  # interrupted before the first child was started
    return 0


if __name__ == "__main__":
    sys.exit(main())
