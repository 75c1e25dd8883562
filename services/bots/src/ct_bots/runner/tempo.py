"""How patient a runner is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tempo:
    """Seconds and milliseconds by which a bot's actor lives; tests shorten them."""

    settle_s: float = 5.0
    """How long a candle waits for the outcome of its market orders before it counts as done."""

    crossed_s: float = 2.0
    """How long a candle that traded through a resting order waits for that order's fill."""

    first_look_s: float = 0.3
    """Silence of the feed after which an order's outcome is asked for by REST, the first time."""

    look_s: float = 1.0
    """And each further time."""

    idle_look_s: float = 30.0
    """How often resting orders are read again although the feed says nothing."""

    late_ms: int = 20_000
    """A caught-up candle that closed no longer ago than this, in market time, is still acted on:
    longer than a lease lasts, so that a runner killed at a close does not cost that candle."""

    fresh_least_s: float = 60.0
    fresh_most_s: float = 300.0
    """An unsent order is sent for one interval after its decision, within these bounds."""

    retry_s: float = 1.0
    """Pause before a call that may be repeated is repeated."""

    equity_flush_s: float = 1.0
    """Equity points are written together, at most this late."""
