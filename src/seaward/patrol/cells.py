"""An area -> its cells at sea, and how far it is between them and from ports, around land and closed waters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from seaward.chart.sea_field import SeaField, field_grid, sea_field
from seaward.chart.sea_grid import Box, SeaGrid, burn, without
from seaward.chart.shore import shore_m
from seaward.core.errors import ParameterError
from seaward.core.geodesy import great_circle_m
from seaward.core.units import DEG_M, NM_M

_MARGIN_DEG = 1.0  # around the area: ways that leave it for a little, ports just outside
_MOST_CELLS = 20_000  # ways between all of them take minutes
HARBOUR_NM = 30.0  # around a base: within it land and closed waters are not looked at, as the chart does not know harbours; ours
_SAMPLES = 12  # by side of a cell, to find how much of it is sea


class NoCells(ParameterError):
    """No cell may be patrolled: a code of the catalogue (`plan.wrong.<code>`) of the limit that leaves none, what it has and what would do."""

    def __init__(self, box: Box, code: str, has: float, needs: float) -> None:
        self.code, self.has, self.needs = code, has, needs
        super().__init__(f"no cell of the area {box} holds sea that may be patrolled; choose another area")


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells of an area that hold sea; numbered from the south-west, row by row."""

    lon_deg: NDArray[np.float64]  # a place at sea, the nearest to the middle of its sea; shape (cells,)
    lat_deg: NDArray[np.float64]
    west_deg: NDArray[np.float64]
    south_deg: NDArray[np.float64]
    area_nm2: NDArray[np.float64]  # of its sea
    cell_deg: float
    grid: SeaGrid

    def __len__(self) -> int:
        return len(self.lon_deg)

    @property
    def side_nm(self) -> float:
        """Side of a cell along a meridian [nm]."""
        return self.cell_deg * DEG_M / NM_M

    def at(self, lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> NDArray[np.int64]:
        """Number of the cell of each place, -1 outside all; shape (n,)."""
        row = np.rint((self.south_deg - self.south_deg.min()) / self.cell_deg).astype(int)
        column = np.rint((self.west_deg - self.west_deg.min()) / self.cell_deg).astype(int)
        number = np.full((row.max() + 1, column.max() + 1), -1, np.int64)
        number[row, column] = np.arange(len(self))
        r = np.floor((np.asarray(lat_deg) - self.south_deg.min()) / self.cell_deg + 1e-9)
        c = np.floor(((np.asarray(lon_deg) - self.west_deg.min()) % 360.0) / self.cell_deg + 1e-9)
        inside = (r >= 0) & (r < number.shape[0]) & (c < number.shape[1])
        return np.where(inside, number[np.where(inside, r, 0).astype(int), np.where(inside, c, 0).astype(int)], -1)


def cells_of(box: Box, cell_deg: float, off_nm: float = math.inf, least_sea: float = 0.3, within: Sequence[BaseGeometry] = ()) -> Cells:
    """Divide an area into cells.

    Parameters
    ----------
    box
        West, south, east, north [degree]; east below west for an area across 180 degrees.
    cell_deg
        Side of a cell [degree].
    off_nm
        Farthest from the shore [nm] that the middle of a cell may lie.
    least_sea
        Share of a cell that must be sea.
    within
        Shapes of which one must hold the middle of a cell; none for no such limit.

    Returns
    -------
    The cells.

    Raises
    ------
    ParameterError
        If no cell holds sea that may be patrolled (`NoCells`), or there are more than 20,000.
    """
    west, south, east, north = box
    width = (east - west) % 360.0 or 360.0
    columns, rows = math.ceil(width / cell_deg - 1e-9), math.ceil((north - south) / cell_deg - 1e-9)
    if not (rows > 0 and columns > 0 and rows * columns <= _MOST_CELLS):
        raise ParameterError(f"expected an area of 1 to {_MOST_CELLS:,} cells, got {rows * columns:,}; choose larger cells or a smaller area")
    grid = field_grid((west - _MARGIN_DEG, max(-89.0, south - _MARGIN_DEG), west + width + _MARGIN_DEG, min(89.0, north + _MARGIN_DEG)))
    r, c = (a.ravel() for a in np.mgrid[0:rows, 0:columns])
    step = (np.arange(_SAMPLES) + 0.5) / _SAMPLES * cell_deg
    lon = west + c[:, None, None] * cell_deg + step[None, None, :]
    lat = south + r[:, None, None] * cell_deg + step[None, :, None]
    lon, lat = (a.reshape(len(r), -1) for a in np.broadcast_arrays(lon, lat))
    gc = np.floor(((lon - grid.west_deg) % 360.0) / grid.cell_deg).astype(int) % grid.land.shape[1]
    gr = np.clip(np.floor((lat - grid.south_deg) / grid.cell_deg).astype(int), 0, grid.land.shape[0] - 1)
    sea = ~grid.land[gr, gc]
    share = sea.mean(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mid_lon, mid_lat = (lon * sea).sum(axis=1) / sea.sum(axis=1), (lat * sea).sum(axis=1) / sea.sum(axis=1)
    nearest = np.where(sea, (lon - mid_lon[:, None]) ** 2 + (lat - mid_lat[:, None]) ** 2, np.inf).argmin(axis=1)
    place_lon, place_lat = lon[np.arange(len(r)), nearest], lat[np.arange(len(r)), nearest]
    place_lon, place_lat = np.where(share == 1.0, mid_lon, place_lon), np.where(share == 1.0, mid_lat, place_lat)
    keep = (share >= least_sea) & (share > 0)
    if not keep.any():
        most = float(share.max())
        raise NoCells(box, "no_sea" if most == 0 else "least_sea", least_sea, most)
    if math.isfinite(off_nm):
        from_shore = np.where(keep, shore_m(np.where(keep, place_lon, 0.0), np.where(keep, place_lat, 0.0)), np.inf)
        keep &= from_shore <= off_nm * NM_M
        if not keep.any():
            raise NoCells(box, "off_nm", off_nm, float(from_shore.min()) / NM_M)
    if within:
        keep &= inside_of(grid, within, place_lon, place_lat)
        if not keep.any():
            raise NoCells(box, "within", 0.0, 0.0)
    souths, norths = np.radians(south + r * cell_deg), np.radians(south + (r + 1) * cell_deg)
    whole = (DEG_M / NM_M) ** 2 * math.degrees(1.0) * cell_deg * (np.sin(norths) - np.sin(souths))
    turned = (place_lon[keep] + 180.0) % 360.0 - 180.0
    return Cells(turned, place_lat[keep], west + c[keep] * cell_deg, south + r[keep] * cell_deg, (whole * share)[keep], cell_deg, grid)


def inside_of(grid: SeaGrid, shapes: Sequence[BaseGeometry], lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether places lie in cells of the grid that one of the shapes touches, shape (n,)."""
    touched = burn(grid, shapes)
    c = np.floor(((lon_deg - grid.west_deg) % 360.0) / grid.cell_deg).astype(int) % grid.land.shape[1]
    r = np.clip(np.floor((lat_deg - grid.south_deg) / grid.cell_deg).astype(int), 0, grid.land.shape[0] - 1)
    return touched[r, c]


@dataclass(frozen=True, slots=True, eq=False)
class Waters:
    """Where one kind of asset may go: ways between cells, and from ports, around what it may not enter."""

    cells: Cells
    grid: SeaGrid
    may: NDArray[np.bool_]  # enter each cell
    flies: bool

    def between_nm(self, farthest_nm: float) -> NDArray[np.float64]:
        """Ways between cells [nm] up to a limit, infinite beyond it and where one may not go; shape (cells, cells)."""
        c = self.cells
        if self.flies:
            nm = great_circle_m(c.lon_deg[:, None], c.lat_deg[:, None], c.lon_deg[None], c.lat_deg[None]) / NM_M
            return np.where((nm <= farthest_nm) & self.may[:, None] & self.may[None], nm, np.inf)
        nm = np.full((len(c), len(c)), np.inf)
        ones = np.where(self.grid.land, np.float32(0.0), np.float32(1.0))
        straight = great_circle_m(c.lon_deg[:, None], c.lat_deg[:, None], c.lon_deg[None], c.lat_deg[None]) / NM_M
        for k in np.flatnonzero(self.may).tolist():
            near = np.flatnonzero((straight[k] <= farthest_nm) & self.may)
            field = sea_field(self.grid, (float(c.lon_deg[k]), float(c.lat_deg[k])), ones, farthest_nm * NM_M * 1.01)
            nm[k, near] = np.maximum(field.at(c.lon_deg[near], c.lat_deg[near]) / NM_M, straight[k, near])
        nm = np.minimum(nm, nm.T)
        np.fill_diagonal(nm, np.where(self.may, 0.0, np.inf))
        return np.where(nm <= farthest_nm * (1 + 1e-9), nm, np.inf)

    def from_nm(self, lon_deg: float, lat_deg: float) -> NDArray[np.float64]:
        """Ways from a place to cells [nm], infinite where there is none; shape (cells,)."""
        c = self.cells
        if self.flies:
            return np.where(self.may, great_circle_m(lon_deg, lat_deg, c.lon_deg, c.lat_deg) / NM_M, np.inf)
        if not self.leaves_port(lon_deg, lat_deg):
            return np.full(len(c), np.inf)
        nm = field_from(self.grid, (lon_deg, lat_deg)).at(c.lon_deg, c.lat_deg) / NM_M
        return np.where(self.may, np.maximum(nm, great_circle_m(lon_deg, lat_deg, c.lon_deg, c.lat_deg) / NM_M), np.inf)

    def leaves_port(self, lon_deg: float, lat_deg: float) -> bool:
        """Whether waters it may enter begin near a base."""
        return self.flies or (not self.grid.land.all() and self.grid.to_sea(lon_deg, lat_deg)[2] <= HARBOUR_NM * NM_M)


@lru_cache(maxsize=64)
def field_from(grid: SeaGrid, place: tuple[float, float]) -> SeaField:
    """Ways from a place, kept: bases are asked for again with every alert."""
    return sea_field(grid, place)


def waters_of(cells: Cells, flies: bool, only: Sequence[BaseGeometry] = (), closed: Sequence[BaseGeometry] = ()) -> Waters:
    """Where an asset may go.

    Parameters
    ----------
    cells
        Of the area.
    flies
        Straight over land, then; what it may not enter counts for where it looks alone.
    only
        Shapes it may not leave; none for no such limit.
    closed
        Shapes it may not enter.

    Returns
    -------
    The waters.
    """
    may = np.ones(len(cells), np.bool_)
    if only:
        may &= inside_of(cells.grid, only, cells.lon_deg, cells.lat_deg)
    if closed:
        may &= ~inside_of(cells.grid, closed, cells.lon_deg, cells.lat_deg)
    grid = cells.grid
    if not flies:
        if only:
            outside = np.ones(grid.land.shape, np.bool_) & ~burn(grid, only)
            grid = without(grid, closed, outside)
        elif closed:
            grid = without(grid, closed)
    return Waters(cells, grid, may, flies)
