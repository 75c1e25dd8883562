"""Turn a parquet file of candles into a numpy file: `python -m ct_simulator.adapters.parquet`.

A process of its own, since pyarrow would stay in the simulator with 80 MB of memory for one
read. Not imported by the simulator.
"""

import sys

import numpy as np
from pyarrow import parquet


def convert(source: str, target: str, columns: list[str]) -> None:
    """Write the columns of a parquet file, as rows of float64, to an .npy file.

    Epoch milliseconds are exact in a float64 for the next 285,000 years.
    """
    table = parquet.read_table(source, columns=columns)
    rows = [table.column(name).to_numpy().astype(np.float64) for name in columns]
    np.save(target, np.stack(rows))


if __name__ == "__main__":
    convert(sys.argv[1], sys.argv[2], sys.argv[3:])
