"""The last fix of a vessel that moves -> where it may be from then on: many possible ways, drawn from a seed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seaward.chart.sea_grid import SeaGrid
from seaward.core.geodesy import great_circle_m
from seaward.core.units import DEG_M, NM_M

WAYS = 500  # a chance told from them is off by some 2 in 100
STEP_H = 0.25
_SPEED_SPREAD = 0.15  # one sigma of the speed about that at the fix; ours


@dataclass(frozen=True, slots=True)
class Target:
    """A vessel to be met."""

    id: str
    fix_h: float  # of the last fix, since the plan begins
    place: tuple[float, float]  # longitude, latitude [degree]
    error_nm: float  # one sigma along each axis
    sog_kn: float | None
    cog_deg: float | None
    max_kn: float
    turns_h: float  # after which its course is forgotten
    worth: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """Possible places of a target at moments `STEP_H` apart."""

    target: Target
    hours: NDArray[np.float64]  # since the plan begins, shape (moments,)
    lon_deg: NDArray[np.float64]  # shape (moments, ways)
    lat_deg: NDArray[np.float64]

    def at(self, hour: float) -> int:
        """Number of the moment at, or next after, an hour."""
        return min(len(self.hours) - 1, max(0, math.ceil((hour - self.hours[0]) / STEP_H - 1e-9)))

    def spread_nm2(self, moment: int) -> float:
        """Area of the ellipse that holds nine ways of ten, were they normal [nm2]: pi ln 10 times two sigmas' product twice."""
        lon, lat = self.lon_deg[moment], self.lat_deg[moment]
        x = (lon - lon.mean()) * math.cos(math.radians(float(lat.mean()))) * DEG_M / NM_M
        y = (lat - lat.mean()) * DEG_M / NM_M
        size = float(np.linalg.det(np.cov(x, y)))
        return math.pi * 2 * math.log(10.0) * math.sqrt(max(size, 1e-6))


def cloud_of(target: Target, grid: SeaGrid, until_h: float, seed: int, ways: int = WAYS) -> Cloud:
    """Draw its possible ways.

    Parameters
    ----------
    target
        With its last fix.
    grid
        Of the sea: a way that meets land stays there.
    until_h
        Since the plan begins.
    seed
        Of the draws.
    ways
        How many.

    Returns
    -------
    The cloud.

    Limits
    ------
    The course wanders as a random walk that forgets itself after `turns_h`, the speed stays; a target that knows it is hunted, or heads for a port,
    is not modelled.
    """
    rng = np.random.default_rng(seed)
    moments = max(1, math.ceil((until_h - target.fix_h) / STEP_H)) + 1
    hours = np.asarray(target.fix_h + STEP_H * np.arange(moments), np.float64)
    lat = target.place[1] + rng.normal(0, target.error_nm, ways) * NM_M / DEG_M
    lon = target.place[0] + rng.normal(0, target.error_nm, ways) * NM_M / DEG_M / math.cos(math.radians(target.place[1]))
    if target.sog_kn is None:
        speed = rng.uniform(0, target.max_kn, ways)
    else:
        speed = np.clip(target.sog_kn * (1 + rng.normal(0, _SPEED_SPREAD, ways)), 0, target.max_kn)
    course = rng.uniform(0, 2 * math.pi, ways) if target.cog_deg is None else np.full(ways, math.radians(target.cog_deg))
    lons, lats = np.empty((moments, ways)), np.empty((moments, ways))
    lons[0], lats[0] = lon, lat
    stopped = np.zeros(ways, np.bool_)
    for k in range(1, moments):
        course = course + rng.normal(0, math.sqrt(2 * STEP_H / target.turns_h), ways)
        step_deg = speed * STEP_H * NM_M / DEG_M
        new_lat = lats[k - 1] + step_deg * np.cos(course)
        new_lon = lons[k - 1] + step_deg * np.sin(course) / np.cos(np.radians(lats[k - 1]))
        stopped |= on_land(grid, new_lon, new_lat)
        lons[k], lats[k] = np.where(stopped, lons[k - 1], new_lon), np.where(stopped, lats[k - 1], new_lat)
    return Cloud(target, hours, (lons + 180.0) % 360.0 - 180.0, lats)


def wander_nm(target: Target, hours: NDArray[np.float64]) -> NDArray[np.float64]:
    """One sigma of how far a target that was seen strays from its course in so many hours [nm], across it.

    The course after t hours has the variance 2 t / turns_h; across it the way's sigma is v t sqrt(2 t / (3 turns_h)), at most the way itself.
    """
    speed = target.max_kn / 2 if target.sog_kn is None else target.sog_kn
    way = speed * np.maximum(hours, 0.0)
    return np.minimum(way, way * np.sqrt(2 * np.maximum(hours, 0.0) / (3 * target.turns_h)) + _SPEED_SPREAD * way / 2)


def on_land(grid: SeaGrid, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether places lie in land cells of the grid, shape (n,)."""
    rows, columns = grid.land.shape
    c = np.floor(((lon - grid.west_deg) % 360.0) / grid.cell_deg).astype(np.int64)
    r = np.floor((lat - grid.south_deg) / grid.cell_deg).astype(np.int64)
    inside = (r >= 0) & (r < rows) & (c < columns)
    return inside & grid.land[np.clip(r, 0, rows - 1), np.clip(c, 0, columns - 1)]


def apart_nm(
    lon1: NDArray[np.float64] | float, lat1: NDArray[np.float64] | float, lon2: NDArray[np.float64], lat2: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Great-circle distances [nm]."""
    return great_circle_m(lon1, lat1, lon2, lat2) / NM_M
