"""positions -> Hearing: where vessels are heard, when they are silent, when each feed spoke. Parts of whole vessels add up to the whole."""

from __future__ import annotations

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from seaward.core.arrays import array_of
from seaward.core.by_vessel import by_vessel
from seaward.core.geodesy import wrap_deg
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
    rows, first = by_vessel(positions)
    row, pace, silent = _heard(first, array_of(rows["at"].to_physical()))
    passed, slots = _passed(silent, rows["lon_deg"].to_numpy()[row], rows["lat_deg"].to_numpy()[row])
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
def _heard(first, at):
    """First row of each vessel in each slot, its pace, and the slots without a fix after it (-1: to the end)."""
    size = at.shape[0]
    row, slot, pace, silent = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int8), np.empty(size, np.int64)
    n = 0
    for v in range(first.shape[0] - 1):
        since = n
        for i in range(first[v], first[v + 1]):
            s = at[i] // SLOT_US
            if i > first[v]:
                if s == slot[n - 1]:
                    continue
                silent[n - 1] = s - slot[n - 1] - 1
            row[n], slot[n], silent[n] = i, s, -1
            while slot[since] <= s - PACE_SLOTS:
                since += 1
            heard = n + 1 - since
            pace[n] = 0 if heard >= OFTEN else (1 if heard >= SELDOM else 2)
            n += 1
    return row[:n].copy(), pace[:n].copy(), silent[:n].copy()


@njit(cache=True, nogil=True)
def _passed(silent, lon, lat):
    """Cells passed in silences that ended within a week, and the slots in each."""
    size = 0
    for k in range(silent.size):
        if 0 < silent[k] <= MAX_SILENT_SLOTS:
            size += min(silent[k], np.int64(2 + (abs(wrap_deg(lon[k + 1] - lon[k])) + abs(lat[k + 1] - lat[k])) / CELL_DEG))
    cells, slots = np.empty(size, np.int64), np.zeros(size, np.int64)
    n = 0
    for k in range(silent.size):
        if 0 < silent[k] <= MAX_SILENT_SLOTS:
            dlon, dlat, before = wrap_deg(lon[k + 1] - lon[k]), lat[k + 1] - lat[k], np.int64(-1)
            for s in range(1, silent[k] + 1):
                part = s / (silent[k] + 1)
                x, y = (lon[k] + dlon * part + 540.0) % 360.0, lat[k] + dlat * part + 90.0
                cell = min(np.int64(x / CELL_DEG), LON_CELLS - 1) * LAT_CELLS + min(np.int64(y / CELL_DEG), LAT_CELLS - 1)
                if cell != before:
                    cells[n], before = cell, cell
                    n += 1
                slots[n - 1] += 1
    return cells[:n].copy(), slots[:n].copy()
