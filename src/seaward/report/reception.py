"""reception -> cells for the map, as whole numbers."""

from __future__ import annotations

import polars as pl

from seaward.core.hearing import CELL_DEG

MAX_CELLS = 20_000  # some 200 kB of a page


def cells(reception: pl.DataFrame | None) -> list[int]:
    """Where vessels are heard, and how well.

    Parameters
    ----------
    reception
        Table of `core.tables`, in any order.

    Returns
    -------
    Flat triples, the cells with most reports first where there are too many: west side and south side [cells from 0° 0°], share heard [%].
    """
    if reception is None or reception.is_empty():
        return []
    rows = reception.sort(["heard", "lon_deg", "lat_deg"], descending=[True, False, False]).head(MAX_CELLS).sort("lat_deg", "lon_deg")
    steps = rows.select(
        *((pl.col(c) / CELL_DEG).round().cast(pl.Int32) for c in ("lon_deg", "lat_deg")), (100 * pl.col("share_heard")).round().cast(pl.Int32)
    )
    return steps.to_numpy().ravel().tolist()
