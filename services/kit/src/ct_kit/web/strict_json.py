"""What we take for JSON: stricter than Python's parser, which lets through what breaks later.

NUL bytes and lone surrogates break databases and logs, NaN breaks encoders, doubled keys mean
one thing to us and another to the next reader, integers beyond 64 bits overflow BSON, and keys
with a `$` are operators to MongoDB.
"""

import json
import math
import re
from typing import Any, NoReturn

from ct_kit.errors import FieldError, InvalidRequest

_BAD_TEXT = re.compile(r"[\x00\ud800-\udfff]")
_DEPTH = 32  # our deepest contract has six levels
_INT64 = 2**63


class _NotJsonError(ValueError):
    """Something JSON does not allow, with our sentence about it."""


def check_json(body: bytes) -> None:
    """Raise `InvalidRequest` unless the body is JSON that everything behind us can hold."""
    try:
        value = json.loads(
            body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_no_doubles
        )
    except UnicodeDecodeError as error:
        raise _invalid("body", "is not UTF-8", "Encode the body as UTF-8.") from error
    except _NotJsonError as error:
        raise _invalid("body", str(error), "Send plain JSON.") from error
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        # The parser's own text may quote the body's length and position, nothing else of it.
        raise _invalid("body", "is not well-formed JSON", "Send well-formed JSON.") from error
    _check_values(value)


def check_text(text: str, field: str) -> None:
    """Raise `InvalidRequest` for text no database or log can hold."""
    if _BAD_TEXT.search(text):
        message = "must not hold NUL characters or lone surrogates"
        raise _invalid(field, message, "Remove them.")


def _check_values(root: Any) -> None:
    waiting: list[tuple[Any, str, int]] = [(root, "body", 0)]
    while waiting:
        value, path, depth = waiting.pop()
        if depth > _DEPTH:
            raise _too_deep()
        if isinstance(value, str):
            check_text(value, path)
        elif isinstance(value, float):
            if not math.isfinite(value):
                raise _invalid(path, "is too large a number", "Send a smaller number.")
        elif isinstance(value, int):
            if not -_INT64 <= value < _INT64:
                raise _invalid(path, "does not fit 64 bits", "Send a smaller number.")
        elif isinstance(value, list):
            waiting += ((item, f"{path}.{i}", depth + 1) for i, item in enumerate(value))
        elif isinstance(value, dict):
            for key, item in value.items():
                check_text(key, path)
                if key.startswith("$"):
                    raise _invalid(path, "holds a name that begins with $", "Rename the field.")
                waiting.append((item, f"{path}.{key}", depth + 1))


def _no_constant(name: str) -> NoReturn:
    raise _NotJsonError(f"holds {name}, which is not JSON")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotJsonError("holds the same name twice in one object")
    return found


def _too_deep() -> InvalidRequest:
    return _invalid("body", f"is nested deeper than {_DEPTH} levels", "Send a flatter body.")


def _invalid(field: str, message: str, remedy: str) -> InvalidRequest:
    fields = [FieldError(field[:120], message, remedy)]
    return InvalidRequest(
        "invalid_request", "The request cannot be read; see errors.", fields=fields
    )
