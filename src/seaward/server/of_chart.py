"""Areas with their rules and shapes."""

from __future__ import annotations

import polars as pl
import shapely

from seaward.core.tables import Column, Table
from seaward.server.answers import Rows
from seaward.server.asked import Asked
from seaward.server.floor import Floor

AREAS_LISTED = Table("areas", "one area with a rule, or a name alone", (
    Column("name", pl.String(), "what it is called"),
    Column("forbids", pl.List(pl.String()), "what is forbidden there"),
    Column("source", pl.String(), "who says so"),
    Column("accuracy_m", pl.Float64(), "stated for its border; 0: nothing stated", "m", low=0),
    Column("west_deg", pl.Float64(), "western side of the box around it", "degree", low=-180, high=180),
    Column("south_deg", pl.Float64(), "southern side", "degree", low=-90, high=90),
    Column("east_deg", pl.Float64(), "eastern side", "degree", low=-180, high=180),
    Column("north_deg", pl.Float64(), "northern side", "degree", low=-90, high=90),
))  # fmt: skip


def areas(floor: Floor, asked: Asked) -> Rows:
    """The areas that the watch knows; their shapes as GeoJSON."""
    known = floor.node.live.params.areas
    found = () if known is None else known.areas
    table = [(a.name, sorted(a.rule.forbids), a.source, a.accuracy_m, *a.shape.bounds) for a in found]
    rows = pl.DataFrame(table, schema=AREAS_LISTED.schema, orient="row")
    features = None
    if asked.form == "geojson":
        features = [{"type": "Feature", "id": row["name"], "geometry": shapely.geometry.mapping(area.shape), "properties": row}
                    for area, row in zip(found, rows.iter_rows(named=True), strict=True)]  # fmt: skip
    return Rows(rows, None, "name", features)
