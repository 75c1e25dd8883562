"""Writes the admin port's OpenAPI document.

`python -m ct_simulator.openapi > services/simulator/openapi.json`. The other port's interface
is Binance's.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ct_simulator.bootstrap import build
from ct_simulator.settings import SimulatorSettings


def document() -> str:
    """Return the document as it is committed; the market made for it is thrown away."""
    with TemporaryDirectory() as folder:
        settings = SimulatorSettings(
            data_dir=Path(folder),
            identity_key_file=Path("unused"),
            identity_trust_dir=Path("unused"),
        )
        simulator = build(settings)
        simulator.close()
    return json.dumps(simulator.admin.openapi(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
