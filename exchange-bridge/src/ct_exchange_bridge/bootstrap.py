"""Names the concrete adapters and builds the bridge from them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from ct_exchange_bridge.adapters.mongo_accounts import MongoAccounts
from ct_exchange_bridge.adapters.mongo_candles import MongoCandles
from ct_exchange_bridge.adapters.mongo_equity import MongoEquity
from ct_exchange_bridge.adapters.mongo_fills import MongoFills
from ct_exchange_bridge.adapters.mongo_indexes import INDEXES
from ct_exchange_bridge.adapters.mongo_orders import MongoOrders
from ct_exchange_bridge.adapters.mongo_risk import MongoRisk
from ct_exchange_bridge.adapters.simulator import SimulatorAdmin
from ct_exchange_bridge.adapters.vault import Vault
from ct_exchange_bridge.api.app import CALLERS, Services, create_app
from ct_exchange_bridge.app.account_streams import AccountStreams
from ct_exchange_bridge.app.accounts import Accounts
from ct_exchange_bridge.app.balances import Balances
from ct_exchange_bridge.app.bookkeeper import Bookkeeper
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
from ct_exchange_bridge.app.reconciler import Reconciler
from ct_exchange_bridge.app.risk_desk import RiskDesk
from ct_exchange_bridge.app.venue_health import VenueHealth
from ct_exchange_bridge.app.verify_key import VerifyKey
from ct_exchange_bridge.domain.risk import OperatorLimits
from ct_exchange_bridge.settings import BridgeSettings
from ct_exchange_bridge.venues.binance.consts import VENUE
from ct_exchange_bridge.venues.binance.venue import BinanceVenue
from ct_exchange_bridge.venues.route import direct_route
from ct_kit.domain import Market
from ct_kit.http import ServiceClient
from ct_kit.identity import ServiceIdentity, Verifier
from ct_kit.mongo import async_client, database, ensure_indexes, mongo_errors, new_id
from ct_kit.streaming import Broadcaster


def bootstrap(settings: BridgeSettings) -> FastAPI:
    """Build the application; it connects when it starts and serves when it is ready."""
    identity = ServiceIdentity.load(
        "exchange-bridge", settings.identity_key_file, settings.identity_trust_dir
    )
    mongo = async_client(settings.mongodb_uri)
    db = database(mongo, "exchange", settings.mongodb_prefix)
    vault_client = ServiceClient(settings.keyvault_url, "keyvault", identity)
    simulator_client = ServiceClient(settings.simulator_url, "simulator", identity)
    vault = Vault(vault_client)

    feed = Broadcaster()
    health = VenueHealth()
    venue = BinanceVenue(
        direct_route(settings.simulator_binance_url),
        vault,
        settings.quote,
        # A replay runs at any speed; only its own words tell its time.
        tracks_wall=settings.market is not Market.REPLAY,
        on_error=health.note,
    )
    hub = MarketHub(VENUE, settings.market, feed, stale_after_s=settings.stale_after_s)
    history = CandleHistory(MongoCandles(db, settings.market), venue, hub)
    live = LiveOrders()
    balances = Balances(venue, live, hub, fresh_s=settings.balance_fresh_s)
    orders, fills, equity = MongoOrders(db), MongoFills(db), MongoEquity(db)
    books = Bookkeeper(
        orders=orders,
        fills=fills,
        live=live,
        venue=venue,
        prices=hub,
        balances=balances,
        broadcaster=feed,
    )
    accounts = Accounts(
        MongoAccounts(db),
        vault,
        SimulatorAdmin(simulator_client),
        hub,
        venue=VENUE,
        market=settings.market,
        quote=settings.quote,
    )
    risk_store = MongoRisk(db)
    desk = RiskDesk(
        risk_store,
        hub,
        balances,
        live,
        OperatorLimits(
            max_order_notional=settings.max_order_notional,
            max_open_orders=settings.max_open_orders,
            max_orders_per_minute=settings.max_orders_per_minute,
            price_collar=settings.price_collar,
        ),
    )
    place = PlaceOrder(
        accounts=accounts,
        orders=orders,
        live=live,
        books=books,
        desk=desk,
        balances=balances,
        venue=venue,
        epoch=new_id("run"),
        reconcile_only=settings.reconcile_only,
    )
    cancel = CancelOrder(accounts, orders, live, books, venue)
    reconciler = Reconciler(
        accounts=accounts,
        orders=orders,
        fills=fills,
        live=live,
        books=books,
        venue=venue,
        lookup_every_s=settings.lookup_every_s,
        compare_every_s=settings.compare_every_s,
        reconcile_only=settings.reconcile_only,
    )
    streams = AccountStreams(venue.account_stream, books, balances, reconciler)
    portfolio = PortfolioDesk(
        accounts=accounts,
        fills=fills,
        equity=equity,
        balances=balances,
        prices=hub,
        venue=venue,
        quote=settings.quote,
    )
    recorder = EquityRecorder(accounts, portfolio, equity, every_s=settings.equity_every_s)
    books.tell_fills(portfolio.hear_fills)

    async def open_store() -> None:
        await ensure_indexes(db, INDEXES)

    async def store_ready() -> None:
        with mongo_errors():
            await mongo.admin.command("ping")

    bridge = Bridge(
        hub=hub,
        history=history,
        venue=venue,
        accounts=accounts,
        reconciler=reconciler,
        streams=streams,
        recorder=recorder,
        place=place,
        open_store=open_store,
        vault_ready=vault.ping,
        silence_s=settings.silence_s,
        flush_every_s=settings.flush_every_s,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        bridge.start()
        try:
            yield
        finally:
            await bridge.stop()
            await vault_client.aclose()
            await simulator_client.aclose()
            await mongo.close()

    return create_app(
        Services(
            bridge=bridge,
            hub=hub,
            history=history,
            reads=MarketReads(venue, hub),
            accounts=accounts,
            balances=balances,
            portfolio=portfolio,
            recorder=recorder,
            orders=orders,
            fills=fills,
            place=place,
            preview=PreviewOrder(accounts, balances, hub, desk, fee_rate=settings.fee_rate),
            cancel=cancel,
            kill_switch=KillSwitch(risk_store, cancel, VENUE),
            verify_key=VerifyKey(venue, vault),
            streams=streams,
            live=live,
            health=health,
            feed=feed,
            route=venue.route.name,
            quote=settings.quote,
        ),
        verifier=Verifier("exchange-bridge", settings.identity_trust_dir, CALLERS),
        store_ready=store_ready,
        lifespan=lifespan,
    )
