"""What a behaviour knew that does not follow from the packed bytes <-> files of a pack: reception, places, areas, detections, vessels.

Tables are JSON by column; times in them are microseconds since 1970 UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import polars as pl
import shapely
from shapely.geometry import mapping, shape

from seaward.chart.areas import Area, Areas
from seaward.chart.places import Places
from seaward.chart.rules import Rule, RuleError
from seaward.core.errors import EvidenceError
from seaward.core.hearing import AROUND, FEEDS, HEARD, SILENCES, UNHEARD, Hearing
from seaward.core.split import split
from seaward.core.tables import AT, DETECTIONS, VESSELS, Table
from seaward.proof.manifest import as_json, from_json

_HEARING = {"heard": HEARD, "silences": SILENCES, "unheard": UNHEARD, "feeds": FEEDS, "around": AROUND}
_MAY_BE_NULL = ("transceiver", "slots")  # what no input said; a silence that lasts to the end


@dataclass(frozen=True, slots=True)
class Known:
    """Taken as known, not proven by the pack; what a behaviour does not ask for is left empty."""

    vessels: pl.DataFrame = field(default_factory=VESSELS.empty)
    detections: pl.DataFrame = field(default_factory=DETECTIONS.empty)
    hearing: Hearing = field(default_factory=Hearing)
    places: Places | None = None
    areas: Areas | None = None


def as_files(known: Known) -> dict[str, bytes]:
    """Files of a pack, one for each that is not empty."""
    files: dict[str, bytes] = {"known/vessels.json": as_json(columns(known.vessels))}
    if len(known.detections):
        files["known/detections.json"] = as_json(columns(known.detections))
    if not all(getattr(known.hearing, f.name).is_empty() for f in fields(Hearing)):
        files["known/reception.json"] = as_json({name: columns(getattr(known.hearing, name)) for name in _HEARING})
    if known.places is not None:
        p = known.places
        said = {"names": [*p.names], "kinds": [*p.kinds], "lon_deg": p.lon_deg.tolist(), "lat_deg": p.lat_deg.tolist()}
        files["known/places.json"] = as_json(said)
    if known.areas is not None:
        files["known/areas.geojson"] = as_json({"type": "FeatureCollection", "features": [_feature(a) for a in known.areas.areas]})
    return files


def from_files(files: dict[str, bytes], realm: str) -> Known:
    """What is known, read back; EvidenceError where a file is not what it has to be, or a row is of another realm."""

    def said(name: str) -> dict[str, Any] | None:
        return from_json(name, files[name]) if name in files else None

    heard, seen, stops, lines = (said(f"known/{n}") for n in ("reception.json", "detections.json", "places.json", "areas.geojson"))
    hearing = Hearing() if heard is None else Hearing(*(_rows("known/reception.json", heard.get(n), s) for n, s in _HEARING.items()))
    return Known(
        _of_table("known/vessels.json", said("known/vessels.json"), VESSELS, realm),
        DETECTIONS.empty() if seen is None else _of_table("known/detections.json", seen, DETECTIONS, realm),
        hearing, None if stops is None else _places(stops), None if lines is None else _areas(lines),
    )  # fmt: skip


def columns(rows: pl.DataFrame) -> dict[str, list[Any]]:
    """A table as lists by column, nothing in them but what JSON knows."""
    return {name: rows[name].cast(_plain(dtype)).to_list() for name, dtype in rows.schema.items()}


def rows_of(said: Any, schema: pl.Schema) -> pl.DataFrame:
    """The table of such lists; ValueError where they do not fit its columns."""
    if not isinstance(said, dict) or set(said) != set(schema):
        raise ValueError(f"its columns must be {', '.join(schema)}")
    try:
        held = pl.DataFrame({name: pl.Series(name, said[name], _plain(dtype), strict=True) for name, dtype in schema.items()})
        return held.cast(dict(schema))  # type: ignore[arg-type]
    except (pl.exceptions.PolarsError, TypeError, OverflowError) as e:
        raise ValueError(str(e).splitlines()[0]) from e


def _rows(name: str, said: Any, schema: pl.Schema) -> pl.DataFrame:
    try:
        rows = rows_of(said, schema)
    except ValueError as e:
        raise EvidenceError(f"{name}: its table does not fit ({e})") from e
    if schema in _HEARING.values() and (empty := [c for c in rows.columns if c not in _MAY_BE_NULL and rows[c].has_nulls()]):
        raise EvidenceError(f"{name}: its table does not fit (a row has no {empty[0]})")
    return rows


def _of_table(name: str, said: Any, table: Table, realm: str) -> pl.DataFrame:
    rows = _rows(name, said, table.schema)
    if broken := split(rows, table)[1]["rule"].to_list():
        raise EvidenceError(f"{name}: its table does not fit (a row breaks {broken[0]})")
    if endless := [c.name for c in rows if c.dtype.is_float() and c.is_infinite().any()]:
        raise EvidenceError(f"{name}: its table does not fit ({endless[0]} of a row has no end)")
    if strange := sorted(set(rows["realm"].cast(pl.String)) - {realm}):
        raise EvidenceError(f"{name}: a row is of realm {strange[0][:40]!r}, and the pack of {realm}")
    return rows


def _plain(dtype: pl.DataType) -> pl.DataType:
    """The type in which a column is written: texts for names, numbers for times."""
    if dtype == AT:
        return pl.Int64()
    if isinstance(dtype, pl.Enum | pl.Categorical):
        return pl.String()
    if isinstance(dtype, pl.List):
        return pl.List(_plain(dtype.inner))  # type: ignore[arg-type]
    if isinstance(dtype, pl.Struct):
        return pl.Struct({f.name: _plain(f.dtype) for f in dtype.fields})  # type: ignore[arg-type]
    return dtype


def _feature(area: Area) -> dict[str, Any]:
    rule = area.rule
    said: dict[str, Any] = {
        "name": area.name, "accuracy_m": area.accuracy_m, "source": area.source, "forbids": sorted(rule.forbids), "flags": sorted(rule.flags),
        "free_flags": sorted(rule.free_flags), "classes": sorted(rule.classes), "min_length_m": rule.min_length_m,
        "season": None if rule.season is None else "/".join(f"{month:02d}-{day:02d}" for month, day in rule.season),
    }  # fmt: skip
    return {"type": "Feature", "properties": said, "geometry": mapping(area.shape)}


def _areas(said: dict[str, Any]) -> Areas:
    name = "known/areas.geojson"
    try:
        found = []
        for feature in said["features"]:
            of, outline = feature["properties"], shape(feature["geometry"])
            if not isinstance(outline, shapely.Polygon | shapely.MultiPolygon) or not outline.is_valid:
                raise ValueError("an outline is no valid polygon")
            found.append(Area(str(of["name"]), outline, Rule.of(of), float(of["accuracy_m"]), str(of["source"])))
        return Areas(tuple(found))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RuleError, shapely.errors.ShapelyError) as e:
        raise EvidenceError(f"{name}: it does not say what it has to ({e})") from e


def _places(said: dict[str, Any]) -> Places:
    try:
        lon, lat = (np.array([float(v) for v in said[c]]) for c in ("lon_deg", "lat_deg"))
        if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
            raise ValueError("a place is no number")
        return Places(tuple(map(str, said["names"])), lon, lat, tuple(map(str, said["kinds"])))
    except (KeyError, TypeError, ValueError) as e:
        raise EvidenceError(f"known/places.json: it does not say what it has to ({e})") from e
