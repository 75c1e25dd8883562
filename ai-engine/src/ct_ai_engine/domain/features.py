"""Causal features of candles: row t uses candles up to and including t, over fixed windows.

Windowed by construction: the same last LOOKBACK candles give the same row wherever the series
began, so a live row equals the row of a training over years. A test cuts the series and compares.
"""

from collections.abc import Iterator
from functools import reduce

import numpy as np

from ct_ai_engine.market import Floats

RETURN_WINDOWS = (1, 3, 6, 12, 24, 48, 96)
VOLATILITY_WINDOWS = (12, 96)
RSI_WINDOW = 14
EMA_WINDOWS = (12, 48)
VOLUME_WINDOW = 96
EMA_MEMORY = 8  # periods after which a candle's weight, e^-16, no longer counts
LOOKBACK = EMA_MEMORY * max(EMA_WINDOWS)

NAMES = (
    *(f"return_{window}" for window in RETURN_WINDOWS),
    "volatility_ratio",
    "rsi_14",
    *(f"ema_distance_{window}" for window in EMA_WINDOWS),
    "volume_z_96",
    "range_position_24",
)
CLIP = 5.0  # standard deviations; one flash crash must not steer a linear model


def features(rows: Floats) -> Floats:
    """Return [n, len(NAMES)] features of candles [n, 6]; rows before LOOKBACK are NaN."""
    n = len(rows)
    table = np.full((n, len(NAMES)), np.nan)
    if n <= LOOKBACK:
        return table
    close, volume = rows[:, 4], rows[:, 5]
    log_close = np.log(close)
    change = np.diff(log_close, prepend=log_close[0])
    slow_risk = _rolling_std(change, VOLATILITY_WINDOWS[1])
    risk = np.maximum(slow_risk, 1e-12)
    columns = [
        (log_close - _lagged(log_close, window)) / (risk * np.sqrt(window))
        for window in RETURN_WINDOWS
    ]
    columns.append(np.log(np.maximum(_rolling_std(change, VOLATILITY_WINDOWS[0]), 1e-12) / risk))
    columns.append(_rsi(change, RSI_WINDOW))
    columns.extend(
        (log_close - _windowed_ema(log_close, window)) / (risk * np.sqrt(window))
        for window in EMA_WINDOWS
    )
    log_volume = np.log1p(volume)
    deviation = np.maximum(_rolling_std(log_volume, VOLUME_WINDOW), 1e-12)
    columns.append((log_volume - _rolling_mean(log_volume, VOLUME_WINDOW)) / deviation)
    columns.append(_range_position(rows, 24))
    stacked = np.column_stack(columns)
    table[LOOKBACK:] = np.clip(stacked[LOOKBACK:], -20.0, 20.0)
    return table


def _lagged(values: Floats, by: int) -> Floats:
    lagged = np.full(len(values), np.nan)
    lagged[by:] = values[:-by]
    return lagged


def _shifts(values: Floats, width: int) -> Iterator[Floats]:
    """Yield the window's candles, oldest first, each aligned with the rows it belongs to.

    Adding them up one by one costs no memory, and unlike a running sum the result of a row does
    not depend on where the series began.
    """
    n = len(values) - width + 1
    return (values[first : first + n] for first in range(width))


def _rolling_mean(values: Floats, width: int) -> Floats:
    total = np.zeros(len(values) - width + 1)
    for part in _shifts(values, width):
        total += part
    return _front(total / width, width)


def _rolling_std(values: Floats, width: int) -> Floats:
    mean = _rolling_mean(values, width)[width - 1 :]
    total = np.zeros(len(mean))
    for part in _shifts(values, width):
        total += (part - mean) ** 2
    return _front(np.sqrt(total / width), width)


def _front(values: Floats, width: int) -> Floats:
    return np.concatenate([np.full(width - 1, np.nan), values])


def _windowed_ema(values: Floats, period: int) -> Floats:
    """Return an EMA cut off after EMA_MEMORY periods, its weights summing to 1."""
    width = EMA_MEMORY * period
    weights = (1.0 - 2.0 / (period + 1.0)) ** np.arange(width)[::-1]
    weights /= weights.sum()
    total = np.zeros(len(values) - width + 1)
    for part, weight in zip(_shifts(values, width), weights, strict=True):
        total += weight * part
    return _front(total, width)


def _rsi(change: Floats, width: int) -> Floats:
    """Return Cutler's RSI (simple means, so windowed), shifted to -1 .. 1."""
    up = _rolling_mean(np.maximum(change, 0.0), width)
    down = _rolling_mean(np.maximum(-change, 0.0), width)
    index: Floats = (up - down) / np.maximum(up + down, 1e-12)
    return index


def _range_position(rows: Floats, width: int) -> Floats:
    """Return where the close lies in the range of the window: -0.5 at its low, 0.5 at its high."""
    high = _front(reduce(np.maximum, _shifts(rows[:, 2], width)), width)
    low = _front(reduce(np.minimum, _shifts(rows[:, 3], width)), width)
    position: Floats = (rows[:, 4] - low) / np.maximum(high - low, 1e-12) - 0.5
    return position
