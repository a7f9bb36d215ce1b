"""positions -> where vessels are heard (by 1-degree cell and feed), and when each feed spoke. Both are sums: parts add up to the whole."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from seaward.core.tables import AT
from seaward.core.units import US_PER_S

SLOT_US = 600 * US_PER_S  # ten minutes, the step in which Global Fishing Watch thins tracks
MAX_SILENT_SLOTS = 1_008  # a vessel silent for more than a week tells nothing of reception where it was last heard
RECEPTION_SCHEMA = pl.Schema(
    {"cell_lon_deg": pl.Int16(), "cell_lat_deg": pl.Int16(), "feed": pl.String(), "heard": pl.Int64(), "silent": pl.Int64(), "silences": pl.Int64()}
)
FEEDS_SCHEMA = pl.Schema({"feed": pl.String(), "slot_at": AT, "reports": pl.Int64()})
_LON_CELLS, _LAT_CELLS = 360, 180


def learn_reception(positions: pl.DataFrame) -> pl.DataFrame:
    """Count in how many slots of ten minutes vessels were heard and not heard.

    Parameters
    ----------
    positions
        POSITIONS in any order, of whole vessels.

    Returns
    -------
    reception
        Per cell of one degree (its south-west corner) and feed: `heard`, vessel-slots with a report; `silent`, vessel-slots without one between two
        reports; `silences`, unbroken stretches of those. A silence counts where, and for the feed by which, the vessel was last heard.

    Limits
    ------
    A silence that a vessel keeps on purpose, or that a broken receiver made, counts as poor reception: too low rather than too high.
    """
    if positions.is_empty():
        return pl.DataFrame(schema=RECEPTION_SCHEMA)
    code, names = _feeds(positions)
    tables = None
    rows = positions
    for sort in (False, True):
        if sort:
            rows = positions.sort(pl.col("vessel_id").to_physical(), "at", "lon_deg", "lat_deg", "raw_offset", pl.col("feed").cast(pl.String))
            code, names = _feeds(rows)
        vessel, at = rows["vessel_id"].to_physical().to_numpy(), rows["at"].to_physical().to_numpy()
        tables, in_order = _cells(vessel, int(vessel.max()), at, rows["lon_deg"].to_numpy(), rows["lat_deg"].to_numpy(), *code, len(names), sort)
        if in_order:
            break
    feed, cell = np.nonzero((tables[0] > 0) | (tables[1] > 0))  # type: ignore[index]
    heard, silent, silences = (t[feed, cell] for t in tables)  # type: ignore[union-attr]
    return combine(
        [
            pl.DataFrame(
                {
                    "cell_lon_deg": cell // _LAT_CELLS - 180,
                    "cell_lat_deg": cell % _LAT_CELLS - 90,
                    "feed": [names[f] for f in feed],
                    "heard": heard,
                    "silent": silent,
                    "silences": silences,
                },
                schema=RECEPTION_SCHEMA,
            )
        ]
    )


def combine(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add up reception tables of disjoint sets of vessels."""
    whole = pl.concat([pl.DataFrame(schema=RECEPTION_SCHEMA), *parts])
    return whole.group_by("cell_lon_deg", "cell_lat_deg", "feed").sum().sort("cell_lon_deg", "cell_lat_deg", "feed")


def feed_health(positions: pl.DataFrame) -> pl.DataFrame:
    """Count the reports of each feed in each ten minutes; a slot without a row had none.

    Parameters
    ----------
    positions
        POSITIONS in any order.

    Returns
    -------
    feeds
        feed, slot_at (its start), reports; sorted.
    """
    if positions.is_empty():
        return pl.DataFrame(schema=FEEDS_SCHEMA)
    (codes, lut), names = _feeds(positions)
    at = positions["at"].to_physical().to_numpy()
    low, high = int(at.min()) // SLOT_US, int(at.max()) // SLOT_US
    if (high - low + 1) * len(names) > 50_000_000:  # a stray date centuries away; the table stays small, the array would not
        slots = positions.select(pl.col("feed").cast(pl.String), slot_at=(pl.col("at").to_physical() // SLOT_US * SLOT_US).cast(AT))
        return slots.group_by("feed", "slot_at").agg(reports=pl.len().cast(pl.Int64)).sort("feed", "slot_at")
    counts = _slots(at, codes, lut, len(names), low, high)
    feed, slot = np.nonzero(counts)
    return combine_health(
        [
            pl.DataFrame(
                {
                    "feed": [names[f] for f in feed],
                    "slot_at": pl.Series((slot + low) * SLOT_US, dtype=pl.Int64).cast(AT),
                    "reports": counts[feed, slot],
                },
                schema=FEEDS_SCHEMA,
            )
        ]
    )


def combine_health(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add up feed-health tables of disjoint sets of positions."""
    return pl.concat([pl.DataFrame(schema=FEEDS_SCHEMA), *parts]).group_by("feed", "slot_at").sum().sort("feed", "slot_at")


def _feeds(positions: pl.DataFrame) -> tuple[tuple[NDArray[np.uint32], NDArray[np.int64]], list[str]]:
    """Codes of the feed column, a table from code to a number from 0, and the name of each number."""
    codes = positions["feed"].to_physical().to_numpy()
    row = _first_rows(codes, int(codes.max()))
    present = np.flatnonzero(row >= 0)
    lut = np.full(len(row), -1, np.int64)
    lut[present] = np.arange(len(present))
    return (codes, lut), [str(positions["feed"][int(row[p])]) for p in present]


@njit(cache=True, nogil=True)
def _first_rows(codes, top):
    row = np.full(top + 1, -1, np.int64)
    for i in range(codes.shape[0]):
        if row[codes[i]] < 0:
            row[codes[i]] = i
    return row


@njit(cache=True, nogil=True)
def _slots(at, codes, lut, n_feeds, low, high):
    counts = np.zeros((n_feeds, high - low + 1), np.int64)
    for i in range(at.shape[0]):
        counts[lut[codes[i]], at[i] // SLOT_US - low] += 1
    return counts


@njit(cache=True, nogil=True)
def _cells(vessel, top, at, lon, lat, codes, lut, n_feeds, sorted_by_content):
    """(heard, silent, silences) by feed and cell, and whether rows were in order."""
    tables = np.zeros((3, n_feeds, _LON_CELLS * _LAT_CELLS), np.int64)
    seen = np.zeros(top + 1, np.bool_)
    last, last_slot, last_at, last_cell, last_feed = np.int64(-1), np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    for i in range(vessel.shape[0]):
        v, slot, feed = np.int64(vessel[i]), at[i] // SLOT_US, lut[codes[i]]
        if v == last:
            if at[i] < last_at or (
                at[i] == last_at and not sorted_by_content and (lon[i] != lon[i - 1] or lat[i] != lat[i - 1] or codes[i] != codes[i - 1])
            ):
                return tables, False
            if slot == last_slot:
                last_at = at[i]
                continue
        elif seen[v]:
            return tables, False
        cell = min(np.int64(math.floor(lon[i])) + 180, _LON_CELLS - 1) * _LAT_CELLS + min(np.int64(math.floor(lat[i])) + 90, _LAT_CELLS - 1)
        tables[0, feed, cell] += 1
        empty = slot - last_slot - 1
        if v == last and 0 < empty <= MAX_SILENT_SLOTS:
            tables[1, last_feed, last_cell] += empty
            tables[2, last_feed, last_cell] += 1
        seen[v] = True
        last, last_slot, last_at, last_cell, last_feed = v, slot, at[i], cell, feed
    return tables, True
