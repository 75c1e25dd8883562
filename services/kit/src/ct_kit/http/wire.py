"""What both clients share: headers, time-outs, and the meaning of answers and failures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from ct_kit.errors import (
    Conflict,
    CtError,
    FieldError,
    Forbidden,
    InvalidRequest,
    NotFound,
    OutcomeUnknown,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UpstreamFailed,
)
from ct_kit.identity import ServiceIdentity
from ct_kit.logs import current_request_id

USER_AGENT = "cryptotrade-internal"
STREAM_SILENCE_S = 15.0
"""Three heartbeats: after this much silence a feed is dead."""

Primitive = str | int | float | bool | None
Params = Mapping[str, Primitive] | Sequence[tuple[str, Primitive]]

# Not about the user's request: our own token was refused, so the deployment is wrong.
_OURS_TO_MEND = frozenset({"caller_unauthenticated", "caller_forbidden"})

_BY_STATUS: dict[int, type[CtError]] = {
    400: InvalidRequest,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    422: InvalidRequest,
    502: UpstreamFailed,
    503: Unavailable,
}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to connect and to wait for an answer."""

    connect_s: float = 2.0
    answer_s: float = 10.0

    def as_httpx(self, answer_s: float | None = None) -> httpx.Timeout:
        """Return httpx's form; `answer_s` overrides the wait for one call."""
        return httpx.Timeout(answer_s or self.answer_s, connect=self.connect_s, pool=self.connect_s)


def call_headers(
    identity: ServiceIdentity,
    audience: str,
    subject: str | None,
    roles: Iterable[str],
    extra: Mapping[str, str] | None,
) -> dict[str, str]:
    """Return the headers of one call: a fresh token, and the request id of the one we serve."""
    headers = dict(extra or {})
    headers["Authorization"] = f"Bearer {identity.token(audience, subject, roles)}"
    request_id = current_request_id()
    if request_id is not None:
        headers.setdefault("X-Request-Id", request_id)
    return headers


def query(params: Params | None) -> list[tuple[str, Primitive]] | None:
    """Return query parameters as pairs; a None is left out."""
    if params is None:
        return None
    pairs = params.items() if isinstance(params, Mapping) else params
    return [(name, value) for name, value in pairs if value is not None]


def encode_json(body: object) -> bytes:
    """Write a JSON body. `Decimal` is refused: money goes over the wire as a string."""
    return orjson.dumps(body)


def raise_problem(response: httpx.Response, audience: str) -> None:
    """Raise the error a problem answer stands for; return for any status below 400."""
    status = response.status_code
    if status < 400:
        return
    problem = _problem(response)
    code = str(problem.get("code") or "")
    detail = str(problem.get("detail") or f"{audience} answered {status}.")
    if not code or code in _OURS_TO_MEND or (status >= 500 and status not in _BY_STATUS):
        message = f"{audience} answered {status} {code}: {detail}"
        raise UpstreamFailed("upstream_failed", message)
    fields = [_field(item) for item in problem.get("errors") or [] if isinstance(item, dict)]
    if status == 429:
        wait_s = _seconds(response.headers.get("Retry-After"))
        raise TooManyRequests(code, detail, retry_after_s=wait_s, fields=fields)
    if code.endswith("outcome_unknown"):
        raise OutcomeUnknown(code, detail, fields=fields)
    raise _BY_STATUS.get(status, InvalidRequest)(code, detail, fields=fields)


def parsed(response: httpx.Response, audience: str) -> Any:
    """Return the JSON of an answer, None where it has no body."""
    if not response.content:
        return None
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        message = f"{audience} answered {response.status_code} with something that is not JSON."
        raise UpstreamFailed("upstream_unreadable", message) from error


def parsed_line(line: str | bytes, audience: str) -> dict[str, Any]:
    """Return one object of an NDJSON feed."""
    try:
        item = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        message = f"A line of {audience}'s feed is not JSON."
        raise UpstreamFailed("upstream_unreadable", message) from error
    if not isinstance(item, dict):
        raise UpstreamFailed("upstream_unreadable", f"A line of {audience}'s feed is no object.")
    return item


@contextmanager
def http_errors(audience: str) -> Iterator[None]:
    """Raise transport failures as ours.

    =======================================  ==============================================
    httpx                                    ours
    =======================================  ==============================================
    ConnectError, ConnectTimeout,            Unavailable: nothing left this process
    PoolTimeout, UnsupportedProtocol
    any other TransportError                 OutcomeUnknown: it may have been carried out
    DecodingError, TooManyRedirects          UpstreamFailed
    =======================================  ==============================================
    """
    try:
        yield
    except (
        httpx.ConnectError,
        httpx.ConnectTimeout,
        httpx.PoolTimeout,
        httpx.UnsupportedProtocol,
    ) as error:
        message = f"{audience} cannot be reached; nothing was done. Try again in a moment."
        raise Unavailable("service_unavailable", message) from error
    except httpx.TransportError as error:
        message = f"{audience} did not answer; it may have carried out the request."
        raise OutcomeUnknown("service_outcome_unknown", message) from error
    except httpx.RequestError as error:
        message = f"{audience} answered unusably: {type(error).__name__}."
        raise UpstreamFailed("upstream_unreadable", message) from error


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return {}  # no problem document: the caller is told the bare status
    return body if isinstance(body, dict) else {}


def _field(item: dict[str, Any]) -> FieldError:
    return FieldError(
        str(item.get("field", "")), str(item.get("message", "")), str(item.get("remedy", ""))
    )


def _seconds(text: str | None) -> float:
    try:
        return max(0.0, float(text)) if text else 1.0
    except ValueError:
        return 1.0
