"""Positions of a vessel -> GeoJSON: a line for each track, cut at 180 degrees, with the time of every position."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import polars as pl

from seaward.core.realm import is_drill


def as_geojson(positions: pl.DataFrame, realm: str) -> bytes:
    """A FeatureCollection (RFC 7946).

    A track is a LineString, one that crosses 180 degrees a MultiLineString (3.1.9), one with a single position a Point; `times` has one text for each
    position, in their order.
    """
    features = []
    for (vessel, track), rows in positions.sort("vessel_id", "at").group_by("vessel_id", "track_id", maintain_order=True):
        points = [(round(x, 6), round(y, 6)) for x, y in rows.select("lon_deg", "lat_deg").iter_rows()]
        lines = _cut(points)
        times = rows["at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").to_list()
        geometry: dict[str, Any] = (
            {"type": "MultiLineString", "coordinates": lines} if len(lines) > 1 else {"type": "LineString", "coordinates": lines[0]}
        )
        if len(points) == 1:
            geometry = {"type": "Point", "coordinates": points[0]}
        about = {"realm": realm, "exercise": is_drill(realm), "vessel_id": str(vessel), "track_id": str(track), "times": times}
        features.append({"type": "Feature", "geometry": geometry, "properties": about})
    return (json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _cut(points: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """Lines that end at 180 degrees on one side and go on from it on the other."""
    lines = [[points[0]]]
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(x1 - x0) > 180.0:
            edge = 180.0 if x0 > 0 else -180.0
            far = x1 + 2 * edge
            y = y0 if far == x0 else round(y0 + (y1 - y0) * (edge - x0) / (far - x0), 6)
            lines[-1].append((edge, y))
            lines.append([(-edge, y)])
        lines[-1].append((x1, y1))
    return lines
