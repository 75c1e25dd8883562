"""Bots as the wire shows them."""

from decimal import Decimal

from ct_bots.domain.bot import Bot
from ct_bots.ports import Held
from ct_kit.contracts.bots import Bot as BotView
from ct_kit.contracts.bots import BotPosition

# The wire carries 18 decimals; a person reads a price. Amounts stay exact.
_SHOWN = Decimal("1e-12")


def bot_view(held: Held) -> BotView:
    """Return the bot as its page shows it."""
    bot = held.bot
    return BotView(
        id=bot.id,
        label=bot.label,
        strategy=bot.strategy,
        account_id=bot.account_id,
        mode=bot.mode,
        symbol=bot.symbol,
        interval=bot.interval,
        budget=bot.budget,
        parameters=dict(bot.parameters),
        parameters_version=bot.parameters_version,
        state=bot.state,
        state_reason=bot.state_reason,
        position=_position(bot),
        open_orders=len(bot.run.working),
        last_candle=bot.run.last_candle,
        runner=held.runner,
        created_at=bot.created_at,
        updated_at=bot.updated_at,
    )


def _position(bot: Bot) -> BotPosition:
    book, price = bot.run.book, bot.run.last_close
    average = book.average_price
    return BotPosition(
        base=book.base,
        average_price=None if average is None else average.quantize(_SHOWN),
        value=None if price is None else book.value(price),
        realised=book.realised,
        unrealised=None if price is None else book.unrealised(price),
        fees=book.fees,
    )
