"""Print the API's OpenAPI document: `python -m ct_bots.api > services/bots/openapi.json`."""

import json
import sys
from typing import Any

from ct_bots.api.app import openapi_app


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return openapi_app().openapi()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(), indent=2, sort_keys=True) + "\n")
