"""Candles as an Arrow IPC stream. pyarrow is imported on first use: 60 MB few runs need."""

from ct_exchange_bridge.domain.candles import COLUMNS, Columns

MEDIA_TYPE = "application/vnd.apache.arrow.stream"


def arrow_stream(columns: Columns) -> bytes:
    """Write open_time as int64 and the rest as float64, without copying through Python floats."""
    import pyarrow as pa  # noqa: PLC0415

    count = len(columns)
    arrays = []
    for name in COLUMNS:
        kind = pa.int64() if name == "open_time" else pa.float64()
        data = pa.py_buffer(getattr(columns, name))
        arrays.append(pa.Array.from_buffers(kind, count, [None, data]))
    batch = pa.RecordBatch.from_arrays(arrays, names=list(COLUMNS))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())
