"""Writes the OpenAPI document: `python -m ct_ai_engine.openapi > ai-engine/openapi.json`."""

import json
import sys
from pathlib import Path
from typing import Any, cast

from ct_ai_engine.api.app import create_app
from ct_ai_engine.api.routes import routes
from ct_ai_engine.bootstrap import CALLERS
from ct_ai_engine.wiring import SERVICE
from ct_kit.identity import Verifier


def document() -> str:
    """Return the document as it is committed; nothing is connected or read for it."""
    unused = cast("Any", None)  # no route is called
    blueprint = routes(
        submit=unused, jobs=unused, models=unused, advise=unused, analyse=unused, feed=unused
    )
    app = create_app(blueprint, Verifier(SERVICE, Path("unused"), CALLERS), {}, lambda: None)
    return json.dumps(app.api_doc, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
