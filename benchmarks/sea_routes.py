"""Five voyages, the land of Natural Earth 1:10 million, and the shortest way around it by an exact search: what sea distances are held against."""

from __future__ import annotations

import gzip
import heapq
import json
import math
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from seaward.chart.sea_grid import SeaGrid, sea_grid
from seaward.chart.sea_way import SeaWay, sea_way
from seaward.core.geodesy import great_circle_m

PLACES = {
    "Callao": (-77.20, -12.05), "Paita": (-81.12, -5.07), "15S 80W": (-80.0, -15.0), "Honolulu": (-157.87, 21.28),
    "San Diego": (-117.27, 32.65), "Iquique": (-70.18, -20.20), "Manta": (-80.72, -0.92),
}  # fmt: skip
ROUTES = (("Callao", "Paita"), ("Callao", "15S 80W"), ("Iquique", "Manta"), ("San Diego", "Callao"), ("Callao", "Honolulu"))
PERU, PACIFIC = (-86.0, -22.0, -69.0, 1.0), (-162.0, -26.0, -66.0, 36.0)
_LEG_NM = 30.0  # lines of sight are split into pieces of this, straight in degrees


def grid_of(start: str, end: str) -> SeaGrid:
    """A grid that holds the way, fine where the way is short."""
    inside = all(PERU[0] < PLACES[p][0] < PERU[2] for p in (start, end))
    return sea_grid(PERU, 0.02) if inside else sea_grid(PACIFIC, 0.1)


def way_of(start: str, end: str) -> tuple[SeaWay, float]:
    """The way of Seaward, and its length from place to place [nm]."""
    way = sea_way(grid_of(start, end), PLACES[start], PLACES[end])
    return way, (way.length_m + way.start_off_m + way.end_off_m) / 1852.0


def exact_land(data: Path) -> shapely.Geometry:
    """Land of Natural Earth 1:10 million, as published."""
    features = json.loads(gzip.decompress((data / "land" / "ne_10m_land.geojson.gz").read_bytes()))["features"]
    land = shapely.union_all([shapely.geometry.shape(f["geometry"]) for f in features])
    shapely.prepare(land)
    return land


def land_nm(lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64], land: shapely.Geometry) -> float:
    """How much of a way lies on land [nm]."""
    total = 0.0
    for k in range(len(lon_deg) - 1):
        line = _line((float(lon_deg[k]), float(lat_deg[k])), (float(lon_deg[k + 1]), float(lat_deg[k + 1])))
        if shapely.intersects(land, line):
            for part in shapely.get_parts(shapely.intersection(line, land)):
                xy = shapely.get_coordinates(part)
                total += float(great_circle_m(xy[:-1, 0], xy[:-1, 1], xy[1:, 0], xy[1:, 1]).sum()) / 1852.0
    return total


def shortest_nm(start: tuple[float, float], end: tuple[float, float], land: shapely.Geometry, along: SeaWay, reach_deg: float = 0.4) -> float:
    """The shortest way around the land itself [nm], by A* over its corners near a way that is known; nothing of Seaward's search in it.

    Parameters
    ----------
    along
        Any way between the two: corners farther from it than `reach_deg` are not looked at.
    """
    line = shapely.LineString(np.column_stack([along.lon_deg, along.lat_deg]))
    near = shapely.intersection(land, shapely.buffer(line, reach_deg))
    corners = [start, end]
    for part in shapely.get_parts(near):
        ring = shapely.get_coordinates(shapely.geometry.polygon.orient(part).exterior)[:-1]
        one, two = ring - np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0) - ring
        juts = one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0] > 0  # a way bends only around corners that jut into the sea
        out = ring[juts] + 1e-6 * _outward(one[juts], two[juts])
        corners += [(float(x), float(y)) for x, y in out]
    xy = np.array(corners)
    togo = great_circle_m(xy[:, 0], xy[:, 1], *end) / 1852.0
    best, done = np.full(len(xy), math.inf), np.zeros(len(xy), bool)
    best[0] = 0.0
    heap = [(float(togo[0]), 0)]
    while heap:
        _, at = heapq.heappop(heap)
        if done[at]:
            continue
        done[at] = True
        if at == 1:
            return float(best[1])
        others = np.flatnonzero(~done)
        way = best[at] + great_circle_m(*xy[at], xy[others, 0], xy[others, 1]) / 1852.0
        others = others[way < best[others]]
        for to, nm in zip(others.tolist(), way[way < best[np.flatnonzero(~done)]].tolist(), strict=True):
            if not shapely.intersects(land, _line(corners[at], corners[to])):
                best[to] = nm
                heapq.heappush(heap, (nm + float(togo[to]), to))
    return math.inf


def _outward(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
    """Out of the land at the corners of rings that go counter-clockwise."""
    back = one / np.linalg.norm(one, axis=1, keepdims=True) - two / np.linalg.norm(two, axis=1, keepdims=True)
    size = np.linalg.norm(back, axis=1, keepdims=True)
    return np.divide(back, size, out=np.zeros_like(back), where=size > 0)


def _line(a: tuple[float, float], b: tuple[float, float]) -> shapely.LineString:
    """The great circle in pieces short enough to be straight in degrees."""
    n = max(1, math.ceil(float(great_circle_m(*a, *b)) / 1852.0 / _LEG_NM))
    one, two = _on_sphere(a), _on_sphere(b)
    angle = math.acos(max(-1.0, min(1.0, float(one @ two))))
    if n == 1 or angle < 1e-12:
        return shapely.LineString([a, b])
    share = np.linspace(0.0, 1.0, n + 1)[:, None]
    p = (np.sin((1 - share) * angle) * one + np.sin(share * angle) * two) / math.sin(angle)
    return shapely.LineString(np.column_stack([np.degrees(np.arctan2(p[:, 1], p[:, 0])), np.degrees(np.arcsin(p[:, 2]))]))


def _on_sphere(place: tuple[float, float]) -> NDArray[np.float64]:
    lon, lat = math.radians(place[0]), math.radians(place[1])
    return np.array([math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)])
