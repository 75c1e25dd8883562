"""Sentences for the bot's log."""

from ct_bots.domain.book import Side
from ct_bots.domain.orders import BotOrder
from ct_bots.domain.seen import FillSeen
from ct_kit.domain import Instrument


def sentence_of(order: BotOrder, instrument: Instrument) -> str:
    """Return what an order asks for, such as "Buy 0.01 BTC at market"."""
    quote = instrument.symbol.quote
    price = "at market" if order.price is None else f"at {order.price:f} {quote}"
    return f"{order.side.capitalize()} {order.quantity:f} {instrument.symbol.base} {price}"


def fill_sentence(side: Side, seen: FillSeen, instrument: Instrument) -> str:
    """Return what a fill did, such as "Bought 0.01 BTC at 60000.10 USDT."."""
    word = {"buy": "Bought", "sell": "Sold"}[side]
    symbol, done = instrument.symbol, seen.execution
    return f"{word} {done.quantity:f} {symbol.base} at {done.price:f} {symbol.quote}."
