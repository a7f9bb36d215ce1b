"""The coast -> a grid of an area whose cells are sea or land: a cell is sea only when no land of the packaged coast touches it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from seaward.chart.coast import Polygon, coastline
from seaward.core.errors import ParameterError
from seaward.core.geodesy import great_circle_m
from seaward.core.units import DEG_M

Box = tuple[float, float, float, float]  # west, south, east, north [degree]; across 180 degrees when east < west
CELLS_DEG = (0.01, 0.02, 0.05, 0.1, 0.2)  # the finest one that gives an area no more than _MOST_CELLS
_MOST_CELLS = 1_500_000  # a search over all of them stays under a second
_POND_CELLS = 64  # smaller waters without a way out of them are bays behind a bar, lagoons and gaps between polygons: nobody sails there


@dataclass(frozen=True, slots=True, eq=False)
class SeaGrid:
    """Where one can sail within an area; row 0 is the southernmost, column 0 the westernmost."""

    west_deg: float
    south_deg: float
    cell_deg: float
    land: NDArray[np.bool_]  # shape (rows, columns)
    off_m: NDArray[np.float32]  # from the nearest land cell, 0 on land
    water: NDArray[np.int32]  # number of the connected water a cell belongs to, 0 on land
    nearest: NDArray[np.int32]  # cell number (row * columns + column) of the nearest sea cell
    around: bool  # whether the last column meets the first

    def cell(self, lon_deg: float, lat_deg: float) -> int:
        """Number of the cell of a place [degree]; -1 outside the area."""
        rows, columns = self.land.shape
        c = int(((lon_deg - self.west_deg) % 360.0) / self.cell_deg)
        r = math.floor((lat_deg - self.south_deg) / self.cell_deg)
        return r * columns + c if 0 <= r < rows and c < columns else -1

    def centre_deg(self, cell: int) -> tuple[float, float]:
        """Longitude and latitude [degree] of the middle of a cell."""
        r, c = divmod(cell, self.land.shape[1])
        lon = self.west_deg + (c + 0.5) * self.cell_deg
        return (lon + 180.0) % 360.0 - 180.0, self.south_deg + (r + 0.5) * self.cell_deg

    def contains(self, lon_deg: float, lat_deg: float) -> bool:
        """Whether a place lies in the area, at sea or not."""
        return self.cell(lon_deg, lat_deg) >= 0

    def is_sea(self, lon_deg: float, lat_deg: float) -> bool:
        """Whether a place lies in a sea cell of the area."""
        cell = self.cell(lon_deg, lat_deg)
        return cell >= 0 and not self.land.flat[cell]

    def to_sea(self, lon_deg: float, lat_deg: float) -> tuple[float, float, float]:
        """The place itself where it is at sea, else the middle of the nearest sea cell; and how far that is [m].

        Raises
        ------
        ParameterError
            If the place lies outside the area, or the area has no sea.
        """
        cell = self.cell(lon_deg, lat_deg)
        if cell < 0:
            raise ParameterError(f"{said(lon_deg, lat_deg)} lies outside the area of the sea grid; give a larger area")
        if not self.land.flat[cell]:
            return lon_deg, lat_deg, 0.0
        if self.land.all():
            raise ParameterError(f"the area around {said(lon_deg, lat_deg)} has no sea; give a larger area")
        lon, lat = self.centre_deg(int(self.nearest.flat[cell]))
        return lon, lat, float(great_circle_m(lon_deg, lat_deg, lon, lat))


@lru_cache(maxsize=8)
def sea_grid(box: Box, cell_deg: float | None = None) -> SeaGrid:
    """The grid of an area; the last eight are kept.

    Parameters
    ----------
    box
        West, south, east, north [degree]; east below west, or beyond 180, for an area across 180 degrees. A width of 360 goes around.
    cell_deg
        Side of a cell [degree]; by default the finest of `CELLS_DEG` that keeps the number of cells below 1.5 million.

    Returns
    -------
    The grid, which covers at least the box.

    Raises
    ------
    ParameterError
        If the box encloses nothing or its latitudes lie beyond the poles.

    Limits
    ------
    A cell that any land touches is land: straits and harbour mouths under some two cells are closed, and ports lie a cell or two off. Lakes and
    rivers are land as on the packaged coast, islets that it leaves out do not exist; depths and traffic rules are not known. Waters of fewer than
    64 cells count as land.
    """
    west, south, east, north = box
    width = 360.0 if east - west >= 360.0 else (east - west) % 360.0
    if not (width > 0.0 and -90.0 <= south < north <= 90.0):
        raise ParameterError(f"expected an area as west, south, east, north in degrees with south below north, got {box}")
    if cell_deg is None:
        cell_deg = next((c for c in CELLS_DEG if width * (north - south) / c**2 <= _MOST_CELLS), CELLS_DEG[-1])
    around = width == 360.0
    south = math.floor(south / cell_deg + 1e-9) * cell_deg
    west = west if around else math.floor(west / cell_deg + 1e-9) * cell_deg
    columns = round(360.0 / cell_deg) if around else min(math.ceil((box[0] + width - west) / cell_deg - 1e-9), math.floor(360.0 / cell_deg))
    rows = min(math.ceil((north - south) / cell_deg - 1e-9), math.floor((90.0 - south) / cell_deg + 1e-9))
    land = _land(west, south, cell_deg, rows, columns)
    water = _waters(~land, around)
    small = np.bincount(water.ravel()) < _POND_CELLS
    small[0] = True
    if not small.all():  # keep the only water there is, however small
        land |= small[water]
        water[land] = 0
    off_m, nearest = _off(land, south, cell_deg, around)
    return SeaGrid(west, south, cell_deg, land, off_m, water, nearest, around)


def without(grid: SeaGrid, closed: Sequence[BaseGeometry], more: NDArray[np.bool_] | None = None) -> SeaGrid:
    """The grid with some waters closed: foreign ones, or those of an exercise.

    Parameters
    ----------
    grid
        Of an area.
    closed
        Shapes [degree]; every cell that one touches is closed. Distances to land stay as they are.
    more
        Further cells to close, as all outside the own waters; shape (rows, columns).

    Returns
    -------
    A grid in which nobody can sail there; the same where nothing is closed.
    """
    shut = (burn(grid, closed) if more is None else burn(grid, closed) | more) & ~grid.land
    if not shut.any():
        return grid
    land = grid.land | shut
    _, nearest = _off(land, grid.south_deg, grid.cell_deg, grid.around)
    return replace(grid, land=land, water=_waters(~land, grid.around), nearest=nearest)


def burn(grid: SeaGrid, shapes: Sequence[BaseGeometry]) -> NDArray[np.bool_]:
    """Cells that polygons touch, shape (rows, columns); polygons [degree] at any turn."""
    touched = np.zeros(grid.land.shape, np.bool_)
    for shape in shapes:
        for part in shapely.get_parts(shape):
            if isinstance(part, shapely.Polygon) and not part.is_empty:
                rings = [shapely.get_coordinates(ring)[:-1] for ring in (part.exterior, *part.interiors)]
                _mark(touched, tuple(rings), grid.west_deg, grid.south_deg, grid.cell_deg)
    return touched


def said(lon_deg: float, lat_deg: float) -> str:
    """A place as words."""
    return f"{abs(lat_deg):.3f} {'N' if lat_deg >= 0 else 'S'} {abs(lon_deg):.3f} {'E' if lon_deg >= 0 else 'W'}"


def _land(west: float, south: float, cell_deg: float, rows: int, columns: int) -> NDArray[np.bool_]:
    """Cells that land touches, of polygons shifted by whole turns into the area."""
    land = np.zeros((rows, columns), np.bool_)
    for polygon in coastline():
        _mark(land, polygon, west, south, cell_deg)
    return land


def _mark(cells: NDArray[np.bool_], polygon: Polygon, west: float, south: float, cell_deg: float) -> None:
    """Mark the cells that a polygon touches, at whatever turn it meets them."""
    rows, columns = cells.shape
    east, north = west + columns * cell_deg, south + rows * cell_deg
    low, high = polygon[0].min(axis=0), polygon[0].max(axis=0)
    if high[1] < south or low[1] > north:
        return
    for turn in (-360.0, 0.0, 360.0):
        if high[0] + turn < west or low[0] + turn > east:
            continue
        xy = np.concatenate(polygon)
        size = np.cumsum([0, *(len(ring) for ring in polygon)])
        _burn(cells, (xy[:, 0] + turn - west) / cell_deg, (xy[:, 1] - south) / cell_deg, size)


@njit(cache=True, nogil=True)
def _burn(land, x, y, first):
    """Mark the cells of a polygon in units of cells: those its edges touch, and those whose middle lies inside."""
    rows, columns = land.shape
    low, high = max(0, math.floor(y.min())), min(rows - 1, math.floor(y.max()))
    if high < low:
        return
    count = np.zeros(high - low + 1, np.int64)
    start, where = np.zeros(high - low + 2, np.int64), np.empty(0, np.float64)
    for wanted in range(2):  # first how many crossings each row has, then where
        if wanted == 1:
            for r in range(high - low + 1):
                start[r + 1] = start[r] + count[r]
            where, count = np.empty(start[-1], np.float64), np.zeros(high - low + 1, np.int64)
        for ring in range(first.shape[0] - 1):
            for i in range(first[ring], first[ring + 1]):
                j = i + 1 if i + 1 < first[ring + 1] else first[ring]
                x1, y1, x2, y2 = x[i], y[i], x[j], y[j]
                if y1 > y2:
                    x1, y1, x2, y2 = x2, y2, x1, y1
                if y2 < 0.0 or y1 >= rows:
                    continue
                for r in range(max(low, math.floor(y1)), min(high, math.floor(y2)) + 1):
                    middle = r + 0.5
                    crosses = y1 <= middle < y2
                    if wanted == 0:
                        count[r - low] += crosses
                        continue
                    if crosses:
                        where[start[r - low] + count[r - low]] = x1 + (x2 - x1) * (middle - y1) / (y2 - y1)
                        count[r - low] += 1
                    a, b = x1, x2
                    if y2 > y1:
                        a = x1 + (x2 - x1) * (max(y1, float(r)) - y1) / (y2 - y1)
                        b = x1 + (x2 - x1) * (min(y2, r + 1.0) - y1) / (y2 - y1)
                    a, b = min(a, b), max(a, b)
                    if b < 0.0 or a >= columns:
                        continue
                    for c in range(max(0, math.floor(a - 1e-9)), min(columns - 1, math.floor(b + 1e-9)) + 1):
                        land[r, c] = True
    for r in range(high - low + 1):
        row = np.sort(where[start[r] : start[r + 1]])
        for k in range(0, row.shape[0] - 1, 2):
            for c in range(max(0, math.ceil(row[k] - 0.5)), min(columns - 1, math.floor(row[k + 1] - 0.5)) + 1):
                land[low + r, c] = True


def _waters(sea: NDArray[np.bool_], around: bool) -> NDArray[np.int32]:
    """Connected waters, numbered from 1; cells that meet at a corner only are not connected, as no straight way passes there."""
    water = np.zeros(sea.shape, np.int32)
    ndimage.label(sea, output=water)
    if around:
        for row in range(len(water)):
            one, two = int(water[row, 0]), int(water[row, -1])
            if one and two and one != two:
                water[water == max(one, two)] = min(one, two)
    return water


def _off(land: NDArray[np.bool_], south: float, cell_deg: float, around: bool) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Distance of each cell to land, and the sea cell nearest to each; nearest by degrees shortened for the latitude in the middle."""
    rows, columns = land.shape
    pad = min(columns // 2, 64) if around else 0
    wide = np.pad(land, ((0, 0), (pad, pad)), mode="wrap")
    across = max(0.05, math.cos(math.radians(south + rows * cell_deg / 2)))
    r0, c0 = np.indices(land.shape, np.int32)

    def nearest_of(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        found = ndimage.distance_transform_edt(~mask, sampling=(1.0, across), return_distances=False, return_indices=True)
        r, c = np.asarray(found, np.int32)[:, :, pad : pad + columns]
        return r, (c - pad) % columns

    if land.any():
        r, c = nearest_of(wide)
        lat0, lat1 = (south + (k + 0.5) * cell_deg for k in (r0, r))
        off_m = great_circle_m(c0 * cell_deg, lat0, c * cell_deg, lat1).astype(np.float32)
    else:
        off_m = np.full(land.shape, 180.0 * DEG_M, np.float32)
    if land.all():
        return off_m, (r0 * columns + c0).astype(np.int32)
    r, c = nearest_of(~wide)
    return off_m, r * np.int32(columns) + c
