"""Two places -> the shortest way at sea between them, on great circles wherever no land lies between."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.chart.sea_grid import SeaGrid, said
from seaward.core.errors import ParameterError
from seaward.core.geodesy import distance_m, great_circle_m
from seaward.core.units import NM_M

_LEG_M = 60.0 * NM_M  # longest leg: at 60 degrees of latitude a rhumb line, a great circle and a line straight in degrees differ by 0.25 nm over it
_RAD = math.pi / 180.0


@dataclass(frozen=True, slots=True, eq=False)
class SeaWay:
    """A way at sea: its first and last point are at sea even where the places asked for are not."""

    lon_deg: NDArray[np.float64]  # shape (n,), n at least 2, within [-180, 180)
    lat_deg: NDArray[np.float64]
    length_m: float
    start_off_m: float  # from the place asked for to the first point
    end_off_m: float


def sea_way(grid: SeaGrid, start: tuple[float, float], end: tuple[float, float], keep_off_nm: float = 0.0) -> SeaWay:
    """The shortest way that stays in sea cells.

    Parameters
    ----------
    grid
        From `sea_grid`; it has to hold the whole way, as the way around a cape.
    start, end
        Longitude and latitude [degree], in the area; one on land or in harbour is moved to the nearest sea cell.
    keep_off_nm
        Distance kept from land cells [nm] where there is room; near an end at least half of the distance to it. Given up to a quarter, then
        altogether, where no way keeps it.

    Returns
    -------
    The way, in legs of at most 60 nm; no leg, straight in degrees, touches the land of the packaged coast.

    Raises
    ------
    ParameterError
        If a place lies outside the area, or no way within the area joins the two.

    Limits
    ------
    Those of `sea_grid`. The shortest to within about 1 % (any-angle search on cells). Outside the area there may be a shorter one.

    Source
    ------
    Lazy Theta* (Nash, Koenig, Tovey 2010, AAAI-10, pp. 147-154), with great circles for lines of sight.
    """
    return _way(grid, (float(start[0]), float(start[1])), (float(end[0]), float(end[1])), float(keep_off_nm))


def is_free(grid: SeaGrid, start: tuple[float, float], end: tuple[float, float]) -> bool:
    """Whether the great circle between two places runs through sea cells of the area alone."""
    if not (grid.contains(*start) and grid.contains(*end)):
        return False
    return bool(_sees(*start, *end, *_plain(grid), 0.0, *start, *end))


@lru_cache(maxsize=4096)
def _way(grid: SeaGrid, start: tuple[float, float], end: tuple[float, float], keep_off_nm: float) -> SeaWay:
    lon1, lat1, start_off = grid.to_sea(*start)
    lon2, lat2, end_off = grid.to_sea(*end)
    one, two = grid.cell(lon1, lat1), grid.cell(lon2, lat2)
    if grid.water.flat[one] != grid.water.flat[two]:
        raise ParameterError(
            f"no way at sea from {said(*start)} to {said(*end)} within the area of the grid: "
            "different waters, or a strait narrower than two cells; give a larger area or finer cells"
        )
    points = np.empty((0, 2))
    for keep_m in sorted({keep_off_nm * NM_M, keep_off_nm * NM_M / 4, 0.0}, reverse=True):
        points = _search(lon1, lat1, lon2, lat2, one, two, *_plain(grid), keep_m)
        if len(points):
            break
    lon, lat = _legs(points[:, 0], points[:, 1])
    lon.setflags(write=False)
    lat.setflags(write=False)
    return SeaWay(lon, lat, float(great_circle_m(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum()), start_off, end_off)


def _plain(grid: SeaGrid) -> tuple[float, float, float, NDArray[np.bool_], NDArray[np.float32], bool]:
    return grid.west_deg, grid.south_deg, grid.cell_deg, grid.land, grid.off_m, grid.around


@njit(cache=True, nogil=True)
def _legs(lon, lat):
    """The corners of a way with points on the great circles between them."""
    out_lon, out_lat = [lon[0]], [lat[0]]
    for k in range(lon.shape[0] - 1):
        n = max(1, math.ceil(distance_m(lon[k], lat[k], lon[k + 1], lat[k + 1]) / _LEG_M))
        for j in range(1, n):
            x, y = _between(lon[k], lat[k], lon[k + 1], lat[k + 1], j / n)
            out_lon.append(x)
            out_lat.append(y)
        out_lon.append(lon[k + 1])
        out_lat.append(lat[k + 1])
    return (np.array(out_lon) + 180.0) % 360.0 - 180.0, np.array(out_lat)


@njit(cache=True, nogil=True)
def _between(lon1, lat1, lon2, lat2, share):
    """A point on the great circle between two, by the share of the way to the second."""
    angle = distance_m(lon1, lat1, lon2, lat2) / distance_m(0.0, 0.0, 0.0, 1.0) * _RAD
    a, b = math.sin((1.0 - share) * angle) / math.sin(angle), math.sin(share * angle) / math.sin(angle)
    x = a * math.cos(lat1 * _RAD) * math.cos(lon1 * _RAD) + b * math.cos(lat2 * _RAD) * math.cos(lon2 * _RAD)
    y = a * math.cos(lat1 * _RAD) * math.sin(lon1 * _RAD) + b * math.cos(lat2 * _RAD) * math.sin(lon2 * _RAD)
    z = a * math.sin(lat1 * _RAD) + b * math.sin(lat2 * _RAD)
    return math.atan2(y, x) / _RAD, math.atan2(z, math.hypot(x, y)) / _RAD


@njit(cache=True, nogil=True)
def _is_open(r, c, west, south, cell, land, off_m, keep_m, lon1, lat1, lon2, lat2):
    """Whether a cell is sea and as far from land as wanted, less where an end is near."""
    if land[r, c]:
        return False
    if off_m[r, c] >= keep_m:
        return True
    lon, lat = west + (c + 0.5) * cell, south + (r + 0.5) * cell
    return off_m[r, c] >= 0.5 * min(distance_m(lon, lat, lon1, lat1), distance_m(lon, lat, lon2, lat2)) - cell * 111_195.0


@njit(cache=True, nogil=True)
def _sees(lon_a, lat_a, lon_b, lat_b, west, south, cell, land, off_m, around, keep_m, lon1, lat1, lon2, lat2):
    """Whether every cell on the way from a to b is open: the legs that `_legs` makes of it, each straight in degrees."""
    n = max(1, math.ceil(distance_m(lon_a, lat_a, lon_b, lat_b) / _LEG_M))
    x0, y0 = ((lon_a - west) % 360.0) / cell, (lat_a - south) / cell
    lon0 = lon_a
    for k in range(1, n + 1):
        lon, lat = (lon_b, lat_b) if k == n else _between(lon_a, lat_a, lon_b, lat_b, k / n)
        x, y = x0 + ((lon - lon0 + 180.0) % 360.0 - 180.0) / cell, (lat - south) / cell
        if not _crosses_sea(x0, y0, x, y, west, south, cell, land, off_m, around, keep_m, lon1, lat1, lon2, lat2):
            return False
        x0, y0, lon0 = x, y, lon
    return True


@njit(cache=True, nogil=True)
def _crosses_sea(x0, y0, x1, y1, west, south, cell, land, off_m, around, keep_m, lon1, lat1, lon2, lat2):
    """Visit every cell that a straight line touches, row by row, in units of cells."""
    rows, columns = land.shape
    if y0 > y1:
        x0, y0, x1, y1 = x1, y1, x0, y0
    for r in range(math.floor(y0), math.floor(y1) + 1):
        if r < 0 or r >= rows:
            return False
        a, b = x0, x1
        if y1 > y0:
            a = x0 + (x1 - x0) * (max(y0, float(r)) - y0) / (y1 - y0)
            b = x0 + (x1 - x0) * (min(y1, r + 1.0) - y0) / (y1 - y0)
        a, b = min(a, b), max(a, b)
        first = math.floor(a - 1e-9) if around or a > 1e-9 else math.floor(a)  # a place on the western border is inside
        for c in range(first, math.floor(b + 1e-9) + 1):
            column = c % columns if around else c
            if column < 0 or column >= columns or not _is_open(r, column, west, south, cell, land, off_m, keep_m, lon1, lat1, lon2, lat2):
                return False
    return True


@njit(cache=True, nogil=True)
def _search(lon1, lat1, lon2, lat2, start, goal, west, south, cell, land, off_m, around, keep_m):
    """Corners of the way, shape (n, 2); none where there is no way."""
    rows, columns = land.shape
    if _sees(lon1, lat1, lon2, lat2, west, south, cell, land, off_m, around, keep_m, lon1, lat1, lon2, lat2):
        return np.array([[lon1, lat1], [lon2, lat2]])
    best = np.full(rows * columns, np.inf)
    parent = np.full(rows * columns, -1, np.int32)
    done = np.zeros(rows * columns, np.bool_)
    best[start], parent[start] = 0.0, start
    heap: list[tuple[float, int]] = [(0.0, start)]
    while heap:
        _, s = heapq.heappop(heap)
        if done[s]:
            continue
        r, c = s // columns, s % columns
        lon, lat = west + (c + 0.5) * cell, south + (r + 0.5) * cell
        p = parent[s]
        p_lon, p_lat = west + (p % columns + 0.5) * cell, south + (p // columns + 0.5) * cell
        if not _sees(p_lon, p_lat, lon, lat, west, south, cell, land, off_m, around, keep_m, lon1, lat1, lon2, lat2):
            best[s] = np.inf
            for dr in range(-1, 2):
                for dc in range(-1, 2):
                    q = _neighbour(r, c, dr, dc, rows, columns, around)
                    if q < 0 or not done[q]:
                        continue
                    q_lon, q_lat = west + (q % columns + 0.5) * cell, south + (q // columns + 0.5) * cell
                    way = best[q] + distance_m(q_lon, q_lat, lon, lat)
                    if way < best[s] and _sees(q_lon, q_lat, lon, lat, west, south, cell, land, off_m, around, keep_m, lon1, lat1, lon2, lat2):
                        best[s], parent[s] = way, q
            if best[s] == np.inf:
                continue  # reached by a line of sight alone that is none; a neighbour may reach it later
            p = parent[s]
            p_lon, p_lat = west + (p % columns + 0.5) * cell, south + (p // columns + 0.5) * cell
        done[s] = True
        if s == goal:
            break
        for dr in range(-1, 2):
            for dc in range(-1, 2):
                q = _neighbour(r, c, dr, dc, rows, columns, around)
                if q < 0 or done[q]:
                    continue
                qr, qc = q // columns, q % columns
                if not _is_open(qr, qc, west, south, cell, land, off_m, keep_m, lon1, lat1, lon2, lat2):
                    continue
                q_lon, q_lat = west + (qc + 0.5) * cell, south + (qr + 0.5) * cell
                way = best[p] + distance_m(p_lon, p_lat, q_lon, q_lat)
                if way < best[q] - 1e-6:
                    best[q], parent[q] = way, p
                    heapq.heappush(heap, (float(way + distance_m(q_lon, q_lat, lon2, lat2)), q))
    if not done[goal]:
        return np.empty((0, 2))
    corners = [(lon2, lat2)]
    s = goal
    while s != start:
        corners.append((west + (s % columns + 0.5) * cell, south + (s // columns + 0.5) * cell))
        s = parent[s]
    corners.append((west + (start % columns + 0.5) * cell, south + (start // columns + 0.5) * cell))
    corners.append((lon1, lat1))
    kept = [(lon1, lat1)]  # pulled straight: of each corner the farthest that it sees
    at = len(corners) - 1
    while at > 0:
        to = at - 1
        for k in range(at - 1):
            a, b = corners[at], corners[k]
            if _sees(a[0], a[1], b[0], b[1], west, south, cell, land, off_m, around, keep_m, lon1, lat1, lon2, lat2):
                to = k
                break
        kept.append(corners[to])
        at = to
    out = np.empty((len(kept), 2))
    for k in range(len(kept)):
        out[k, 0], out[k, 1] = kept[k][0], kept[k][1]
    return out


@njit(cache=True, nogil=True)
def _neighbour(r, c, dr, dc, rows, columns, around):
    """Number of a neighbouring cell; -1 where there is none."""
    if (dr == 0 and dc == 0) or r + dr < 0 or r + dr >= rows:
        return -1
    if around:
        return (r + dr) * columns + (c + dc) % columns
    return (r + dr) * columns + c + dc if 0 <= c + dc < columns else -1
