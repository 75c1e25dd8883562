"""Writes the OpenAPI document: `python -m ct_bots.openapi > services/bots/openapi.json`."""

import json
import sys

from ct_bots.api.app import openapi_app


def document() -> str:
    """Return the document as it is committed; nothing is connected or read for it."""
    return json.dumps(openapi_app().openapi(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
