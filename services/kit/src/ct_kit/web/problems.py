"""The one table from error to HTTP status, and the problem document (RFC 9457)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ct_kit.contracts.problem import FieldProblem, Problem
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

MEDIA_TYPE = "application/problem+json"
_RETRY_AFTER_S = 2  # an election or a restart of ours is over by then

_STATUS: tuple[tuple[type[CtError], int, str], ...] = (
    (InvalidRequest, 422, "Invalid request"),
    (Unauthenticated, 401, "Not signed in"),
    (Forbidden, 403, "Not allowed"),
    (NotFound, 404, "Not found"),
    (Conflict, 409, "Conflict with the current state"),
    (TooLarge, 413, "Too large"),
    (TooManyRequests, 429, "Too many requests"),
    (UpstreamFailed, 502, "Another service failed"),
    (OutcomeUnknown, 503, "Outcome unknown"),
    (Unavailable, 503, "Not available now"),
)

# What a framework refuses before any code of ours runs.
_FRAMEWORK: dict[int, tuple[str, str, str]] = {
    400: ("bad_request", "Bad request", "The request could not be read."),
    401: ("unauthenticated", "Not signed in", "Sign in first."),
    403: ("forbidden", "Not allowed", "This is not allowed."),
    404: ("not_found", "Not found", "There is nothing at this address."),
    405: ("method_not_allowed", "Method not allowed", "This address does not take this method."),
    406: ("not_acceptable", "Not acceptable", "No answer in the accepted form exists."),
    408: ("request_timeout", "Request timeout", "The request did not arrive in time."),
    411: ("length_required", "Length required", "Say the length of the body."),
    413: ("body_too_large", "Too large", "The body is larger than this address reads."),
    414: ("uri_too_long", "Address too long", "The address is too long."),
    415: ("unsupported_media_type", "Unsupported media type", "Send application/json."),
    426: ("upgrade_required", "Upgrade required", "Connect with a WebSocket."),
    431: ("headers_too_large", "Headers too large", "Send fewer or shorter headers."),
}
_INTERNAL = (
    "internal_error",
    "Internal error",
    "Something went wrong on our side. Tell the operator the request id.",
)


@dataclass(frozen=True, slots=True)
class ProblemAnswer:
    """A status, a body and headers, for whichever framework answers."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def answer_of(error: CtError, request_id: str) -> ProblemAnswer:
    """Turn an error of ours into its answer."""
    status, title = next(
        ((status, title) for kind, status, title in _STATUS if isinstance(error, kind)),
        (500, _INTERNAL[1]),
    )
    if status == 500:
        return internal_error(request_id)
    headers = {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    elif isinstance(error, Unavailable) and not isinstance(error, OutcomeUnknown):
        headers["Retry-After"] = str(_RETRY_AFTER_S)
    elif isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="cryptotrade"'
    problem = _problem(
        status, error.code, title, error.detail, request_id=request_id, errors=error.fields
    )
    return _answer(problem, headers)


def framework_refusal(
    status: int, request_id: str, headers: Mapping[str, str] | None = None
) -> ProblemAnswer:
    """Turn a refusal of the framework (no such route, wrong method) into its answer."""
    if status >= 500:
        return internal_error(request_id)
    code, title, detail = _FRAMEWORK.get(status, _FRAMEWORK[400])
    return _answer(
        _problem(status, code, title, detail, request_id=request_id), dict(headers or {})
    )


def internal_error(request_id: str) -> ProblemAnswer:
    """Return the answer to a fault of ours; it tells nothing but the request id."""
    code, title, detail = _INTERNAL
    return _answer(_problem(500, code, title, detail, request_id=request_id), {})


def expected(error: BaseException) -> CtError | None:
    """Return the `CtError` an exception is or stands for; None for a fault of ours."""
    if isinstance(error, CtError):
        return error
    if type(error).__module__.startswith("pymongo."):
        # Imported only when a driver's error is at hand: the gateway has no database.
        from pymongo.errors import PyMongoError  # noqa: PLC0415

        from ct_kit.mongo.failures import translate  # noqa: PLC0415

        return translate(error) if isinstance(error, PyMongoError) else None
    return None


def _answer(problem: Problem, headers: dict[str, str]) -> ProblemAnswer:
    headers["Content-Type"] = MEDIA_TYPE
    headers["Cache-Control"] = "no-store"
    return ProblemAnswer(problem.status, problem.model_dump_json().encode(), headers)


def _problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    request_id: str,
    errors: Iterable[FieldError] = (),
) -> Problem:
    return Problem(
        type=f"urn:cryptotrade:problem:{code}",
        title=title,
        status=status,
        detail=detail,
        code=code,
        request_id=request_id,
        errors=[FieldProblem(field=e.field, message=e.message, remedy=e.remedy) for e in errors],
    )
