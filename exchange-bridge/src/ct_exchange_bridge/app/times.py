"""Our own clock, as documents keep it."""

from datetime import UTC, datetime


def now() -> datetime:
    """Read our clock, cut to the milliseconds BSON keeps, so that stored equals held."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
