"""Files the market comes from: the anchor of synthetic prices, recordings, the clock's position."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson

from ct_simulator.domain.candles import Candles
from ct_simulator.errors import ReplayUnusable, TruthDamaged

_COLUMNS = ("open_time", "open", "high", "low", "close", "volume")
Rows = npt.NDArray[np.float64]


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
            rows = _read_parquet(path)
        elif path.suffix == ".csv":
            rows = _read_csv(path)
        else:
            raise ReplayUnusable(f"{path} is neither .parquet nor .csv")
    except (OSError, ValueError) as error:
        raise ReplayUnusable(f"{path} cannot be read: {error}") from error
    if not np.isfinite(rows).all():
        raise ReplayUnusable(f"{path} has candles with missing values")
    return Candles(rows[0].astype(np.int64), rows[1], rows[2], rows[3], rows[4], rows[5])


def _read_parquet(path: Path) -> Rows:
    """Let a process of its own read the file, for the memory pyarrow takes."""
    if not path.is_file():
        raise FileNotFoundError("there is no such file")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "candles.npy"
        command = [sys.executable, "-m", "ct_simulator.adapters.parquet"]
        finished = subprocess.run(  # noqa: S603 - our own module and the operator's file
            [*command, str(path.resolve()), str(target), *_COLUMNS],
            check=False,
            capture_output=True,
            text=True,
        )
        if finished.returncode:
            raise ValueError(finished.stderr.strip().splitlines()[-1])
        rows: Rows = np.load(target)
    return rows


def _read_csv(path: Path) -> Rows:
    with path.open(encoding="utf-8") as stream:
        names = [name.strip() for name in stream.readline().split(",")]
        absent = [name for name in _COLUMNS if name not in names]
        if absent:
            raise ValueError(f"columns are missing: {', '.join(absent)}")
        rows = np.loadtxt(stream, delimiter=",", ndmin=2, dtype=np.float64)
    return rows.T[[names.index(name) for name in _COLUMNS]]


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
