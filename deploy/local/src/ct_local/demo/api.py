"""A user's client of the gateway's public API."""

import asyncio
import uuid
from types import TracebackType
from typing import Any, Self

import httpx

_PREFIX = "/api/v1"
_TIMEOUT_S = 30.0
_MAX_WAITS = 10


class DemoError(Exception):
    """A call was refused; the text says which and why."""


class Api:
    """Signed-in calls: the cookie is kept, the CSRF token sent, budgets of the gateway obeyed."""

    def __init__(self, address: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._client = httpx.AsyncClient(base_url=address, timeout=_TIMEOUT_S, transport=transport)
        self._csrf: str | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def register(self, email: str, password: str) -> None:
        """Make an account and stay signed in as it."""
        await self.post("/auth/register", {"email": email, "password": password})
        session = await self.get("/auth/session")
        self._csrf = session["csrf_token"]

    async def get(self, path: str, **params: Any) -> Any:
        """Return the JSON answer of a GET."""
        return await self._call("GET", path, params=params)

    async def post(self, path: str, body: Any = None) -> Any:
        """Return the JSON answer of a POST, sent under an idempotency key of its own."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        if self._csrf:
            headers["X-CSRF-Token"] = self._csrf
        return await self._call("POST", path, json=body, headers=headers)

    async def _call(self, method: str, path: str, **arguments: Any) -> Any:
        for _ in range(_MAX_WAITS):
            answer = await self._client.request(method, _PREFIX + path, **arguments)
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            # refused before anything was done: wait as told, then the same request again
            await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))
        if answer.is_success:
            return answer.json() if answer.content else None
        raise DemoError(f"{method} {path} was answered {answer.status_code}: {_reason(answer)}")


def _reason(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return answer.text[:200]
    fields = "; ".join(f"{e['field']}: {e['message']}" for e in problem.get("errors", []))
    return f"{problem.get('detail', '')} {fields}".strip()
