"""`python -m ct_local run|demo|doctor`: the launcher's command line."""

import argparse
import errno
import sys

from ct_local import doctor, launcher, process, settings
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
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when the program that started this ends"
    )
    arguments = parser.parse_args()
    command = arguments.command
    try:
        if arguments.with_parent:
            process.stop_with_parent()
        chosen, environment = settings.from_process(REPOSITORY)
        if command == "doctor":
            return doctor.examine(chosen)
        launcher.launch(chosen, environment, demo=command == "demo")
    except StartFault as fault:
        sys.stderr.write(f"error: {fault.line()}\n")
        return fault.exit_code
    except OSError as error:
        sys.stderr.write(f"error: {_of_the_machine(error)}\n")
        return 1
    except KeyboardInterrupt:
        return 130  # interrupted before the first child was started
    return 0


def _of_the_machine(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    remedy = (
        "Free some space, or put the data elsewhere: CT_DATA_DIR=/path make run."
        if error.errno == errno.ENOSPC
        else "Mend that, or put the data elsewhere: CT_DATA_DIR=/path make run."
    )
    return f"{error.strerror or error}{where}. {remedy}"


if __name__ == "__main__":
    sys.exit(main())
