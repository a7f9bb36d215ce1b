"""positions in the order of vessel and time -> legs: the ways between two fixes of a vessel that lie near enough in time to say what was between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.core.arrays import array_of
from seaward.core.by_vessel import by_vessel


@dataclass(frozen=True, slots=True)
class Fixes:
    """Fixes of many vessels, vessel by vessel, in time order; arrays of shape (n,), of vessels (m,)."""

    names: list[str]  # of the vessels
    mmsis: NDArray[np.uint32]  # of the vessels
    vessel: NDArray[np.int64]  # whose fix, by number
    t_us: NDArray[np.int64]
    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]
    sog_kn: NDArray[np.float64]  # not a number where it is not known

    @staticmethod
    def of(positions: pl.DataFrame) -> Fixes:
        """From POSITIONS in any order."""
        if positions.is_empty():
            none = np.empty(0)
            return Fixes([], np.empty(0, np.uint32), np.empty(0, np.int64), np.empty(0, np.int64), none, none, none)
        rows, first = by_vessel(positions)
        names = rows["vessel_id"].gather(first[:-1]).cast(pl.String).to_list()
        lon, lat, sog = (array_of(rows[c].cast(pl.Float64)) for c in ("lon_deg", "lat_deg", "sog_kn"))
        vessel = np.repeat(np.arange(len(names)), np.diff(first))
        return Fixes(names, array_of(rows["mmsi"].gather(first[:-1])), vessel, array_of(rows["at"].to_physical()), lon, lat, sog)

    def legs(self, most_gap_us: int) -> NDArray[np.int64]:
        """Number of the first fix of each leg: the next one is of the same vessel, later, and not later than that."""
        gap = np.diff(self.t_us)
        return np.nonzero((np.diff(self.vessel) == 0) & (gap > 0) & (gap <= most_gap_us))[0]
