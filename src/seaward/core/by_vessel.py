"""positions in any order -> the same vessel by vessel, in time order; sorted only where they are not."""

from __future__ import annotations

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from seaward.core.arrays import array_of

_KEYS = ("vessel_id", "at", "lon_deg", "lat_deg", "raw_offset", "feed")


def by_vessel(positions: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Bring the rows of each vessel together, in time order, ties by content.

    Parameters
    ----------
    positions
        Not empty; with vessel_id, at, lon_deg, lat_deg, raw_offset and feed.

    Returns
    -------
    The rows, and where each vessel begins in them, and the end; shape (vessels + 1,).
    """
    rows = positions
    for sort in (False, True):
        if sort:
            rows = positions.sort(pl.col("vessel_id").to_physical(), "at", "lon_deg", "lat_deg", "raw_offset", pl.col("feed").cast(pl.String))
        vessel, at, lon, lat, offset, feed = (array_of(rows[c].to_physical()) for c in _KEYS)
        first, in_order = _vessels(vessel, int(vessel.max()), at, lon, lat, offset, feed, sort)
        if in_order:
            break
    return rows, first


@njit(cache=True, nogil=True)
def _vessels(vessel, top, at, lon, lat, offset, feed, trust):
    """First row of each vessel (and the end), and whether rows are in order: each vessel in one stretch, ties by content."""
    seen = np.zeros(top + 1, np.bool_)
    first = np.empty(top + 2, np.int64)
    n, last = 0, np.int64(-1)
    for i in range(vessel.shape[0]):
        v = np.int64(vessel[i])
        if v != last:
            if seen[v]:
                return first[:0].copy(), False
            seen[v] = True
            first[n] = i
            n += 1
            last = v
        elif not trust and at[i] <= at[i - 1] and not _tie_in_order(i, at, lon, lat, offset, feed):
            return first[:0].copy(), False
    first[n] = vessel.shape[0]
    return first[: n + 1].copy(), True


@njit(cache=True, nogil=True)
def _tie_in_order(i, at, lon, lat, offset, feed):
    """Whether row i may follow the row before it in time and content."""
    if at[i] != at[i - 1]:
        return at[i] > at[i - 1]
    if lon[i] != lon[i - 1]:
        return lon[i] > lon[i - 1]
    if lat[i] != lat[i - 1]:
        return lat[i] > lat[i - 1]
    return offset[i] > offset[i - 1] or (offset[i] == offset[i - 1] and feed[i] == feed[i - 1])
