"""Walk-forward folds that cannot leak: trained strictly before, purged, embargoed.

A label of row t looks at prices up to t + 1 + horizon. A training row whose label reaches into
the test part would carry its outcome there, so the last horizon + 1 rows before a test are purged,
and a further embargo of one horizon keeps serial dependence out (Lopez de Prado 2018, chapter 7).
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fold:
    """Half-open row ranges: train on [0, train_end), test on [test_start, test_end)."""

    train_end: int
    test_start: int
    test_end: int


def folds(rows: int, count: int, horizon: int) -> Iterator[Fold]:
    """Cut `rows` usable rows into count + 1 blocks; block k + 1 tests what 0..k trained.

    Raises ValueError where a block would be shorter than the gap before it.
    """
    block = rows // (count + 1)
    gap = 2 * horizon + 1
    if block <= 2 * gap:
        raise ValueError(
            f"{count} folds of {rows} rows are too short for a horizon of {horizon} candles"
        )
    for index in range(1, count + 1):
        start = index * block
        end = rows if index == count else start + block
        yield Fold(start - gap, start, end)
