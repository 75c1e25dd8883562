"""Writes the OpenAPI document: `python -m ct_proxy.openapi > proxy/openapi.json`."""

import json
import sys
from pathlib import Path

from ct_proxy.bootstrap import bootstrap
from ct_proxy.settings import ProxySettings


def document() -> str:
    """Return the document as it is committed; nothing is connected or read for it."""
    settings = ProxySettings(identity_key_file=Path("unused"), identity_trust_dir=Path("unused"))
    return json.dumps(bootstrap(settings).openapi(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
