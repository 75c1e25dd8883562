"""Opaque cursors: the id of the last item shown, so that new items never shift a page."""

import base64
import binascii
import re
from typing import Annotated

from fastapi import Query

from ct_kit.errors import FieldError, InvalidRequest

_ID = re.compile(r"[a-z]{2,8}_[0-9a-z]{10,40}", re.ASCII)

CursorQuery = Annotated[str | None, Query(max_length=200)]
LimitQuery = Annotated[int, Query(ge=1, le=200)]


def encode(last_id: str) -> str:
    """Make the cursor of the page after this item."""
    return base64.urlsafe_b64encode(last_id.encode()).decode().rstrip("=")


def decode(cursor: str | None) -> str | None:
    """Read a cursor; raises `InvalidRequest` for one we did not make."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        last_id = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise _refused() from error
    if not _ID.fullmatch(last_id):
        raise _refused()
    return last_id


def next_cursor(ids: list[str], limit: int) -> str | None:
    """Return the cursor where there may be more; `ids` were asked for with one to spare."""
    return encode(ids[limit - 1]) if len(ids) > limit else None


def _refused() -> InvalidRequest:
    return InvalidRequest(
        "cursor_invalid",
        "The cursor is not one of ours.",
        fields=[FieldError("query.cursor", "is not a cursor", "Use next_cursor of a page.")],
    )
