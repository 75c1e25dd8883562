"""Validation errors as fields with a message and a remedy a person can follow."""

from collections.abc import Iterable, Mapping
from typing import Any

from ct_kit.errors import FieldError, InvalidRequest

_MAXIMUM_ERRORS = 20  # a hostile body can be wrong in thousands of places
_MAXIMUM_PATH = 120  # a field's name may be the hostile part

# By pydantic's error type (docs.pydantic.dev/latest/errors/validation_errors); the context's
# names fill the braces.
_REMEDY = {
    "missing": "Add this field.",
    "extra_forbidden": "Remove this field.",
    "json_invalid": "Send well-formed JSON.",
    "literal_error": "Send one of: {expected}.",
    "enum": "Send one of: {expected}.",
    "greater_than": "Send a number greater than {gt}.",
    "greater_than_equal": "Send a number of {ge} or more.",
    "less_than": "Send a number less than {lt}.",
    "less_than_equal": "Send a number of {le} or less.",
    "string_too_short": "Send at least {min_length} characters.",
    "string_too_long": "Send at most {max_length} characters.",
    "string_pattern_mismatch": "Send text that matches {pattern}.",
    "too_short": "Send at least {min_length} items.",
    "too_long": "Send at most {max_length} items.",
    "string_type": "Send text in quotes.",
    "int_type": "Send a whole number.",
    "int_parsing": "Send a whole number.",
    "int_from_float": "Send a whole number.",
    "float_type": "Send a number.",
    "float_parsing": "Send a number.",
    "finite_number": "Send a finite number.",
    "bool_type": "Send true or false.",
    "bool_parsing": "Send true or false.",
    "list_type": "Send a list.",
    "dict_type": "Send an object.",
    "model_type": "Send a JSON object with content type application/json.",
    "model_attributes_type": "Send a JSON object with content type application/json.",
    "datetime_parsing": "Send an ISO 8601 time such as 2026-01-31T12:00:00Z.",
    "datetime_from_date_parsing": "Send an ISO 8601 time such as 2026-01-31T12:00:00Z.",
    "datetime_type": "Send an ISO 8601 time such as 2026-01-31T12:00:00Z.",
    "timezone_aware": "Add the time zone, such as a Z at the end for UTC.",
    "value_error": "Send a value that meets the rule in the message.",
}
_DEFAULT_REMEDY = "Send a value the message describes."


def invalid_request(
    errors: Iterable[Mapping[str, Any]], location: str | None = None
) -> InvalidRequest:
    """Turn pydantic's error list into an `InvalidRequest`.

    `location` ("body", "query", ...) goes before paths that do not begin with one. What the
    caller sent is never repeated.
    """
    fields = [_field(error, location) for error in list(errors)[:_MAXIMUM_ERRORS]]
    code = "invalid_request"
    count = "One field is" if len(fields) == 1 else f"{len(fields)} fields are"
    return InvalidRequest(code, f"{count} not acceptable; see errors.", fields=fields)


def _field(error: Mapping[str, Any], location: str | None) -> FieldError:
    parts = [str(part) for part in error.get("loc", ())]
    if location is not None:
        parts.insert(0, location)
    kind = str(error.get("type", ""))
    if kind == "json_invalid":
        parts = parts[:1]  # the position of the fault is in the message, not a field
    message = str(error.get("msg", "is not acceptable")).removeprefix("Value error, ")
    path = ".".join(parts)[:_MAXIMUM_PATH] or "body"
    return FieldError(path, message, _remedy(kind, error.get("ctx") or {}))


def _remedy(kind: str, context: Mapping[str, Any]) -> str:
    remedy = _REMEDY.get(kind, _DEFAULT_REMEDY)
    try:
        return remedy.format_map(context)
    except KeyError:
        return _DEFAULT_REMEDY
