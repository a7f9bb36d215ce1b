"""Positions of a vessel -> OGC Moving Features JSON: a moving point for each track, its speed and course beside it.

Source: OGC 19-045r3, Moving Features Encoding Extension - JSON, MF-JSON Prism (clause 7). Units: UN/CEFACT Recommendation 20 (KNT), QUDT (degree).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl

from seaward.core.realm import is_drill

_CRS = {"type": "Name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
_TRS = {"type": "Name", "properties": {"name": "urn:ogc:data:time:iso8601"}}
_MEASURES = (
    ("sog_kn", "KNT", "Linear", "speed over ground"),
    ("cog_deg", "http://qudt.org/vocab/unit/DEG", "Discrete", "course over ground, from true north"),  # between 359 and 1 degree lies no 180
)


def as_mf_json(positions: pl.DataFrame, realm: str) -> bytes:
    """A collection of moving features.

    One that crosses 180 degrees is cut there, as everything between two positions is taken for a straight line. A moving point needs two moments
    (19-045r3, 7.2.1): a track with a single position is none, and is left out.
    """
    features = [feature for _, rows in positions.sort("vessel_id", "at").group_by("vessel_id", "track_id", maintain_order=True)
                for feature in _features(rows.unique("at", keep="first", maintain_order=True), realm)]  # fmt: skip
    made = {"type": "FeatureCollection", "crs": _CRS, "trs": _TRS, "features": features}
    return (json.dumps(made, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _features(rows: pl.DataFrame, realm: str) -> Iterator[dict[str, Any]]:
    parts = (rows["lon_deg"].diff().abs().fill_null(0.0) > 180.0).cast(pl.UInt32).cum_sum()
    for part in parts.unique(maintain_order=True).to_list():
        stretch = rows.filter(parts == part)
        if len(stretch) < 2:
            continue
        vessel, track = str(stretch["vessel_id"][0]), str(stretch["track_id"][0])
        times = stretch["at"].dt.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_list()
        lon, lat = stretch["lon_deg"].round(6), stretch["lat_deg"].round(6)
        measured = {
            name: {"type": "Measure", "form": form, "values": _plain(stretch[name]), "interpolation": between, "description": what}
            for name, form, between, what in _MEASURES
        }
        name = track if part == 0 else f"{track}/{part + 1}"
        yield {
            "type": "Feature", "id": name, "bbox": [lon.min(), lat.min(), lon.max(), lat.max()], "time": [times[0], times[-1]],
            "temporalGeometry": {"type": "MovingPoint", "datetimes": times, "interpolation": "Linear",
                                 "coordinates": [list(p) for p in zip(lon, lat, strict=True)]},
            "temporalProperties": [{"datetimes": times, **measured}], "geometry": None,
            "properties": {"realm": realm, "exercise": is_drill(realm), "vessel_id": vessel, "track_id": track, "part": name},
        }  # fmt: skip


def _plain(column: pl.Series) -> list[float | None]:
    return column.cast(pl.Float64).fill_nan(None).round(2).to_list()
