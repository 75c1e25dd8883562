"""What both frameworks do to a request before any route sees it."""

import re

from ct_kit.domain.identifiers import new_id
from ct_kit.web.strict_json import check_json, check_text

REQUEST_ID_HEADER = "X-Request-Id"
MAXIMUM_BODY = 256 * 1024
"""Bytes; the largest body of ours is a few kilobytes."""

PUBLIC_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
"""What a supervisor and a scraper may ask without a token."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def request_id_of(header: str | None) -> str:
    """Return the caller's request id where it is well-formed, else a new one."""
    if header is not None and _REQUEST_ID.fullmatch(header):
        return header
    return new_id("req")


def method_label(method: str) -> str:
    """Return the method as a metric's label: invented methods share one."""
    return method if method in _METHODS else "OTHER"


def is_json(content_type: str | None) -> bool:
    """Say whether a content type announces JSON."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


def check_address(path: str, query: str) -> None:
    """Raise `InvalidRequest` for NUL characters in a decoded path or a raw query."""
    check_text(path, "path")
    check_text(query, "query")
    if "%00" in query:
        check_text("\x00", "query")


def check_body(content_type: str | None, body: bytes) -> None:
    """Raise `InvalidRequest` where a body that says it is JSON cannot be held."""
    if body and is_json(content_type):
        check_json(body)
