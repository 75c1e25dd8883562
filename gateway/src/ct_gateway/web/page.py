"""The built frontend: hashed assets for ever, everything else asked for again."""

import re
from email.utils import formatdate
from mimetypes import guess_type
from pathlib import Path

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_HASHED = re.compile(r"[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$")
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}
_NOT_BUILT = (
    b"<!doctype html><html lang=en><meta charset=utf-8><title>CryptoTrade</title>"
    b"<h1>The page is not built</h1>"
    b"<p>The API runs. Build the page with <code>make run</code>, or "
    b"<code>npm --prefix frontend run build</code>, and reload. "
    b"<a href=/api/docs>API documentation</a></p>"
)


class Page:
    """An ASGI app over the build folder; paths without an extension are the page's own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory.resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD; `HTTPException` for the rest."""
        if scope["type"] != "http":
            raise HTTPException(404)
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        response = await anyio.to_thread.run_sync(self._find, scope["path"], Headers(scope=scope))
        if scope["method"] == "HEAD":
            response = Response(status_code=response.status_code, headers=dict(response.headers))
        await response(scope, receive, send)

    def _find(self, path: str, headers: Headers) -> Response:
        name = path.lstrip("/")
        file = self._file(name)
        if file is None and ("." in name.rsplit("/", 1)[-1] or name.startswith("api/")):
            raise HTTPException(404)
        file = file or self._file("index.html")
        if file is None:
            return Response(_NOT_BUILT, 503, media_type="text/html")
        return _response(file, headers)

    def _file(self, name: str) -> Path | None:
        if "\x00" in name:
            return None
        file = (self._directory / name).resolve()
        inside = file.is_relative_to(self._directory)
        return file if inside and file.is_file() else None


def _response(file: Path, request: Headers) -> Response:
    status = file.stat()
    headers = {
        "cache-control": _FOR_EVER if _HASHED.search(file.name) else _ASK_AGAIN,
        "etag": f'"{status.st_mtime_ns:x}-{status.st_size:x}"',
        "last-modified": formatdate(status.st_mtime, usegmt=True),
        "vary": "accept-encoding",
    }
    if request.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    kind = _TYPES.get(file.suffix) or guess_type(file.name)[0] or "application/octet-stream"
    accepted = request.get("accept-encoding", "")
    for encoding, suffix in _ENCODINGS:
        packed = file.with_name(file.name + suffix)
        if encoding in accepted and packed.is_file():
            headers["content-encoding"] = encoding
            return Response(packed.read_bytes(), headers=headers, media_type=kind)
    return Response(file.read_bytes(), headers=headers, media_type=kind)
