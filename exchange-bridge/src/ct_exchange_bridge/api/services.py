"""The use cases the routes call."""

from dataclasses import dataclass

from ct_exchange_bridge.app.account_streams import AccountStreams
from ct_exchange_bridge.app.accounts import Accounts
from ct_exchange_bridge.app.balances import Balances
from ct_exchange_bridge.app.bridge import Bridge
from ct_exchange_bridge.app.cancel_order import CancelOrder
from ct_exchange_bridge.app.candle_history import CandleHistory
from ct_exchange_bridge.app.equity_recorder import EquityRecorder
from ct_exchange_bridge.app.kill_switch import KillSwitch
from ct_exchange_bridge.app.live_orders import LiveOrders
from ct_exchange_bridge.app.market_hub import MarketHub
from ct_exchange_bridge.app.market_reads import MarketReads
from ct_exchange_bridge.app.place_order import PlaceOrder
from ct_exchange_bridge.app.portfolio import PortfolioDesk
from ct_exchange_bridge.app.preview_order import PreviewOrder
from ct_exchange_bridge.app.venue_health import VenueHealth
from ct_exchange_bridge.app.verify_key import VerifyKey
from ct_exchange_bridge.ports.stores import FillStore, OrderStore
from ct_kit.streaming import Broadcaster


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything behind the HTTP face, built by `bootstrap`."""

    bridge: Bridge
    hub: MarketHub
    history: CandleHistory
    reads: MarketReads
    accounts: Accounts
    balances: Balances
    portfolio: PortfolioDesk
    recorder: EquityRecorder
    orders: OrderStore
    fills: FillStore
    place: PlaceOrder
    preview: PreviewOrder
    cancel: CancelOrder
    kill_switch: KillSwitch
    verify_key: VerifyKey
    streams: AccountStreams
    live: LiveOrders
    health: VenueHealth
    feed: Broadcaster
    route: str
    quote: str
