"""Closed sets of the trade. The values are the ones of JSON and MongoDB."""

from enum import StrEnum


class Side(StrEnum):
    """Which way the base asset moves, seen from us."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> "Side":
        """Return the other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """How an order takes its price."""

    MARKET = "market"
    LIMIT = "limit"


class TimeInForce(StrEnum):
    """How long a limit order may rest."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"


class OrderStatus(StrEnum):
    """Where an order stands; the arrows between the states belong to the exchange bridge."""

    INTENT = "intent"
    CLAIMED = "claimed"
    SENDING = "sending"
    ACKED = "acked"
    OPEN = "open"
    PARTIAL = "partial"
    UNKNOWN = "unknown"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REFUSED = "refused"
    NOT_PLACED = "not_placed"

    @property
    def is_terminal(self) -> bool:
        """Say whether nothing more can happen to the order itself."""
        return self in _TERMINAL


_TERMINAL = frozenset(
    {
        OrderStatus.FILLED,
        OrderStatus.CANCELED,
        OrderStatus.EXPIRED,
        OrderStatus.REFUSED,
        OrderStatus.NOT_PLACED,
    }
)


class Mode(StrEnum):
    """Whose money an account moves; fixed when the account is made."""

    PAPER = "paper"
    LIVE = "live"


class Market(StrEnum):
    """Where prices come from."""

    SIMULATED = "simulated"
    REPLAY = "replay"
    LIVE = "live"
