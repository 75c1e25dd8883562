"""Recordings, the anchor of the market, the clock's position."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from ct_simulator.adapters.market_files import ClockPosition, load_anchor, read_candles
from ct_simulator.domain.prices.replay import ReplayPrices, symbol_of_file
from ct_simulator.errors import ReplayUnusable, TruthDamaged

HEADER = "open_time,open,high,low,close,volume"
ROWS = [
    "1700000040000,1.5,2,1,1.75,10",
    "1700000100000,1.75,1.8,1.7,1.72,0",
    "1700000160000,1.72,1.9,1.6,1.8,3.5",
]


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def test_parquet_and_csv_say_the_same(tmp_path: Path) -> None:
    table = pa.table(
        {
            "volume": [10.0, 0.0, 3.5],
            "open_time": [1_700_000_040_000, 1_700_000_100_000, 1_700_000_160_000],
            "open": [1.5, 1.75, 1.72],
            "high": [2.0, 1.8, 1.9],
            "low": [1.0, 1.7, 1.6],
            "close": [1.75, 1.72, 1.8],
            "trades": [1, 2, 3],
        }
    )
    parquet.write_table(table, tmp_path / "a.parquet")
    from_parquet = read_candles(tmp_path / "a.parquet")
    from_csv = read_candles(write(tmp_path / "a.csv", HEADER, *ROWS))
    for one, other in zip(from_parquet.columns(), from_csv.columns(), strict=True):
        assert np.array_equal(one, other)
    assert from_csv.open_time.dtype == np.int64


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("absent.csv", None),
        ("absent.parquet", None),
        ("a.txt", [HEADER, *ROWS]),
        ("a.parquet", ["not parquet"]),
        ("a.csv", ["open_time,open", "1,2"]),
        ("a.csv", [HEADER, "1,2,three,4,5,6"]),
        ("a.csv", [HEADER, "1,2,nan,4,5,6", ROWS[0]]),
    ],
)
def test_unusable_recordings_say_so(tmp_path: Path, name: str, lines: list[str] | None) -> None:
    path = tmp_path / name
    if lines is not None:
        write(path, *lines)
    with pytest.raises(ReplayUnusable, match=name):
        read_candles(path)


@pytest.mark.parametrize("order", [[0], [1, 0], [0, 0, 1]])
def test_recordings_must_ascend(tmp_path: Path, order: list[int]) -> None:
    path = write(tmp_path / "a.csv", HEADER, *[ROWS[number] for number in order])
    with pytest.raises(ReplayUnusable):
        ReplayPrices("XRP-USDT", read_candles(path))


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("BTCUSDT-1m-20210517-20210523.parquet", "BTC-USDT"),
        ("1000satsusdt_5m.csv", "1000SATS-USDT"),
        ("ETHBTC.csv", "ETH-BTC"),
    ],
)
def test_file_names_tell_the_symbol(name: str, symbol: str) -> None:
    assert symbol_of_file(name) == symbol


def test_a_file_name_without_a_symbol_is_refused() -> None:
    with pytest.raises(ReplayUnusable, match="CT_SIMULATOR_REPLAY_SYMBOL"):
        symbol_of_file("candles.csv")


def test_the_market_keeps_its_anchor_and_refuses_another_seed(tmp_path: Path) -> None:
    path = tmp_path / "new" / "anchor.json"
    first = load_anchor(path, 7, 1000)
    assert load_anchor(path, 7, 2000) == first
    with pytest.raises(TruthDamaged, match="CT_SIMULATOR_SEED=7"):
        load_anchor(path, 8, 2000)
    path.write_text("{}")
    with pytest.raises(TruthDamaged):
        load_anchor(path, 7, 2000)


def test_the_clocks_position_belongs_to_one_market(tmp_path: Path) -> None:
    position = ClockPosition(tmp_path / "clock", "one")
    assert position.load() is None
    position.save(1_700_000_000_000)
    position.save(1_600_000)
    assert position.load() == 1_600_000
    assert ClockPosition(tmp_path / "clock", "other").load() is None
    position.close()
