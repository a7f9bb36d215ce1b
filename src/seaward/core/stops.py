"""Where vessels stop, as learned from positions: one small table that adds up over disjoint sets of vessels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

import polars as pl

CELL_DEG: Final = 0.01  # 1.1 km of latitude, 0.6 km of longitude at 57 degrees; ours
_STEP_DEG: Final = 1e-6  # places within a cell are added up as whole numbers of these, so that no order of adding shows
LAT_CELLS: Final = round(180 / CELL_DEG)
STOPS: Final = pl.Schema({"cell": pl.Int32(), "vessels": pl.Int64(), "stops": pl.Int64(), "east": pl.Int64(), "north": pl.Int64()})


@dataclass(frozen=True, slots=True, eq=False)
class Stops:
    """Per cell: vessels that stopped there, their stops, and the sum of where these lay, from 180 W 90 S [millionth degree]."""

    cells: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=STOPS))

    @staticmethod
    def of(vessel: pl.Series, lon_deg: pl.Series, lat_deg: pl.Series) -> Stops:
        """Of single stops of whole vessels, each with its vessel and place [degree]."""
        east, north = ((pl.col("lon_deg") + 180) / _STEP_DEG).round().cast(pl.Int64), ((pl.col("lat_deg") + 90) / _STEP_DEG).round().cast(pl.Int64)
        size = round(CELL_DEG / _STEP_DEG)
        rows = pl.DataFrame({"vessel": vessel, "lon_deg": lon_deg, "lat_deg": lat_deg}).select("vessel", east=east, north=north)
        cell = ((pl.col("east") // size) * LAT_CELLS + (pl.col("north") // size).clip(0, LAT_CELLS - 1)).cast(pl.Int32)
        sums = {"vessels": pl.col("vessel").n_unique(), "stops": pl.len(), "east": pl.col("east").sum(), "north": pl.col("north").sum()}
        return Stops.add([Stops(rows.group_by(cell=cell).agg(**sums).cast(dict(STOPS)))])  # type: ignore[arg-type]

    @staticmethod
    def add(parts: Sequence[Stops]) -> Stops:
        """The whole, of parts that share no vessel; rows in one order whatever that of the parts."""
        return Stops(pl.concat([pl.DataFrame(schema=STOPS), *(p.cells for p in parts)]).group_by("cell").sum().select(list(STOPS)).sort("cell"))

    def places(self) -> pl.DataFrame:
        """Per cell: vessels, stops, the stops in the cells `around` (up to two away), and the middle of the stops, lon_deg and lat_deg [degree]."""
        column, row = pl.col("cell") // LAT_CELLS, pl.col("cell") % LAT_CELLS
        near = [
            self.cells.select((column + x) % (2 * LAT_CELLS) * LAT_CELLS + (row + y), "stops")
            for x, y in product(range(-2, 3), repeat=2) if (x, y) != (0, 0)
        ]  # fmt: skip
        around = pl.concat(near).group_by("cell").agg(around=pl.col("stops").sum())
        return self.cells.join(around, "cell", "left", maintain_order="left").select(
            "vessels", "stops", pl.col("around").fill_null(0),
            lon_deg=pl.col("east") / pl.col("stops") * _STEP_DEG - 180,
            lat_deg=pl.col("north") / pl.col("stops") * _STEP_DEG - 90,
        )  # fmt: skip
