"""positions -> plain sorted columns for compiled loops, copied only where they must be."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from seaward.core.arrays import array_of
from seaward.core.by_vessel import by_vessel
from seaward.core.errors import RealmError
from seaward.core.realm import check_realm
from seaward.core.units import at_to_us

_WORTH_TWO = 200_000  # rows from which a second thread pays


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows of whole vessels, one vessel after the other, each in time order; vessel v has rows `first[v]` up to `first[v + 1]`."""

    realm: str
    as_of_us: int
    rows: pl.DataFrame
    first: NDArray[np.int64]
    at_us: NDArray[np.int64]
    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]
    vessel_code: NDArray[np.uint32]
    feed_code: NDArray[np.uint32]
    raw_offset: NDArray[np.int64]
    raw_length: NDArray[np.int32]
    names: dict[tuple[str, int], str] = field(default_factory=dict)

    def vessel_of(self, row: int) -> str:
        return self._name("vessel_id", self.vessel_code, row)

    def feed_of(self, row: int) -> str:
        return self._name("feed", self.feed_code, row)

    def float32(self, name: str) -> NDArray[np.float32]:
        """A measured column; unknown is not-a-number."""
        return array_of(self.rows[name])

    def evidence(self, *rows: int) -> list[dict[str, Any]]:
        """The reports of these rows by feed and place, each once."""
        return [
            {"feed": self._name("feed", self.feed_code, r), "raw_offset": int(self.raw_offset[r]), "raw_length": int(self.raw_length[r])}
            for r in dict.fromkeys(int(r) for r in rows)
        ]

    def _name(self, column: str, codes: NDArray[np.uint32], row: int) -> str:
        """The text of a categorical cell, each looked up once."""
        key = (column, int(codes[row]))
        if key not in self.names:
            self.names[key] = str(self.rows[column][int(row)])
        return self.names[key]


def on_both(work: Callable[[NDArray[np.int64]], tuple[NDArray[Any], ...]], first: NDArray[np.int64]) -> list[tuple[NDArray[Any], ...]]:
    """Run compiled `work` on the first and the second half of the vessels, side by side; the answers in that order."""
    if first[-1] < _WORTH_TWO:
        return [work(first)]
    middle = int(np.clip(np.searchsorted(first, first[-1] // 2), 1, len(first) - 1))
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(work, (first[: middle + 1], first[middle:])))


def columns_of(positions: pl.DataFrame, as_of: datetime) -> Columns | None:
    """Sort rows by vessel, time and content, unless they are; leave out what is later than `as_of`.

    Parameters
    ----------
    positions
        In any order, of one realm, with the columns of `core.tables.POSITIONS` the caller reads.
    as_of
        Moment up to which the caller may know.

    Returns
    -------
    The columns, or None where no row is left.

    Raises
    ------
    RealmError
        If the rows are of more than one realm.
    """
    as_of_us = at_to_us(as_of)
    if positions.is_empty():
        return None
    if as_of_us < positions["at"].to_physical().max():  # type: ignore[operator]
        positions = positions.filter(pl.col("at") <= as_of)
        if positions.is_empty():
            return None
    realm = positions["realm"].to_physical()
    if realm.min() != realm.max():
        raise RealmError(f"positions are of the realms {', '.join(sorted(positions['realm'].unique().cast(pl.String)))}; give one at a time")
    rows, first = by_vessel(positions)
    names = ("at", "lon_deg", "lat_deg", "vessel_id", "feed", "raw_offset", "raw_length")
    at, lon, lat, vessel, feed, offset, length = (array_of(rows[name].to_physical()) for name in names)
    return Columns(check_realm(str(rows["realm"][0])), as_of_us, rows, first, at, lon, lat, vessel, feed, offset, length)
