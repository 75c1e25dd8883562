"""The outermost layer of a WSGI service: the request id, on logs, calls and the answer."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import structlog

from ct_kit.web import requests

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]


class RequestContext:
    """Binds the request id before the app runs; the next request of the thread replaces it."""

    KEY: ClassVar[str] = "ct_kit.request_id"

    def __init__(self, app: App) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        request_id = requests.request_id_of(environ.get("HTTP_X_REQUEST_ID"))
        environ[self.KEY] = request_id
        # Not a with block: a streamed body is read after this returns and logs under this id too.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)

        def start_marked(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            headers.append((requests.REQUEST_ID_HEADER, request_id))
            return start_response(status, headers, *rest)

        return self._app(environ, start_marked)
