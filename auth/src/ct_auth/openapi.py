"""Writes the OpenAPI document: `python -m ct_auth.openapi > auth/openapi.json`."""

import json
import sys
from pathlib import Path

from ct_auth.bootstrap import bootstrap
from ct_auth.settings import AuthSettings


def document() -> str:
    """Return the document as it is committed; nothing is connected or read for it."""
    settings = AuthSettings(identity_key_file=Path("unused"), identity_trust_dir=Path("unused"))
    app = bootstrap(settings)
    app.extensions["ct_auth.client"].close()
    return json.dumps(app.api_doc, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
