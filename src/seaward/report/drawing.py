"""tables -> what the map draws, in numbers small enough for a page: tracks, land, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from seaward.chart.areas import Areas
from seaward.chart.coast import coastline
from seaward.chart.places import Places
from seaward.core.geodesy import mean_position_deg
from seaward.report.thinning import thin
from seaward.report.words import shown

MAX_POINTS = 160_000  # some 2.5 MB of a page that should stay under 8
MAX_TRACKS = 20_000
MAX_AREAS = 500
MAX_PORTS = 3_000
STEP_DEG = 1e-5  # about a metre
_LAND_STEP_DEG = 1e-3
_NEAR_DEG = 4.0  # land further from the data is drawn coarsely
_COARSE_DEG = 0.08


@dataclass(slots=True)
class Drawing:
    """What the map draws.

    Attributes
    ----------
    data
        JSON-ready: `mid` (longitude in the middle [degree]), `box` (west, south, east, north [degree], west and east counted on from `mid`),
        `step` [degree], `t0` [s since 1970], `tracks` (vessel, t, x, y of the first point, then steps of the three [s, steps]), `vessels` (name),
        `land_step`, `land` (rings of steps), `areas` (name, whether something is forbidden there, rings of steps),
        `ports` (name, x, y [steps of land]).
    points, positions, tracks_left_out, tracks, tolerance_m
        Drawn and given points, tracks not drawn, all tracks, how far a point left out may lie from the line [m].
    """

    data: dict[str, Any]
    points: int = 0
    positions: int = 0
    tracks_left_out: int = 0
    tracks: int = 0
    tolerance_m: float = 0.0
    vessel_of: dict[str, int] = field(default_factory=dict)


def draw(
    positions: pl.DataFrame, events: pl.DataFrame, vessels: pl.DataFrame, max_points: int = MAX_POINTS, areas: Areas | None = None,
    ports: Places | None = None,
) -> Drawing:  # fmt: skip
    """Tracks, with land and areas around them.

    Parameters
    ----------
    positions, events, vessels
        Tables of `core.tables`, in any order.
    max_points
        Points of tracks at most.
    areas, ports
        Drawn where they are near the data.
    """
    rows = positions.select(
        pl.col("vessel_id").cast(pl.String), pl.col("track_id").cast(pl.String), pl.col("at").dt.epoch("us"), "lon_deg", "lat_deg"
    ).drop_nulls()
    concerned = events["vessel_ids"].explode(empty_as_null=False).unique() if len(events) else pl.Series([], dtype=pl.String)
    lengths = rows.group_by("vessel_id", "track_id").len().with_columns(first=pl.col("vessel_id").is_in(concerned.implode()))
    chosen = lengths.sort(["first", "len", "track_id"], descending=[True, True, False]).head(min(MAX_TRACKS, max_points // 2))
    rows = rows.join(chosen.select("vessel_id", "track_id"), on=["vessel_id", "track_id"]).sort("vessel_id", "track_id", "at", "lat_deg", "lon_deg")
    lon, lat, at_us = (rows[c].to_numpy() for c in ("lon_deg", "lat_deg", "at"))
    all_lon, all_lat = np.concatenate([lon, events["lon_deg"].to_numpy()]), np.concatenate([lat, events["lat_deg"].to_numpy()])
    mid = round(mean_position_deg(all_lon, all_lat)[0], 3) if len(all_lon) else 0.0
    bounds = _bounds(all_lon, all_lat, mid)
    runs = rows.select(pl.struct("vessel_id", "track_id").rle_id())["vessel_id"].to_numpy() if len(rows) else np.zeros(0, np.int64)
    first = np.concatenate([[0], np.flatnonzero(np.diff(runs)) + 1, [len(rows)]]).astype(np.int64) if len(rows) else np.zeros(1, np.int64)
    keep, tolerance_m = thin(first, at_us, lon, lat, max_points)
    t0 = int(at_us.min() // 1_000_000) if len(rows) else 0
    names = rows["vessel_id"].unique(maintain_order=True).to_list()
    number_of = {vessel_id: n for n, vessel_id in enumerate(names)}
    name_of = dict(vessels.select("vessel_id", "name").iter_rows())
    tracks = _tracks(rows, first, keep, lon, lat, at_us, mid, t0, number_of)
    data = {
        "mid": mid, "box": bounds, "step": STEP_DEG, "t0": t0, "tracks": tracks, "land_step": _LAND_STEP_DEG, "land": _land(bounds),
        "areas": _areas(areas, bounds), "ports": _ports(ports, bounds, mid),
        "vessels": [f"{shown(name_of.get(v) or '', 40)} {v.removeprefix('mmsi:')}".strip() for v in names],
    }  # fmt: skip
    return Drawing(data, int(keep.sum()), len(positions), len(lengths) - len(chosen), len(lengths), tolerance_m, number_of)


def _bounds(lon: NDArray[np.float64], lat: NDArray[np.float64], mid: float) -> list[float]:
    if not len(lon):
        return [-180.0, -70.0, 180.0, 75.0]
    x = mid + (lon - mid + 180.0) % 360.0 - 180.0
    return [round(float(v), 4) for v in (x.min(), lat.min(), x.max(), lat.max())]


def _tracks(
    rows: pl.DataFrame, first: NDArray[np.int64], keep: NDArray[np.bool_], lon: NDArray[np.float64], lat: NDArray[np.float64],
    at_us: NDArray[np.int64], mid: float, t0: int, number_of: dict[str, int],
) -> list[list[int]]:  # fmt: skip
    who = rows["vessel_id"].to_list()
    tracks = []
    for a, b in zip(first[:-1].tolist(), first[1:].tolist(), strict=True):
        at = np.flatnonzero(keep[a:b]) + a
        x = mid + (lon[at] - mid + 180.0) % 360.0 - 180.0
        x = x[0] + np.concatenate([[0.0], np.cumsum((np.diff(x) + 180.0) % 360.0 - 180.0)])  # goes on across 180 degrees
        steps = np.column_stack([at_us[at] // 1_000_000 - t0, np.rint(x / STEP_DEG), np.rint(lat[at] / STEP_DEG)]).astype(np.int64)
        tracks.append([number_of[who[a]], *np.diff(steps, axis=0, prepend=np.zeros((1, 3), np.int64)).ravel().tolist()])
    return tracks


def _areas(areas: Areas | None, bounds: list[float]) -> list[list[Any]]:
    """Areas near the data, the largest first; border points under a thousandth of the picture apart are left out."""
    west, south, east, north = bounds[0] - _NEAR_DEG, bounds[1] - _NEAR_DEG, bounds[2] + _NEAR_DEG, bounds[3] + _NEAR_DEG
    boxes = [shapely.box(west + s, south, east + s, north) for s in (-360, 0, 360)]
    near = [a for a in (areas.areas if areas else ()) if any(a.shape.intersects(box) for box in boxes)]
    tolerance_deg = max(_LAND_STEP_DEG, min(east - west, north - south) / 2_000)
    drawn = []
    for area in sorted(near, key=lambda a: -a.shape.area)[:MAX_AREAS]:
        simple = shapely.simplify(area.shape, tolerance_deg)
        lines = [shapely.get_coordinates(ring)[:-1] for p in shapely.get_parts(simple) for ring in (p.exterior, *p.interiors)]
        drawn.append([shown(area.name, 60), int(bool(area.rule.forbids)), [_steps(line) for line in lines if len(line) >= 3]])
    return drawn


def _ports(ports: Places | None, bounds: list[float], mid: float) -> list[list[Any]]:
    """Ports near the data, in the order given."""
    west, south, east, north = bounds[0] - _NEAR_DEG, bounds[1] - _NEAR_DEG, bounds[2] + _NEAR_DEG, bounds[3] + _NEAR_DEG
    drawn = []
    for name, lon, lat in zip(ports.names, ports.lon_deg.tolist(), ports.lat_deg.tolist(), strict=True) if ports else ():
        x = mid + (lon - mid + 180.0) % 360.0 - 180.0
        if west <= x <= east and south <= lat <= north:
            drawn.append([shown(name, 40), round(x / _LAND_STEP_DEG), round(lat / _LAND_STEP_DEG)])
    return drawn[:MAX_PORTS]


def _steps(line: NDArray[np.float64]) -> list[int]:
    return np.diff(np.rint(line / _LAND_STEP_DEG).astype(np.int64), axis=0, prepend=np.zeros((1, 2), np.int64)).ravel().tolist()


def _land(bounds: list[float]) -> list[list[int]]:
    """All land, fine around the data and coarse elsewhere; rings of one polygon are drawn together by the even-odd rule."""
    west, south, east, north = bounds[0] - _NEAR_DEG, bounds[1] - _NEAR_DEG, bounds[2] + _NEAR_DEG, bounds[3] + _NEAR_DEG
    land = []
    for polygon in coastline():
        outer = polygon[0]
        low, high = outer.min(axis=0), outer.max(axis=0)
        near = low[1] <= north and high[1] >= south and any(low[0] + s <= east and high[0] + s >= west for s in (-360, 0, 360))
        if not near and (high - low).max() < 3 * _COARSE_DEG:
            continue
        for ring in polygon:
            line = ring if near else shapely.get_coordinates(shapely.simplify(shapely.linearrings(ring), _COARSE_DEG))[:-1]
            if len(line) >= 3:
                land.append(_steps(line))
    return land
