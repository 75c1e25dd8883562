"""Settings that cannot work say so before anything listens."""

from collections.abc import Callable
from typing import Any

import pytest

from ct_kit.errors import StartRefused
from ct_kit.settings import SettingsError, read_settings
from ct_simulator.bootstrap import build
from ct_simulator.domain.clock import ClockMode
from ct_simulator.server import listen
from ct_simulator.settings import SimulatorSettings

IDENTITY = {"CT_IDENTITY_KEY_FILE": "key", "CT_IDENTITY_TRUST_DIR": "trust"}


def test_unset_means_a_simulated_market_in_real_time_on_loopback() -> None:
    settings = read_settings(SimulatorSettings, IDENTITY)
    assert (settings.host, settings.port, settings.binance_port) == ("127.0.0.1", 8110, 8111)
    assert settings.clock is ClockMode.REALTIME
    assert settings.market.value == "simulated"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CT_MARKET", "replay"),
        ("CT_SIMULATOR_REPLAY_SPEED", "0"),
        ("CT_SIMULATOR_REPLAY_START", "2021-05-17T00:00:00"),
        ("CT_SIMULATOR_REPLAY_SYMBOL", "BTCUSDT"),
        ("CT_SIMULATOR_CLOCK", "sundial"),
        ("CT_SIMULATOR_TAKER_FEE", "1"),
        ("CT_SIMULATOR_SPEED", "2"),
    ],
)
def test_wrong_values_are_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError):
        read_settings(SimulatorSettings, {**IDENTITY, name: value})


def test_another_seed_over_an_existing_market_is_refused(
    settings_of: Callable[..., Any],
) -> None:
    build(settings_of(seed=7)).close()
    with pytest.raises(StartRefused, match="CT_SIMULATOR_SEED=7"):
        build(settings_of(seed=8))


def test_plain_http_beyond_loopback_is_refused() -> None:
    with pytest.raises(StartRefused, match="TLS"):
        listen("192.0.2.1", 0)


def test_a_taken_port_is_named() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartRefused, match=str(port)):
            listen("127.0.0.1", port)


def test_a_replay_starts_after_its_warm_up_or_where_it_is_told(
    settings_of: Callable[..., Any], tmp_path: Any
) -> None:
    rows = [f"{60_000 * (28_000_000 + n)},1,2,0.5,1.5,3" for n in range(50)]
    path = tmp_path / "ADAUSDT-1m.csv"
    path.write_text("\n".join(["open_time,open,high,low,close,volume", *rows]))
    replay = {"market": "replay", "replay": path, "clock": "stepped", "replay_warmup": 10}
    first = build(settings_of(**replay, data_dir=tmp_path / "one"))
    assert first.exchange.market.clock.now_ms() == 60_000 * 28_000_010
    assert first.exchange.market.source.first_open == 60_000 * 28_000_000
    first.close()
    start = "2023-03-28T10:57:00Z"  # row 17
    told = build(settings_of(**replay, replay_start=start, data_dir=tmp_path / "two"))
    assert told.exchange.market.clock.now_ms() == 1_680_001_020_000
    assert told.exchange.market.source.first_open == 1_680_001_020_000 - 600_000
    told.close()
