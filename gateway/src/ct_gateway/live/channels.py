"""What the channels of the stream are, and how fast they may speak."""

import re

OWNED = frozenset({"orders", "fills", "bots", "jobs", "alerts"})
"""Channels whose events belong to one user: never dropped, numbered, resumable."""

STATUS = "status"
_MARKET = re.compile(
    r"(ticker|book|trades):[A-Z0-9-]+|candles:[A-Z0-9-]+:(1m|5m|15m|1h|4h|1d)", re.ASCII
)
MARKET_INTERVAL_S = 0.25
"""Four a second is what an eye can follow; faster only warms the phone."""


def is_market(channel: str) -> bool:
    """Say whether the channel carries market data, which is everybody's."""
    return len(channel) <= 60 and _MARKET.fullmatch(channel) is not None
