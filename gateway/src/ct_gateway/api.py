"""The public API as routes of the application: the pipeline, the stream, the documents."""

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ct_gateway import openapi
from ct_gateway.routes import PUBLIC_PREFIX
from ct_gateway.web import docs

_STREAM_PATH = f"{PUBLIC_PREFIX}/stream"


def add_public_api(app: FastAPI, pipeline: ASGIApp, stream: ASGIApp) -> None:
    """Add the API's documents, then everything under the public prefix."""
    _add_document(app, f"{PUBLIC_PREFIX}/openapi.json", openapi.render(), "application/json")
    _add_document(app, "/api/docs", docs.render(), "text/html")
    _add_document(app, "/api/docs.css", docs.STYLE, "text/css")

    async def public(scope: Scope, receive: Receive, send: Send) -> None:
        is_stream = scope["path"] == _STREAM_PATH
        if scope["type"] == "websocket":
            if not is_stream:
                raise HTTPException(404)
            await stream(scope, receive, send)
        elif is_stream:
            raise HTTPException(426, headers={"Upgrade": "websocket"})
        else:
            await pipeline(scope, receive, send)

    app.mount(PUBLIC_PREFIX, public)


def _add_document(app: FastAPI, path: str, content: str, media_type: str) -> None:
    async def read(_: Request) -> Response:
        return Response(content, media_type=media_type, headers={"cache-control": "no-cache"})

    app.add_route(path, read, methods=["GET"])
