"""The common taxonomy of venue errors (venues/README.md section 2)."""

from enum import StrEnum


class VenueErrorKind(StrEnum):
    """What an error means for us, whatever the venue calls it."""

    RATE_LIMITED = "rate_limited"
    GEO_RESTRICTED = "geo_restricted"
    CLOCK_SKEW = "clock_skew"
    AUTH_FAILED = "auth_failed"
    PERMISSION_DENIED = "permission_denied"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    INVALID_ORDER = "invalid_order"
    DUPLICATE_ORDER = "duplicate_order"
    ORDER_NOT_FOUND = "order_not_found"
    SYMBOL_NOT_FOUND = "symbol_not_found"
    VENUE_UNAVAILABLE = "venue_unavailable"
    UNKNOWN_OUTCOME = "unknown_outcome"
    NOT_UNDERSTOOD = "not_understood"
    """A code or a body nobody has mapped: loud, and never taken for a refusal."""


DEFINITE_REFUSALS: frozenset[VenueErrorKind] = frozenset(
    {
        VenueErrorKind.RATE_LIMITED,
        VenueErrorKind.GEO_RESTRICTED,
        VenueErrorKind.CLOCK_SKEW,
        VenueErrorKind.AUTH_FAILED,
        VenueErrorKind.PERMISSION_DENIED,
        VenueErrorKind.INSUFFICIENT_FUNDS,
        VenueErrorKind.INVALID_ORDER,
        VenueErrorKind.SYMBOL_NOT_FOUND,
    }
)
"""On the submission of an order these prove that it does not exist."""


class VenueError(Exception):
    """The venue answered with an error, or did not answer in a way that can be read."""

    def __init__(
        self,
        kind: VenueErrorKind,
        message: str,
        *,
        code: int | None = None,
        status: int | None = None,
        retry_after_s: float | None = None,
        not_accepted: bool = False,
    ) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.code = code
        self.status = status
        self.retry_after_s = retry_after_s
        self._not_accepted = not_accepted

    @property
    def refuses_order(self) -> bool:
        """Say whether an order submitted with this answer certainly does not exist."""
        if self.kind is VenueErrorKind.DUPLICATE_ORDER:
            return False
        return self._not_accepted or self.kind in DEFINITE_REFUSALS
