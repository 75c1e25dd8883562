"""Refusals as Binance words them: an HTTP status, a code, a text."""

from ct_simulator.errors import OrderRefused
from ct_simulator.wire.binance.consts import REFUSALS


class WireError(Exception):
    """An answer that says no."""

    def __init__(
        self, code: int, msg: str, status: int = 400, *, retry_after_s: int | None = None
    ) -> None:
        super().__init__(f"{code}: {msg}")
        self.code = code
        self.msg = msg
        self.status = status
        self.retry_after_s = retry_after_s


def refused(error: OrderRefused) -> WireError:
    """Word a refusal of the engine."""
    return WireError(*REFUSALS[error.reason])


def illegal(name: str, legal_range: str) -> WireError:
    """Refuse a parameter with characters it may not have."""
    return WireError(
        -1100,
        f"Illegal characters found in parameter '{name}'; legal range is '{legal_range}'.",
    )


def missing(name: str) -> WireError:
    """Refuse a request without a parameter it must have."""
    return WireError(
        -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    )


def not_required(name: str) -> WireError:
    """Refuse a parameter that this kind of request has no use for."""
    return WireError(-1106, f"Parameter '{name}' sent when not required.")


BAD_SYMBOL = (-1121, "Invalid symbol.")
BAD_INTERVAL = (-1120, "Invalid interval.")
NO_SUCH_ORDER = (-2013, "Order does not exist.")
UNKNOWN_ORDER = (-2011, "Unknown order sent.")
ARCHIVED = (
    -2026,
    "Order was canceled or expired with no executed qty over 90 days ago and has been archived.",
)
