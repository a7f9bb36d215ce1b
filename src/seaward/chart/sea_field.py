"""One place -> how far, or how long, to every place of an area by sea; the fast companion of `sea_way`, which finds the way itself."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from seaward.chart.sea_grid import Box, SeaGrid, burn, sea_grid
from seaward.core.errors import ParameterError
from seaward.core.geodesy import great_circle_m
from seaward.core.units import EARTH_RADIUS_M, kn_to_mps

FIELD_CELLS_DEG = (0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_MOST_FIELD_CELLS = 250_000  # a field over all of them stays under a tenth of a second
_LOOK_CELLS = 12  # how far a line is walked before what its end is known to see is trusted
_RAD = math.pi / 180.0


@dataclass(frozen=True, slots=True, eq=False)
class SeaField:
    """How far, or how long, from one place to every sea cell of a grid."""

    grid: SeaGrid
    lon_deg: float  # the start, at sea
    lat_deg: float
    start_off_m: float  # from the place asked for to the start; counted in
    cost: NDArray[np.float64]  # [m], or [s] where paces were given; shape (cells,), infinite where no way leads or beyond the limit
    parent: NDArray[np.int32]  # cell of the last corner of the way, the start's own cell for none
    pace: NDArray[np.float32]  # [s/m], or 1; shape (rows, columns), 0 where nobody may sail

    def at(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> NDArray[np.float64]:
        """Distances [m], or times [s], to places.

        Parameters
        ----------
        lon_deg, lat_deg
            Places [degree], shapes that broadcast together. One on land counts by its nearest sea cell and straight from it.

        Returns
        -------
        Of that shape; infinite outside the area, where no way leads, and beyond the limit of the field.
        """
        lon, lat = np.broadcast_arrays(np.asarray(lon_deg, np.float64), np.asarray(lat_deg, np.float64))
        rows, columns = self.grid.land.shape
        c = np.floor(((lon - self.grid.west_deg) % 360.0) / self.grid.cell_deg).astype(np.int64)
        r = np.floor((lat - self.grid.south_deg) / self.grid.cell_deg).astype(np.int64)
        inside = (r >= 0) & (r < rows) & (c < columns)
        cell = np.where(inside, np.clip(r, 0, rows - 1) * columns + np.clip(c, 0, columns - 1), 0)
        dry = self.grid.land.ravel()[cell]
        cell = np.where(dry, self.grid.nearest.ravel()[cell], cell)
        to_lon, to_lat = np.where(dry, self._lon(cell), lon), np.where(dry, self._lat(cell), lat)
        off_m = np.where(dry, great_circle_m(lon, lat, to_lon, to_lat), 0.0)
        corner, start = self.parent[cell], self.grid.cell(self.lon_deg, self.lat_deg)
        corner = np.where(corner < 0, start, corner)
        from_lon, from_lat = np.where(corner == start, self.lon_deg, self._lon(corner)), np.where(corner == start, self.lat_deg, self._lat(corner))
        pace = self.pace.ravel()[cell].astype(np.float64)
        found = self.cost[corner] + (great_circle_m(from_lon, from_lat, to_lon, to_lat) + off_m) * pace
        return np.where(inside & np.isfinite(self.cost[cell]), found, np.inf)

    def _lon(self, cell: NDArray[np.int64] | NDArray[np.int32]) -> NDArray[np.float64]:
        return self.grid.west_deg + (cell % self.grid.land.shape[1] + 0.5) * self.grid.cell_deg

    def _lat(self, cell: NDArray[np.int64] | NDArray[np.int32]) -> NDArray[np.float64]:
        return self.grid.south_deg + (cell // self.grid.land.shape[1] + 0.5) * self.grid.cell_deg


def field_grid(box: Box) -> SeaGrid:
    """A grid of an area, as fine as leaves a field over it under a tenth of a second; see `sea_grid`."""
    width = 360.0 if box[2] - box[0] >= 360.0 else (box[2] - box[0]) % 360.0
    cells = [c for c in FIELD_CELLS_DEG if width * (box[3] - box[1]) / c**2 <= _MOST_FIELD_CELLS]
    return sea_grid(box, cells[0] if cells else FIELD_CELLS_DEG[-1])


def paces(grid: SeaGrid, speed_kn: float, slower: Sequence[tuple[BaseGeometry, float]] = ()) -> NDArray[np.float32]:
    """How long a metre takes in each cell.

    Parameters
    ----------
    grid
        Of an area.
    speed_kn
        Of the ship [kn], above 0.
    slower
        Shapes [degree] and the speed within each [kn], as under a sea state; the last one counts where they overlap, and 0 closes it.

    Returns
    -------
    [s/m], shape (rows, columns), 0 where nobody may sail.
    """
    if not (0 < speed_kn < math.inf and all(0 <= kn < math.inf for _, kn in slower)):
        raise ParameterError(f"expected speeds in knots above 0, got {speed_kn} and {[kn for _, kn in slower]}")
    pace = np.where(grid.land, 0.0, 1.0 / kn_to_mps(speed_kn)).astype(np.float32)
    for shape, kn in slower:
        pace[burn(grid, [shape]) & ~grid.land] = 1.0 / kn_to_mps(kn) if kn > 0 else 0.0
    return pace


def sea_field(
    grid: SeaGrid, start: tuple[float, float], pace: NDArray[np.float32] | None = None, limit: float = math.inf
) -> SeaField:  # fmt: skip
    """How far it is by sea from a place to everywhere.

    Parameters
    ----------
    grid
        From `field_grid` or `sea_grid`; waters closed by `sea_grid.without` are not entered.
    start
        Longitude and latitude [degree], in the area; one on land or in harbour is moved to the nearest sea cell, and the way there counts.
    pace
        From `paces`, for times instead of distances.
    limit
        Nothing beyond it is looked at [m, or s with paces].

    Returns
    -------
    The field.

    Raises
    ------
    ParameterError
        If the place lies outside the area.

    Limits
    ------
    Those of `sea_grid`. In open water the great circle; behind a cape about a tenth of a percent and half a cell too long. Where the pace changes, to
    half a cell. The way itself, which touches no land, is that of `sea_way`.

    Source
    ------
    Lazy Theta* (Nash, Koenig, Tovey 2010, AAAI-10, pp. 147-154) without a goal; lines of sight are walked for twelve cells and inherited beyond.
    """
    lon, lat, off_m = grid.to_sea(*start)
    cell = grid.cell(lon, lat)
    speeds = np.where(grid.land, np.float32(0.0), np.float32(1.0)) if pace is None else pace
    if speeds.flat[cell] == 0.0:
        raise ParameterError(f"the start {lat:.3f} {lon:.3f} lies where nobody may sail; open these waters or start elsewhere")
    first = off_m * float(speeds.flat[cell])
    columns = np.arange(grid.land.shape[1])
    turn = (grid.west_deg + (columns + 0.5) * grid.cell_deg - lon) * _RAD
    cost, parent = _spread(
        cell, first, limit, grid.south_deg, grid.cell_deg, lat, np.sin(turn), np.cos(turn), np.sin(turn / 2) ** 2,
        np.sin(columns * grid.cell_deg * _RAD), np.cos(columns * grid.cell_deg * _RAD), np.sin(columns * grid.cell_deg * _RAD / 2) ** 2,
        speeds, grid.around,
    )  # fmt: skip
    return SeaField(grid, lon, lat, off_m, cost, parent, speeds)


@njit(cache=True, nogil=True, inline="always")
def _way_m(r, c, p, start, columns, coslat, half_lat0, half_lat, half_lon0, half_lon, cos0):
    """Great circle from a cell to the place of a corner [m], by tables of squared half sines."""
    if p == start:
        a = half_lat0[r] + coslat[r] * cos0 * half_lon0[c]
    else:
        pr, pc = p // columns, p % columns
        a = half_lat[abs(r - pr)] + coslat[r] * coslat[pr] * half_lon[abs(c - pc)]
    return 2.0 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, a)))


@njit(cache=True, nogil=True)
def _lit(r, c, p, start, parent, pace, around, coslat, sinlat, sin_turn0, cos_turn0, sin_turn, cos_turn, sin0, cos0, row0, col0):
    """Whether the corner p is seen from a cell: the line is walked for some cells, then the cell it has come to is asked for its own corner."""
    rows, columns = pace.shape
    if p == start:
        se, ce, sp, cp, pr, pc = -sin_turn0[c], cos_turn0[c], sin0, cos0, row0, col0
    else:
        pr, pc = float(p // columns), float(p % columns)
        k = int(pc) - c
        se, ce = (sin_turn[k], cos_turn[k]) if k >= 0 else (-sin_turn[-k], cos_turn[-k])
        sp, cp = sinlat[int(pr)], coslat[int(pr)]
    x, y = se * cp / coslat[r], coslat[r] * sp - sinlat[r] * cp * ce  # towards the corner, in cells
    size = max(abs(x), abs(y))
    if size == 0.0:
        return True
    x, y = x / size, y / size
    mine, away = pace[r, c], max(abs(pr - r), min(abs(pc - c), columns - abs(pc - c)) if around else abs(pc - c))
    steps = min(_LOOK_CELLS, round(away))
    here_r, here_c = r, c
    for k in range(1, steps + 1):
        fr, fc = r + y * k, c + x * k
        low_r, low_c = math.floor(fr + 1e-9), math.floor(fc + 1e-9)
        high_r, high_c = math.ceil(fr - 1e-9), math.ceil(fc - 1e-9)
        for i in (low_r, high_r):
            for j in (low_c, high_c):
                jj = j % columns if around else j
                if i < 0 or i >= rows or jj < 0 or jj >= columns:
                    return False
                if i * columns + jj == p:
                    return True
                if pace[i, jj] != mine:
                    return False
        here_r, here_c = round(fr), round(fc)
    q = here_r * columns + (here_c % columns if around else here_c)
    return steps < _LOOK_CELLS or parent[q] == p or (parent[q] >= 0 and parent[q] == parent[p])


@njit(cache=True, nogil=True)
def _spread(start, first, limit, south, cell, lat0, sin_turn0, cos_turn0, half_lon0, sin_turn, cos_turn, half_lon, pace, around):
    """Cost to every cell, and its last corner."""
    rows, columns = pace.shape
    lats = (south + (np.arange(rows) + 0.5) * cell) * _RAD
    coslat, sinlat = np.cos(lats), np.sin(lats)
    sin0, cos0 = math.sin(lat0 * _RAD), math.cos(lat0 * _RAD)
    half_lat0, half_lat = np.sin((lats - lat0 * _RAD) / 2) ** 2, np.sin(np.arange(rows) * cell * _RAD / 2) ** 2
    row0, col0 = (lat0 - south) / cell - 0.5, float(start % columns)
    cost = np.full(rows * columns, np.inf)
    parent = np.full(rows * columns, -1, np.int32)
    done = np.zeros(rows * columns, np.bool_)
    cost[start], parent[start] = first, start
    heap = [(first, start)]
    while heap:
        key, s = heapq.heappop(heap)
        if done[s]:
            continue
        if key > limit:
            break
        r, c = s // columns, s % columns
        p = parent[s]
        if s != start and not _lit(
            r, c, p, start, parent, pace, around, coslat, sinlat, sin_turn0, cos_turn0, sin_turn, cos_turn, sin0, cos0, row0, col0
        ):
            cost[s] = np.inf
            for dr in range(-1, 2):
                for dc in range(-1, 2):
                    rr, cc = r + dr, (c + dc) % columns if around else c + dc
                    if rr < 0 or rr >= rows or cc < 0 or cc >= columns or not done[rr * columns + cc]:
                        continue
                    q = rr * columns + cc
                    if dr != 0 and dc != 0 and (pace[r, cc] == 0.0 or pace[rr, c] == 0.0):
                        continue
                    mean = 0.5 * (pace[r, c] + pace[rr, cc])
                    way = cost[q] + mean * _way_m(r, c, q, start, columns, coslat, half_lat0, half_lat, half_lon0, half_lon, cos0)
                    if way < cost[s]:
                        cost[s], parent[s] = way, q
            if cost[s] == np.inf:
                continue
            p = parent[s]
        done[s] = True
        for dr in range(-1, 2):
            for dc in range(-1, 2):
                rr, cc = r + dr, (c + dc) % columns if around else c + dc
                if rr < 0 or rr >= rows or cc < 0 or cc >= columns or pace[rr, cc] == 0.0:
                    continue
                q = rr * columns + cc
                if done[q]:
                    continue
                if dr != 0 and dc != 0 and (pace[r, cc] == 0.0 or pace[rr, c] == 0.0):
                    continue
                via = p if pace[rr, cc] == pace[r, c] else s
                mean = pace[rr, cc] if via == p else 0.5 * (pace[r, c] + pace[rr, cc])
                way = cost[via] + mean * _way_m(rr, cc, via, start, columns, coslat, half_lat0, half_lat, half_lon0, half_lon, cos0)
                if way < cost[q] * (1.0 - 1e-12):
                    cost[q], parent[q] = way, via
                    heapq.heappush(heap, (way, q))
    for s in range(rows * columns):
        if not done[s]:
            cost[s], parent[s] = np.inf, -1
    return cost, parent
