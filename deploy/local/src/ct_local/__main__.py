"""`python -m ct_local run|demo|doctor`: the launcher's command line."""

import argparse
import sys

from ct_local import doctor, launcher, settings
from ct_local.errors import StartFault
from ct_local.layout import REPOSITORY


def main() -> int:
    """Run the command; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="ct_local", description="Run CryptoTrade on this machine."
    )
    parser.add_argument(
        "command",
        choices=("run", "demo", "doctor"),
        help="demo also makes an account with things to see; doctor says what is wrong",
    )
    command = parser.parse_args().command
    try:
        chosen, environment = settings.from_process(REPOSITORY)
        if command == "doctor":
            return doctor.examine(chosen)
        launcher.launch(chosen, environment, demo=command == "demo")
    except StartFault as fault:
        sys.stderr.write(f"error: {fault.line()}\n")
        return fault.exit_code
    except KeyboardInterrupt:
        return 130  # interrupted before the first child was started
    return 0


if __name__ == "__main__":
    sys.exit(main())
