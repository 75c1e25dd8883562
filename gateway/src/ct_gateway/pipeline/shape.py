"""Shape: query and content type, before a service has to look.

Size, speed and well-formedness of the body are the kit's middleware's; its fields are the
owning service's.
"""

from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from ct_gateway.pipeline.call import Call
from ct_kit.errors import FieldError, InvalidRequest
from ct_kit.web.validation import invalid_request

_MAXIMUM_QUERY = 4_096
_JSON = "application/json"
_BOTH_UTF8 = frozenset({"", "charset=utf-8"})


def check_query(call: Call) -> None:
    """Refuse unknown, repeated and malformed query parameters, each with its remedy."""
    shape = call.operation.query
    values = _pairs(call.query) if call.query else {}
    if shape is not None:
        _validate(shape, values)
    elif values:
        raise _field(next(iter(values)), "is not a parameter of this call", "Leave it out.")


async def read_body(call: Call) -> None:
    """Read the body into the call.

    Raises `HTTPException` 415 for anything not declared as JSON, and `InvalidRequest` for a
    body where none belongs.
    """
    if not call.operation.unsafe:
        return
    message = await call.receive()
    body: bytes = message.get("body", b"")
    if body or call.operation.request is not None:
        _require_json(call)
    if call.operation.request is not None:
        call.body = body
    elif body.strip() not in {b"", b"{}"}:
        raise InvalidRequest("body_unexpected", "This call takes no body.")


def _require_json(call: Call) -> None:
    content_type = call.headers.single(b"content-type") or ""
    media_type, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() != _JSON or charset not in _BOTH_UTF8:
        raise HTTPException(415)


def _pairs(query: bytes) -> dict[str, str]:
    if len(query) > _MAXIMUM_QUERY:
        raise _field("string", "is too long", f"Send at most {_MAXIMUM_QUERY} bytes.")
    try:
        pairs = parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=32,
        )
    except ValueError as error:
        raise _field("string", "is malformed", "Send name=value pairs.") from error
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in values:
            raise _field(name, "is given more than once", "Give it once.")
        values[name] = value
    return values


def _validate(shape: type[BaseModel], values: dict[str, Any]) -> None:
    try:
        shape.model_validate(values)
    except ValidationError as error:
        raise invalid_request(error.errors(include_url=False), "query") from error


def _field(name: str, message: str, remedy: str) -> InvalidRequest:
    safe = name[:60] if name.isprintable() else "?"
    fields = [FieldError(f"query.{safe}", message, remedy)]
    return InvalidRequest(
        "invalid_request", "One field is not acceptable; see errors.", fields=fields
    )
