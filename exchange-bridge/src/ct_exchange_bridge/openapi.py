"""Writes the OpenAPI document.

`python -m ct_exchange_bridge.openapi > exchange-bridge/openapi.json`
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ct_exchange_bridge.bootstrap import bootstrap
from ct_exchange_bridge.settings import BridgeSettings
from ct_kit.identity import generate_identities, key_file, trust_dir


def document() -> str:
    """Return the document as it is committed; nothing is connected for it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        generate_identities(folder, ["exchange-bridge"])
        settings = BridgeSettings(
            identity_key_file=key_file(folder, "exchange-bridge"),
            identity_trust_dir=trust_dir(folder),
        )
        app = bootstrap(settings)
    return json.dumps(app.openapi(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
