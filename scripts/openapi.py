"""Write every service's OpenAPI document beside it (`make openapi`).

A service that has one offers `python -m ct_<name>.openapi`, which prints the document.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Write the documents; return the exit code."""
    for module in sorted(
        [*ROOT.glob("*/src/ct_*/openapi.py"), *ROOT.glob("*/*/src/ct_*/openapi.py")]
    ):
        folder = module.parents[2]
        target = folder / "openapi.json"
        command = [sys.executable, "-m", f"{module.parent.name}.openapi", str(target)]
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout  # noqa: S603
        if printed:
            target.write_bytes(printed)
        sys.stdout.write(f"{target.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
