"""Put the simulator together; the only file that names concrete adapters."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp

from ct_kit.domain.enums import Market as MarketKind
from ct_kit.identity import Verifier
from ct_kit.logs import get_logger
from ct_simulator.adapters.key_store import KeyStore
from ct_simulator.adapters.market_files import ClockPosition, load_anchor, read_candles
from ct_simulator.adapters.truth_log import TruthLog
from ct_simulator.api.admin import AdminParts, create_admin_app
from ct_simulator.app.conductor import Conductor
from ct_simulator.app.customers import Customers
from ct_simulator.app.exchange import Exchange
from ct_simulator.app.history import History
from ct_simulator.app.market import Market
from ct_simulator.domain.clock import ClockMode, NowMs, VirtualClock, wall_ms
from ct_simulator.domain.faults import FaultBox
from ct_simulator.domain.ledger import Ledger
from ct_simulator.domain.listing import LISTINGS, Listing, listing_for_replay
from ct_simulator.domain.prices.replay import ReplayPrices, symbol_of_file
from ct_simulator.domain.prices.synthetic import SyntheticPrices
from ct_simulator.ports import PriceSource
from ct_simulator.settings import SimulatorSettings
from ct_simulator.wire.binance.app import create_binance_app
from ct_simulator.wire.binance.limits import Limits
from ct_simulator.wire.binance.stream_hub import StreamHub
from ct_simulator.wire.binance.venue import Venue

CALLERS = frozenset({"exchange-bridge", "operator"})
_BEST_LEVEL_QUOTE = {MarketKind.SIMULATED: 50_000.0, MarketKind.REPLAY: 5_000_000.0}
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Simulator:
    """What a process serves and runs; call `close` last."""

    admin: FastAPI
    binance: ASGIApp
    exchange: Exchange
    conductor: Conductor
    close: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Recording:
    source: PriceSource
    listings: dict[str, Listing]
    start_ms: int | None
    name: str


def build(
    settings: SimulatorSettings, *, verifier: Verifier | None = None, wall: NowMs = wall_ms
) -> Simulator:
    """Build everything from settings.

    Raises StartRefused when the replay or the data folder cannot be used.
    """
    replaying = settings.market is MarketKind.REPLAY
    if settings.market is MarketKind.LIVE:
        _log.warning("prices_are_synthetic", market=settings.market.value)
    folder = settings.data_dir / "simulator" / ("replay" if replaying else "simulated")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    recording = _replay(settings) if replaying else _synthetic(settings, folder, wall)
    truth = TruthLog(folder / "truth.jsonl")
    ledger = truth.rebuild()
    position = ClockPosition(folder / "clock", recording.name)
    clock = _clock(settings, recording, position, ledger, wall)
    market = Market(
        recording.source,
        clock,
        recording.listings,
        half_spread_bps=settings.half_spread_bps,
        best_level_quote=settings.best_level_quote
        or _BEST_LEVEL_QUOTE[MarketKind.REPLAY if replaying else MarketKind.SIMULATED],
    )
    exchange = Exchange(
        market, ledger, truth, maker_fee=settings.maker_fee, taker_fee=settings.taker_fee
    )
    keys = KeyStore(folder / "keys.json")
    faults = FaultBox()
    limits = Limits(
        clock,
        weight_1m=settings.weight_limit_1m,
        orders_10s=settings.order_limit_10s,
        orders_1d=settings.order_limit_1d,
    )
    venue = Venue(exchange, History(market), keys, limits, faults)
    hub = StreamHub(venue)
    conductor = Conductor(exchange, [hub], position.save)

    def close() -> None:
        if not clock.is_real:
            position.save(clock.now_ms())
        position.close()
        truth.close()

    admin = create_admin_app(
        AdminParts(
            exchange,
            Customers(exchange, keys),
            keys,
            truth,
            conductor,
            faults,
            "replay" if replaying else "simulated",
        ),
        verifier or Verifier("simulator", settings.identity_trust_dir, CALLERS),
    )
    return Simulator(admin, create_binance_app(venue, hub), exchange, conductor, close)


def _synthetic(settings: SimulatorSettings, folder: Path, wall: NowMs) -> _Recording:
    anchor = load_anchor(folder / "anchor.json", settings.seed, int(wall()))
    source = SyntheticPrices(LISTINGS, anchor.seed, anchor.created_ms)
    start_ms = None
    if settings.clock is ClockMode.STEPPED:
        start_ms = source.open_at(anchor.created_ms)
    return _Recording(source, dict(LISTINGS), start_ms, "synthetic")


def _replay(settings: SimulatorSettings) -> _Recording:
    path = settings.replay
    assert path is not None, "the settings require it"  # noqa: S101 - checked when they are read
    symbol = settings.replay_symbol or symbol_of_file(path.name)
    candles = read_candles(path)
    first = settings.replay_warmup
    if settings.replay_start is not None:
        wanted = int(settings.replay_start.timestamp() * 1000)
        first = int(candles.open_time.searchsorted(wanted))
    first = min(first, max(len(candles) - 1, 0))
    kept = candles.slice(max(first - settings.replay_warmup, 0), len(candles))
    source = ReplayPrices(symbol, kept)
    listing = listing_for_replay(symbol, float(candles.close[first]))
    return _Recording(source, {symbol: listing}, int(candles.open_time[first]), path.stem)


def _clock(
    settings: SimulatorSettings,
    recording: _Recording,
    position: ClockPosition,
    ledger: Ledger,
    wall: NowMs,
) -> VirtualClock:
    """Begin at the recording's start, or where this recording was left before."""
    last_open = recording.source.last_open
    end_ms = None if last_open is None else last_open + recording.source.interval_ms
    start_ms = recording.start_ms
    left_ms = position.load()
    if start_ms is not None and left_ms is not None:
        start_ms = max(start_ms, left_ms, ledger.last_time_ms)
    speed = settings.replay_speed if settings.market is MarketKind.REPLAY else 1.0
    return VirtualClock(settings.clock, start_ms=start_ms, speed=speed, end_ms=end_ms, wall=wall)
