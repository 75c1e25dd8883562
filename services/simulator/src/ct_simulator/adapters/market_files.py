"""Files the market comes from: the anchor of synthetic prices, recordings, the clock's position."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson

from ct_simulator.domain.candles import Candles
from ct_simulator.errors import ReplayUnusable, TruthDamaged

_COLUMNS = ("open_time", "open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Anchor:
    """When the synthetic market began, and from which seed: with these two it is always the same."""

    seed: int
    created_ms: int


def load_anchor(path: Path, seed: int, now_ms: int) -> Anchor:
    """Return the anchor of this data folder, writing it at the first start.

    Raises TruthDamaged when the folder's market grew from another seed: the balances in it were
    traded at other prices.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_bytes(orjson.dumps({"seed": seed, "created_ms": now_ms}))
        fresh.replace(path)
    try:
        stored = orjson.loads(path.read_bytes())
        anchor = Anchor(int(stored["seed"]), int(stored["created_ms"]))
    except (ValueError, KeyError, TypeError) as error:
        raise TruthDamaged(f"the market's anchor {path} is unreadable") from error
    if anchor.seed != seed:
        raise TruthDamaged(
            f"{path.parent} holds a market of seed {anchor.seed}; "
            f"set CT_SIMULATOR_SEED={anchor.seed} or choose another data folder"
        )
    return anchor


def read_candles(path: Path) -> Candles:
    """Read a parquet or CSV file of open_time (ms), open, high, low, close, volume.

    Raises ReplayUnusable when the file is missing or has not these columns.
    """
    try:
        if path.suffix == ".parquet":
            columns = _read_parquet(path)
        elif path.suffix == ".csv":
            columns = _read_csv(path)
        else:
            raise ReplayUnusable(f"{path} is neither .parquet nor .csv")
    except (OSError, ValueError, KeyError) as error:
        raise ReplayUnusable(f"{path} cannot be read: {error}") from error
    times = np.asarray(columns["open_time"], dtype=np.int64)
    return Candles(times, *(np.asarray(columns[name], dtype=np.float64) for name in _COLUMNS[1:]))


def _read_parquet(path: Path) -> dict[str, np.ndarray]:
    # pyarrow takes 40 MB of memory, so only who replays parquet pays for it
    from pyarrow import parquet  # noqa: PLC0415

    table = parquet.read_table(path, columns=list(_COLUMNS))
    return {name: table.column(name).to_numpy() for name in _COLUMNS}


def _read_csv(path: Path) -> dict[str, np.ndarray]:
    with path.open(encoding="utf-8") as stream:
        names = stream.readline().strip().split(",")
        rows = np.loadtxt(stream, delimiter=",", ndmin=2, dtype=np.float64)
    return {name: rows[:, names.index(name)] for name in _COLUMNS}


class ClockPosition:
    """Remember across restarts how far a virtual clock has come.

    Not synced: after a power cut the clock may be a little behind, never the accounts, since the
    clock also begins no earlier than the last event of the truth log.
    """

    def __init__(self, path: Path, market: str) -> None:
        """Use the position of `path` if it belongs to the same market."""
        self._market = market
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def load(self) -> int | None:
        """Return the remembered time, None when there is none for this market."""
        name, _, time_ms = self._path.read_text(encoding="utf-8").strip().partition(" ")
        return int(time_ms) if name == self._market and time_ms.isdigit() else None

    def save(self, time_ms: int) -> None:
        """Remember a time."""
        os.pwrite(self._file, f"{self._market} {time_ms:<15}\n".encode(), 0)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
