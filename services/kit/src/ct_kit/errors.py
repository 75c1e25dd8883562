"""The errors every service raises, named after what the reader must do.

::

    CtError
    ├── InvalidRequest        mend the request                         (422)
    ├── Unauthenticated       sign in, or send a valid service token   (401)
    ├── Forbidden             ask for the right, or stop               (403)
    ├── NotFound              it does not exist, or not for this owner (404)
    ├── Conflict              re-read the state and decide again       (409)
    ├── TooLarge              send less                                (413)
    ├── TooManyRequests       wait, then try again                     (429)
    ├── UpstreamFailed        look at the other service's log          (502)
    ├── Unavailable           try again later; nothing was done        (503)
    │   └── OutcomeUnknown    find out what happened before trying again
    └── StartRefused          mend the configuration, start again      (no status)

The HTTP status is decided at the edge, in `ct_kit.web.problems`, so code without HTTP
(bots, workers) raises the same errors.
"""

# ruff: noqa: N818 - the names say what the reader must do; an Error suffix would say nothing

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field, and what to do about it."""

    field: str
    message: str
    remedy: str


class CtError(Exception):
    """An expected failure with a stable code for programs and a sentence for people."""

    def __init__(self, code: str, detail: str, *, fields: Iterable[FieldError] = ()) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.fields = tuple(fields)


class InvalidRequest(CtError):
    """The request is malformed or breaks a rule it could have known; mend it."""


class Unauthenticated(CtError):
    """Nobody, or nobody we believe, is calling."""


class Forbidden(CtError):
    """The caller is known and may not do this."""


class NotFound(CtError):
    """It does not exist, or belongs to somebody else: the two look the same on purpose."""


class Conflict(CtError):
    """The state changed or forbids this; read it again and decide anew."""


class TooLarge(CtError):
    """The body exceeds what this service reads."""


class TooManyRequests(CtError):
    """The caller spent its budget; `retry_after_s` says when there is more."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        retry_after_s: float = 1.0,
        fields: Iterable[FieldError] = (),
    ) -> None:
        super().__init__(code, detail, fields=fields)
        self.retry_after_s = retry_after_s


class UpstreamFailed(CtError):
    """Another service or a venue answered, but not usefully."""


class Unavailable(CtError):
    """Something this call needs is down. Nothing was done; trying again later is safe."""


class OutcomeUnknown(Unavailable):
    """The request left and no answer came: it may have been carried out.

    Never send it again blindly. Read the state, or repeat it under the same idempotency key.
    """


class StartRefused(CtError):
    """The process must not start as configured; the detail says what to mend."""
