"""The bridge's words into the bot's."""

from ct_bots.domain.book import ZERO, Execution
from ct_bots.domain.orders import BotOrder
from ct_bots.domain.seen import CandleSeen, FillSeen, OrderSeen
from ct_kit.contracts.markets import Candle
from ct_kit.contracts.orders import Fill, Order


def candle_seen(candle: Candle, *, live: bool) -> CandleSeen:
    """Return a closed candle as a bot sees it; `live` says whether it may be acted on."""
    return CandleSeen(
        open_time=candle.open_time,
        open=candle.open,
        high=candle.high,
        low=candle.low,
        close=candle.close,
        volume=candle.volume,
        live=live,
    )


def order_seen(order: Order) -> OrderSeen:
    """Return what the bridge says of an order."""
    return OrderSeen(
        order_id=order.id,
        client_order_id=order.client_order_id,
        state=order.state,
        executed=order.executed_quantity,
        reason=order.reason,
    )


def fill_seen(fill: Fill) -> FillSeen:
    """Return a fill with its fee where it belongs.

    A commission in a third asset (a discount token) moves neither base nor quote of this bot and
    is not valued.
    """
    base, _, quote = fill.symbol.partition("-")
    fee_base = fill.commission if fill.commission_asset == base else ZERO
    fee_quote = fill.commission if fill.commission_asset == quote else ZERO
    return FillSeen(
        id=fill.id,
        execution=Execution(
            side=fill.side,
            quantity=fill.quantity,
            quote=fill.quote_quantity,
            price=fill.price,
            fee_base=fee_base,
            fee_quote=fee_quote,
        ),
        fee=fee_base if fill.side == "buy" else fee_quote,
    )


def says_more(order: BotOrder, seen: OrderSeen) -> bool:
    """Say whether an order update tells the bot something worth a write."""
    if order.order_id is None:
        return True
    if seen.executed > order.executed:
        return True
    if order.terminal:
        return False
    return seen.state != order.state and (
        seen.state in {"unknown", "filled", "canceled", "expired", "refused", "not_placed"}
        or order.state == "unknown"
    )
