"""positions -> Hearing: where vessels are heard, when they are silent, when each feed spoke. Parts of whole vessels add up to the whole."""

from __future__ import annotations

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from seaward.core.hearing import (
    AROUND,
    CELL_DEG,
    FEEDS,
    HEARD,
    LAT_CELLS,
    LON_CELLS,
    MAX_SILENT_SLOTS,
    OFTEN,
    PACE_SLOTS,
    SELDOM,
    SILENCES,
    SLOT_US,
    SLOTS_PER_HALF_HOUR,
    UNHEARD,
    Hearing,
    cell_of,
    degree_of,
)
from seaward.core.tables import AT

_PLACE = ["cell", "feed", "transceiver", "pace"]


def learn_hearing(positions: pl.DataFrame) -> Hearing:
    """Count in which slots of ten minutes vessels were heard and not heard.

    Parameters
    ----------
    positions
        POSITIONS in any order, of whole vessels.

    Returns
    -------
    hearing
        A silence counts where, and for the feed by which, the vessel was last heard; its slots in `unheard` count where the vessel passed in them.

    Limits
    ------
    A silence that a vessel keeps on purpose counts like any other: reception is taken for too low rather than too high. In a silence a vessel is
    thought to go straight, at one speed.
    """
    if positions.is_empty():
        return Hearing()
    rows = positions
    for sort in (False, True):
        if sort:
            rows = positions.sort(pl.col("vessel_id").to_physical(), "at", "lon_deg", "lat_deg", "raw_offset", pl.col("feed").cast(pl.String))
        vessel, at = rows["vessel_id"].to_physical().to_numpy(), rows["at"].to_physical().to_numpy()
        place = rows["lon_deg"].to_numpy(), rows["lat_deg"].to_numpy(), rows["feed"].to_physical().to_numpy()
        row, pace, silent, in_order = _heard(vessel, int(vessel.max()), at, *place, sort)
        if in_order:
            break
    passed, slots = _passed(silent, place[0][row], place[1][row])
    return _tables(rows[row], pace, silent, pl.DataFrame({"cell": passed, "silent": slots}))


def _tables(first: pl.DataFrame, pace: NDArray[np.int8], silent: NDArray[np.int64], passed: pl.DataFrame) -> Hearing:
    """Tables of the first fix of each vessel in each slot."""
    slots = first.select(
        "feed", "transceiver", "vessel_id",
        cell_of(pl.col("lon_deg"), pl.col("lat_deg")).alias("cell"),
        pl.Series("pace", pace),
        pl.Series("slots", silent),
        slot=pl.col("at").to_physical() // SLOT_US,
        degree=degree_of(pl.col("lon_deg"), pl.col("lat_deg")),
    )  # fmt: skip
    heard = slots.group_by(_PLACE).agg(heard=pl.len(), followed=(pl.col("slots") == 0).sum(), vessels=pl.col("vessel_id").n_unique())
    silences = slots.filter(pl.col("slots") != 0).with_columns(slots=pl.when(pl.col("slots") > 0).then("slots"))
    feeds = slots.group_by("feed", "slot").agg(vessels=pl.len()).with_columns(slot_at=(pl.col("slot") * SLOT_US).cast(AT))
    around = slots.group_by("feed", "degree", half_hour=pl.col("slot") // SLOTS_PER_HALF_HOUR).agg(vessel_slots=pl.len())
    unheard = passed.group_by("cell").agg(pl.col("silent").sum())
    tables = zip((heard, silences, unheard, feeds, around), (HEARD, SILENCES, UNHEARD, FEEDS, AROUND), strict=True)
    return Hearing.add([Hearing(*(table.select(list(schema)).cast(dict(schema)) for table, schema in tables))])  # type: ignore[arg-type]


@njit(cache=True, nogil=True)
def _heard(vessel, top, at, lon, lat, feed, sorted_by_content):
    """First row of each vessel in each slot, its pace, the slots without a fix after it (-1: to the end), and whether rows were in order."""
    size = vessel.shape[0]
    row, slot, pace, silent = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int8), np.empty(size, np.int64)
    seen = np.zeros(top + 1, np.bool_)
    n, since, last, last_at = 0, 0, np.int64(-1), np.int64(0)
    for i in range(size):
        v, s = np.int64(vessel[i]), at[i] // SLOT_US
        if v == last:
            tie = at[i] == last_at and (lon[i] != lon[i - 1] or lat[i] != lat[i - 1] or feed[i] != feed[i - 1])
            if not sorted_by_content and (at[i] < last_at or tie):
                return row[:0].copy(), pace[:0].copy(), silent[:0].copy(), False
            last_at = at[i]
            if s == slot[n - 1]:
                continue
            silent[n - 1] = s - slot[n - 1] - 1
        elif seen[v]:
            return row[:0].copy(), pace[:0].copy(), silent[:0].copy(), False
        else:
            seen[v] = True
            since, last, last_at = n, v, at[i]
        row[n], slot[n], silent[n] = i, s, -1
        while slot[since] <= s - PACE_SLOTS:
            since += 1
        heard = n + 1 - since
        pace[n] = 0 if heard >= OFTEN else (1 if heard >= SELDOM else 2)
        n += 1
    return row[:n].copy(), pace[:n].copy(), silent[:n].copy(), True


@njit(cache=True, nogil=True)
def _passed(silent, lon, lat):
    """Cells passed in silences that ended within a week, and the slots in each."""
    size = 0
    for k in range(silent.size):
        if 0 < silent[k] <= MAX_SILENT_SLOTS:
            size += min(silent[k], np.int64(2 + (abs(_dlon(lon[k], lon[k + 1])) + abs(lat[k + 1] - lat[k])) / CELL_DEG))
    cells, slots = np.empty(size, np.int64), np.zeros(size, np.int64)
    n = 0
    for k in range(silent.size):
        if 0 < silent[k] <= MAX_SILENT_SLOTS:
            dlon, dlat, before = _dlon(lon[k], lon[k + 1]), lat[k + 1] - lat[k], np.int64(-1)
            for s in range(1, silent[k] + 1):
                part = s / (silent[k] + 1)
                x, y = (lon[k] + dlon * part + 540.0) % 360.0, lat[k] + dlat * part + 90.0
                cell = min(np.int64(x / CELL_DEG), LON_CELLS - 1) * LAT_CELLS + min(np.int64(y / CELL_DEG), LAT_CELLS - 1)
                if cell != before:
                    cells[n], before = cell, cell
                    n += 1
                slots[n - 1] += 1
    return cells[:n].copy(), slots[:n].copy()


@njit(cache=True, nogil=True, inline="always")
def _dlon(west, east):
    return (east - west + 540.0) % 360.0 - 180.0
