"""Numbers and text in memory, with what is known of them -> columns, without copying."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray


def numbers(name: str, values: NDArray[np.generic], known: NDArray[np.uint8] | None = None) -> pl.Series:
    """Numbers and the bitmap of those known (None: all) -> a column."""
    validity = None if known is None else pa.py_buffer(known)
    return pl.Series(name, pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [validity, pa.py_buffer(values)]))


def texts(name: str, blob: NDArray[np.uint8], ends: NDArray[np.int64], known: NDArray[np.uint8]) -> pl.Series:
    """Bytes one behind the other, their ends and the bitmap of those known -> a column."""
    array = pa.Array.from_buffers(pa.large_string(), len(ends) - 1, [pa.py_buffer(known), pa.py_buffer(ends), pa.py_buffer(blob)])
    return pl.Series(name, array)


def measured(name: str, values: NDArray[np.floating]) -> pl.Series:
    """Floating-point numbers -> a column in which not-a-number is null."""
    known = np.empty(len(values) // 8 + 1, np.uint8)
    return numbers(name, values, known if _known(values, known) < len(values) else None)


@njit(cache=True, nogil=True)
def _known(values, known):
    """Fill the bitmap of what is a number; returns how many are."""
    total = 0
    for block in range((len(values) + 7) // 8):
        byte = 0
        for i in range(8 * block, min(8 * block + 8, len(values))):
            there = values[i] == values[i]
            byte |= there << (i & 7)
            total += there
        known[block] = byte
    return total
