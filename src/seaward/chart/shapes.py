"""Polygons as people write them -> polygons one can ask: closed, valid, whole on both sides of 180 degrees, with a word on what was mended."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

_NARROW_DEG = 90.0  # an outline that is no wider the short way across 180 degrees is meant so; ours
_POLAR_DEG = 45.0  # one around the pole stays beyond this latitude; ours
_WORLD = shapely.box(-180.0, -90.0, 180.0, 90.0)


class ShapeError(ValueError):
    """A shape that cannot be used; the message says why."""


def mend(geometry: dict[str, Any] | None) -> tuple[BaseGeometry, list[str]]:
    """Turn a GeoJSON geometry into a valid polygon within -180..180, -90..90.

    Parameters
    ----------
    geometry
        A Polygon, MultiPolygon or GeometryCollection of these, RFC 7946; longitudes may go on beyond 180.

    Returns
    -------
    The Polygon or MultiPolygon, and what was mended: codes `unclosed`, `swapped`, `wrapped`, `wide`, `pole`, `self_intersecting`, `parts_left_out`.

    Raises
    ------
    ShapeError
        If it is no polygon, is empty, has coordinates that are no degrees, or crosses itself so that its inside cannot be told.
    """
    if not geometry:
        raise ShapeError("it has no geometry")
    if not isinstance(geometry, dict):
        raise ShapeError("its geometry is no GeoJSON object")
    notes: list[str] = []
    polygons = _polygons(geometry, notes)
    if not polygons:
        raise ShapeError(f"it is a {geometry.get('type')}, not a polygon")
    rings = [[_ring(ring, notes) for ring in polygon] for polygon in polygons if polygon]
    if not rings:
        raise ShapeError("its polygon is empty")
    every = np.concatenate([ring for polygon in rings for ring in polygon])
    if not np.isfinite(every).all():
        raise ShapeError("a coordinate is not a number")
    if np.abs(every[:, 1]).max() > 90:
        if np.abs(every[:, 0]).max() > 90 or np.abs(every[:, 1]).max() > 540:
            raise ShapeError(f"its coordinates are not degrees (up to {np.abs(every).max():.7g}); give it in WGS84 (EPSG:4326)")
        rings = [[ring[:, ::-1] for ring in polygon] for polygon in rings]
        notes.append("swapped")
    elif np.abs(every[:, 0]).max() > 540:
        raise ShapeError(f"its coordinates are not degrees (up to {np.abs(every).max():.7g}); give it in WGS84 (EPSG:4326)")
    whole = shapely.union_all([part for polygon in rings for part in _placed(polygon, notes)])
    if whole.is_empty or whole.area == 0:
        raise ShapeError("it encloses nothing")
    return whole, list(dict.fromkeys(notes))


def _polygons(geometry: dict[str, Any], notes: list[str]) -> list[Any]:
    kind, coordinates = geometry.get("type"), geometry.get("coordinates") or []
    if kind in ("Polygon", "MultiPolygon") and not (isinstance(coordinates, list) and all(c is None or isinstance(c, list) for c in coordinates)):
        raise ShapeError(f"the coordinates of its {kind} are no list of lists")
    if kind == "Polygon":
        return [coordinates]
    if kind == "MultiPolygon":
        return list(coordinates)
    if kind == "GeometryCollection":
        given = geometry.get("geometries") or []
        parts = [_polygons(g, notes) if isinstance(g, dict) else [] for g in (given if isinstance(given, list) else [given])]
        if any(not part for part in parts):
            notes.append("parts_left_out")
        return [polygon for part in parts for polygon in part]
    return []


def _ring(ring: Any, notes: list[str]) -> NDArray[np.float64]:
    try:
        points = np.array([[float(p[0]), float(p[1])] for p in ring])
    except (TypeError, ValueError, IndexError, KeyError, OverflowError) as e:
        raise ShapeError("a coordinate is not a pair of numbers") from e
    if len(points) and not np.array_equal(points[0], points[-1]):
        notes.append("unclosed")
        points = np.concatenate([points, points[:1]])
    if len(points) < 4:
        raise ShapeError("a ring has fewer than three corners")
    return points


def _placed(polygon: list[NDArray[np.float64]], notes: list[str]) -> list[BaseGeometry]:
    """One polygon with holes, unrolled across 180 degrees, made valid, and cut into what lies in the world."""
    if _cut_at_180(polygon):
        return [shapely.Polygon(polygon[0], polygon[1:])]
    rings, around = [], []
    as_drawn = _as_drawn(polygon[0])
    if as_drawn:
        notes.append("wide")
    for ring in polygon:
        lon = ring[:, 0] if as_drawn else _unrolled(ring)
        if rings:
            lon = lon - 360.0 * np.round((lon.mean() - rings[0][:, 0].mean()) / 360.0)
        rings.append(np.column_stack([lon, ring[:, 1]]))
        around.append(round((lon[-1] - lon[0]) / 360.0))
    if around[0]:
        rings[0] = _over_the_pole(rings[0])
        notes.append("pole")
    if any(around[1:]):
        raise ShapeError("a hole goes around the pole; cut the area in two at 180 degrees")
    shape: BaseGeometry = shapely.Polygon(rings[0], rings[1:])
    if not shape.is_valid:
        notes.append("self_intersecting")
        signed = abs(shapely.Polygon(rings[0]).area)
        outline = shapely.make_valid(shapely.Polygon(rings[0]), method="structure", keep_collapsed=False)
        if abs(outline.area - signed) > 0.5 * max(outline.area, signed):
            raise ShapeError("its outline crosses itself so that what lies inside cannot be told")
        shape = shapely.make_valid(shape, method="structure", keep_collapsed=False)
        if len(rings) > 1 and shapely.difference(shape, outline).area > 1e-9 * outline.area:  # it would be taken for a part
            raise ShapeError("a hole lies outside its outline, so that what lies inside cannot be told")
    west, _, east, _ = shape.bounds if not shape.is_empty else (0.0, 0.0, 0.0, 0.0)
    if west >= -180.0 and east <= 180.0:
        return [shape]
    notes.append("wrapped")
    first, last = int(np.floor((west + 180.0) / 360.0)), int(np.ceil((east - 180.0) / 360.0))
    parts = [shapely.intersection(shapely.transform(shape, lambda xy, k=k: xy - [360.0 * k, 0.0]), _WORLD) for k in range(first, last + 1)]
    return [p for p in parts if p.area > 0]


def _unrolled(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """Its longitudes, where every edge of more than 180 degrees goes the short way, across 180 degrees."""
    steps = np.diff(ring[:, 0])
    turns = np.where(np.abs(steps) > 180.0, np.round(steps / 360.0), 0.0)
    return ring[:, 0] - 360.0 * np.concatenate(([0.0], np.cumsum(turns)))


def _as_drawn(ring: NDArray[np.float64]) -> bool:
    """Whether an outline with an edge of more than 180 degrees means that edge as drawn, not the short way across 180 degrees.

    An edge is straight between its two longitudes (RFC 7946, 3.1.1) and what crosses 180 degrees should be cut there (3.1.9), yet often is not.
    Outlines run counterclockwise (3.1.6), and going the other way round turns their sense: so the sense tells which is meant. It is not asked where
    the short way makes it so narrow that hardly anything else can be meant.
    """
    if np.abs(np.diff(ring[:, 0])).max() <= 180.0:
        return False
    drawn, lon = shapely.Polygon(ring), _unrolled(ring)
    short = shapely.Polygon(np.column_stack([lon, ring[:, 1]]))
    if not drawn.is_valid or (abs(lon[-1] - lon[0]) > 180.0 and np.abs(ring[:, 1]).min() > _POLAR_DEG):
        return False
    return short.area == 0.0 or (float(np.ptp(lon)) > _NARROW_DEG and drawn.exterior.is_ccw)


def _cut_at_180(polygon: list[NDArray[np.float64]]) -> bool:
    """Whether it is a flat shape that ends at 180 degrees on both sides, as around a pole, and not one that crosses 180 degrees."""
    lon = polygon[0][:, 0]
    if lon.min() != -180.0 or lon.max() != 180.0:
        return False
    unrolled = np.column_stack([np.degrees(np.unwrap(np.radians(lon))), polygon[0][:, 1]])
    other = shapely.Polygon(unrolled)
    return shapely.Polygon(polygon[0], polygon[1:]).is_valid and (other.area < 1e-9 or not other.is_valid)


def _over_the_pole(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """A ring once around the earth, closed over the nearer pole."""
    pole = 90.0 if ring[:, 1].mean() > 0 else -90.0
    return np.concatenate([ring, [[ring[-1, 0], pole], [ring[0, 0], pole], ring[0]]])
