"""What a bot sees of the world, and what one turn makes of it."""

from dataclasses import dataclass
from decimal import Decimal

from ct_bots.domain.book import Execution
from ct_bots.domain.bot import Bot
from ct_bots.domain.journal import Decision, Note


@dataclass(frozen=True, slots=True)
class CandleSeen:
    """A closed candle. `live` is false for history and for candles seen too late to act on."""

    open_time: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    live: bool

    def row(self) -> tuple[float, ...]:
        """Return it as a strategy reads it: the border between exact and float."""
        prices = (self.open, self.high, self.low, self.close, self.volume)
        return (float(self.open_time), *(float(value) for value in prices))


@dataclass(frozen=True, slots=True)
class FillSeen:
    """A fill of one of the bot's orders; `fee` is charged in the asset the fill received."""

    id: str
    execution: Execution
    fee: Decimal


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """What the bridge says of an order."""

    order_id: str
    client_order_id: str
    state: str
    executed: Decimal
    reason: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of a turn: what to commit, in this order: bot, decision, notes."""

    bot: Bot
    decision: Decision | None
    notes: tuple[Note, ...]
