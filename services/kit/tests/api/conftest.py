"""The same small service twice, once per framework: both edges must behave alike."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends
from pydantic import BaseModel, Field

from ct_kit import errors
from ct_kit.contracts.common import PositiveDecimal, Request
from ct_kit.testing import Identities, asgi_client
from ct_kit.web import fastapi as fast
from ct_kit.web import flask as flat

KINDS = (
    errors.InvalidRequest,
    errors.Unauthenticated,
    errors.Forbidden,
    errors.NotFound,
    errors.Conflict,
    errors.TooLarge,
    errors.TooManyRequests,
    errors.UpstreamFailed,
    errors.Unavailable,
    errors.OutcomeUnknown,
)


class Ticket(Request):
    """A body like ours."""

    name: Annotated[str, Field(min_length=2, max_length=10)]
    price: PositiveDecimal
    extra: dict[str, Any] = Field(default_factory=dict)


class TicketPath(BaseModel):
    """A path parameter, as flask-openapi3 wants it."""

    ticket_id: Annotated[int, Field(ge=1)]


class ErrorPath(BaseModel):
    """A path parameter, as flask-openapi3 wants it."""

    name: str


class TicketQuery(BaseModel):
    """A query parameter, as flask-openapi3 wants it."""

    limit: Annotated[int, Field(ge=1, le=100)] = 10


class Faults:
    """What the service raises: by name at /v1/errors/{name}, and in its readiness check."""

    def __init__(self) -> None:
        self.by_name: dict[str, Exception] = {
            kind.__name__: kind("some_code", "Some detail.") for kind in KINDS
        }
        self.not_ready: Exception | None = None

    def check(self) -> None:
        if self.not_ready is not None:
            raise self.not_ready

    async def check_async(self) -> None:
        self.check()


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture(params=["fastapi", "flask"])
async def service(
    request: pytest.FixtureRequest, identities: Identities, faults: Faults
) -> AsyncIterator[httpx.AsyncClient]:
    """Call the service as the gateway, in the name of usr_1."""
    verifier = identities.verifier("bots", ["gateway", "ai-engine"])
    headers = identities.headers("gateway", "bots", "usr_1")
    if request.param == "fastapi":
        client = asgi_client(_fastapi_app(verifier, faults))
    else:
        transport = _InThread(_flask_app(verifier, faults))
        client = httpx.AsyncClient(transport=transport, base_url="http://service")
    client.headers.update(headers)
    async with client:
        yield client


class _InThread(httpx.AsyncBaseTransport):
    """A WSGI app behind the asynchronous client the tests use for both."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx.WSGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        answer = self._transport.handle_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.read())


def _fastapi_app(verifier: Any, faults: Faults) -> Any:
    app = fast.create_service_app(
        "Tickets", "bots", verifier=verifier, readiness={"database": faults.check_async}
    )

    @app.post("/v1/tickets/{ticket_id}")
    async def ticket(
        ticket_id: Annotated[int, Field(ge=1)],
        body: Ticket,
        limit: Annotated[int, Field(ge=1, le=100)] = 10,
    ) -> dict[str, Any]:
        return {"id": ticket_id, "limit": limit, **body.model_dump(mode="json")}

    @app.get("/v1/errors/{name}")
    async def fail(name: str) -> None:
        raise faults.by_name[name]

    @app.get("/v1/boom")
    async def boom() -> None:
        raise RuntimeError("hunter2")

    @app.get("/v1/me")
    async def me(caller: fast.UserDep) -> dict[str, str]:
        return {"service": caller.service, "owner": caller.owner}

    @app.get("/v1/private", dependencies=[Depends(fast.only_callers("ai-engine"))])
    async def private() -> dict[str, str]:
        return {}

    return app


def _flask_app(verifier: Any, faults: Faults) -> Any:
    app = flat.create_service_app(
        "Tickets", "bots", verifier=verifier, readiness={"database": faults.check}
    )

    @app.post("/v1/tickets/<int(signed=True):ticket_id>")
    def ticket(path: TicketPath, query: TicketQuery, body: Ticket) -> dict[str, Any]:
        return {"id": path.ticket_id, "limit": query.limit, **body.model_dump(mode="json")}

    @app.get("/v1/errors/<name>")
    def fail(path: ErrorPath) -> None:
        raise faults.by_name[path.name]

    @app.get("/v1/boom")
    def boom() -> None:
        raise RuntimeError("hunter2")

    @app.get("/v1/me")
    def me() -> dict[str, str]:
        return {"service": flat.current_caller().service, "owner": flat.current_user_id()}

    @app.get("/v1/private")
    def private() -> dict[str, str]:
        flat.only_callers("ai-engine")
        return {}

    return app
