"""What can go wrong here beyond `ct_kit.errors`.

`LeaseLostError` is no `CtError`: it is not an answer for anybody, and whoever handles a failed call
by trying again later must not catch it by accident.
"""

from ct_kit.errors import NotFound


class LeaseLostError(Exception):
    """Another runner holds the bot, or may: stop acting for it at once."""

    def __init__(self, bot_id: str) -> None:
        super().__init__(f"the lease of {bot_id} is no longer ours")


def no_such_bot() -> NotFound:
    """Return the answer for a bot that is unknown or somebody else's: the two look the same."""
    return NotFound("bot_not_found", "There is no such bot.")
