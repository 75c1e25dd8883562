"""The API's documentation as one page without scripts, so it works under our own policy."""

from functools import cache
from html import escape
from typing import Any

from ct_gateway.openapi import document

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
section { border-top: 1px solid #8886; padding: .5rem 0; }
h3 { margin: .5rem 0; overflow-wrap: anywhere; font-size: 1rem; }
code { font-family: ui-monospace, monospace; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee; } a { color: #9cf; } }
"""


@cache
def render() -> str:
    """Write the page from the OpenAPI document."""
    spec = document()
    sections = [
        _section(path, method, operation)
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<title>CryptoTrade API</title><link rel="stylesheet" href="/api/docs.css"></head>'
        f"<body><h1>CryptoTrade API</h1><p>{escape(spec['info']['description'])}</p>"
        '<p>Shapes: <a href="/api/v1/openapi.json">openapi.json</a> (OpenAPI 3.1)</p>'
        f"{''.join(sections)}</body></html>"
    )


def _section(path: str, method: str, operation: dict[str, Any]) -> str:
    lines = [
        f'<section id="{escape(operation["operationId"])}">',
        f'<h3><span class="method">{method.upper()}</span> <code>{escape(path)}</code></h3>',
        f"<p>{escape(operation['summary'])}</p>",
    ]
    parameters = [
        f"<code>{escape(item['name'])}</code>" + (" (required)" if item["required"] else "")
        for item in operation.get("parameters", ())
    ]
    if parameters:
        lines.append(f"<p>Parameters: {', '.join(parameters)}</p>")
    body = _shape(operation.get("requestBody", {}))
    if body:
        lines.append(f"<p>Body: {body}</p>")
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            lines.append(f"<p>{status}: {_shape(response) or escape(response['description'])}</p>")
    return "".join(lines) + "</section>"


def _shape(part: dict[str, Any]) -> str:
    for media_type, content in part.get("content", {}).items():
        name = content["schema"].get("$ref", media_type).rsplit("/", 1)[-1]
        return f"<code>{escape(name)}</code>"
    return ""
