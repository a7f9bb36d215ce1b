"""Areas with their rules and shapes."""

from __future__ import annotations

from typing import Any

import polars as pl
import shapely

from seaward.core.tables import Column, Table
from seaward.server.answers import Feature, Rows
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
    return Rows(_listed(floor), None, "name", area_features(floor) if asked.form == "geojson" else None)


def area_features(floor: Floor) -> list[Feature]:
    """The areas with their shapes."""
    rows = _listed(floor).iter_rows(named=True)
    return [{"type": "Feature", "id": row["name"], "geometry": shapely.geometry.mapping(area.shape), "properties": row}
            for area, row in zip(_known(floor), rows, strict=True)]  # fmt: skip


def _listed(floor: Floor) -> pl.DataFrame:
    table = [(a.name, sorted(a.rule.forbids), a.source, a.accuracy_m, *a.shape.bounds) for a in _known(floor)]
    return pl.DataFrame(table, schema=AREAS_LISTED.schema, orient="row")


def _known(floor: Floor) -> tuple[Any, ...]:
    known = floor.node.live.params.areas
    return () if known is None else tuple(known.areas)
