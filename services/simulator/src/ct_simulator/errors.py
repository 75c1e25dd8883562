"""What the simulated venue refuses, in words no venue owns; each wire has its own spelling.

::

    CtError
    ├── OrderRefused          mend the order; `reason` says what     (InvalidRequest)
    ├── UnknownOrder          there is no such order of this account (NotFound)
    ├── UnknownAccount, UnknownKey                                   (NotFound)
    ├── ReplayEnded           the recording is over                  (Conflict)
    ├── ClockNotStepped       this clock runs by itself              (Conflict)
    ├── JournalBroken         the truth log cannot be written; restart after mending the disk
    └── StartRefused
        ├── ReplayUnusable    mend the replay file or its settings
        └── TruthDamaged      the truth log contradicts itself
"""

from enum import StrEnum

from ct_kit.errors import Conflict, InvalidRequest, NotFound, StartRefused, Unavailable


class Reason(StrEnum):
    """Why an order was refused."""

    PRICE_STEP = "price_step"
    PRICE_BAND = "price_band"
    QUANTITY_STEP = "quantity_step"
    MARKET_QUANTITY = "market_quantity"
    NOTIONAL = "notional"
    TOO_MANY_OPEN = "too_many_open"
    INSUFFICIENT_BALANCE = "insufficient_balance"
    DUPLICATE_CLIENT_ORDER_ID = "duplicate_client_order_id"
    WOULD_TAKE = "would_take"


class OrderRefused(InvalidRequest):
    """The venue did not accept the order; nothing happened."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value, f"the order was refused: {reason.value}")
        self.reason = reason


class UnknownOrder(NotFound):
    """The account has no such order, or none that is open."""

    def __init__(self) -> None:
        super().__init__("order_unknown", "the account has no such order")


class UnknownAccount(NotFound):
    """There is no such account."""

    def __init__(self, account_id: str) -> None:
        super().__init__("account_unknown", f"there is no account {account_id!r}")


class UnknownKey(NotFound):
    """The account has no such API key."""

    def __init__(self) -> None:
        super().__init__("key_unknown", "the account has no such API key")


class ReplayEnded(Conflict):
    """The recording has no further candle."""

    def __init__(self) -> None:
        super().__init__("replay_ended", "the replay has no further candle")


class ClockNotStepped(Conflict):
    """The clock runs by itself and cannot be stepped, or is stepped and has no speed."""


class JournalBroken(Unavailable):
    """A write to the truth log failed; nothing more is accepted until a restart."""

    def __init__(self) -> None:
        super().__init__(
            "truth_log_broken",
            "the truth log could not be written; mend the disk and restart the simulator",
        )


class ReplayUnusable(StartRefused):
    """The recording cannot be replayed."""

    def __init__(self, detail: str) -> None:
        super().__init__("replay_unusable", detail)


class TruthDamaged(StartRefused):
    """The truth log contradicts itself and must not be traded on."""

    def __init__(self, detail: str) -> None:
        super().__init__("truth_log_damaged", detail)
