"""What can go wrong in the bridge, by what the reader must do; under the kit's tree.

::

    CtError (ct_kit.errors)
    ├── InvalidRequest   OrderRefused       mend the order: a rule said no before the wire
    ├── NotFound         unknown_account, unknown_order, unknown_symbol
    ├── Conflict         order_closed, order_in_flight
    ├── Unavailable      stale or missing: market, risk state, balances, database
    └── UpstreamFailed   venue_failed       the venue answered, but not usefully

`VenueError` (domain) is what adapters raise; `as_problem` turns it into one of these.
"""

from collections.abc import Sequence

from ct_exchange_bridge.domain.risk import Verdict
from ct_exchange_bridge.domain.venue_error import VenueError, VenueErrorKind
from ct_kit.errors import (
    CtError,
    FieldError,
    Forbidden,
    InvalidRequest,
    NotFound,
    Unavailable,
    UpstreamFailed,
)


class OrderRefused(InvalidRequest):
    """A rule of ours or a filter of the venue refused the order; nothing was stored or sent."""

    def __init__(self, refused: Sequence[Verdict]) -> None:
        first = refused[0]
        fields = [FieldError(item.field, item.message, item.remedy) for item in refused]
        super().__init__(first.code, first.message, fields=fields)


def unknown_account() -> NotFound:
    """Say that there is no such account, or not for this owner."""
    return NotFound("unknown_account", "There is no such account.")


def unknown_order() -> NotFound:
    """Say that there is no such order, or not for this owner."""
    return NotFound("unknown_order", "There is no such order.")


def unknown_symbol(symbol: str) -> NotFound:
    """Say that the venue does not list a symbol."""
    return NotFound("unknown_symbol", f"{symbol} is not traded here.")


_MEANING: dict[VenueErrorKind, tuple[type[CtError], str]] = {
    VenueErrorKind.RATE_LIMITED: (Unavailable, "venue_rate_limited"),
    VenueErrorKind.GEO_RESTRICTED: (Forbidden, "venue_restricted"),
    VenueErrorKind.CLOCK_SKEW: (Unavailable, "venue_clock_skew"),
    VenueErrorKind.AUTH_FAILED: (Forbidden, "venue_key_refused"),
    VenueErrorKind.PERMISSION_DENIED: (Forbidden, "venue_key_refused"),
    VenueErrorKind.INSUFFICIENT_FUNDS: (InvalidRequest, "insufficient_balance"),
    VenueErrorKind.INVALID_ORDER: (InvalidRequest, "venue_refused"),
    VenueErrorKind.DUPLICATE_ORDER: (UpstreamFailed, "venue_failed"),
    VenueErrorKind.ORDER_NOT_FOUND: (NotFound, "unknown_order"),
    VenueErrorKind.SYMBOL_NOT_FOUND: (NotFound, "unknown_symbol"),
    VenueErrorKind.VENUE_UNAVAILABLE: (Unavailable, "venue_unavailable"),
    VenueErrorKind.UNKNOWN_OUTCOME: (Unavailable, "venue_unavailable"),
    VenueErrorKind.NOT_UNDERSTOOD: (UpstreamFailed, "venue_failed"),
}


def as_problem(error: VenueError) -> CtError:
    """Return what a venue's error means to a caller of ours; every kind has a meaning."""
    kind, code = _MEANING[error.kind]
    return kind(code, f"The venue did not carry this out: {error.message}")
