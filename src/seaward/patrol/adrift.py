"""Where somebody was last known, wind and current -> where they may be from then on: many possible drifts, drawn from a seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.chart.sea_grid import SeaGrid
from seaward.core.units import DEG_M, NM_M
from seaward.patrol.flow import Flow, arrays, flow_at
from seaward.patrol.leeway import BY_ID, JIBES_PER_H, PROBABLE_TO_SIGMA
from seaward.patrol.targets import on_land

STEP_H = 0.25
_NM_DEG = NM_M / DEG_M
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Lost:
    """One way it may have been: what is adrift, from when and where."""

    id: str
    object: str  # class of leeway
    weight: float  # beside the other ways
    from_h: float  # since planning begins: the distress began between this ...
    to_h: float  # ... and this
    place: tuple[float, float]  # longitude, latitude [degree]
    end: tuple[float, float]  # where it would have been at `to_h`; the same place for a point
    error_nm: float  # one sigma of the place along each axis
    seen: float = 1.0  # of the sweep widths of assets: how far this object is seen
    jibes_per_h: float = JIBES_PER_H


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """Possible drifts of all ways it may have been."""

    hours: NDArray[np.float64]  # moments, STEP_H apart; shape (moments,)
    lon_deg: NDArray[np.float64]  # shape (moments, drifts); where it was last known before it was adrift
    lat_deg: NDArray[np.float64]
    stranded: NDArray[np.bool_]  # shape (moments, drifts)
    weight: NDArray[np.float64]  # adding up to 1; shape (drifts,)
    lost: NDArray[np.int64]  # which way it was; shape (drifts,)
    seen: NDArray[np.float64]  # shape (drifts,)

    def at(self, hour: float) -> int:
        """Number of the moment nearest to an hour."""
        return int(np.clip(round((hour - self.hours[0]) / STEP_H), 0, len(self.hours) - 1))

    def datum(self, moment: int) -> tuple[float, float]:
        """Mean place [degree] of those afloat, of all where none is."""
        w = np.where(self.stranded[moment], 0.0, self.weight)
        w = self.weight if w.sum() <= 0 else w
        east = np.radians(self.lon_deg[moment])
        lon = math.degrees(math.atan2(float(w @ np.sin(east)), float(w @ np.cos(east))))
        return lon, float(w @ self.lat_deg[moment] / w.sum())


def drift_of(lost: Sequence[Lost], wind: Flow, current: Flow, grid: SeaGrid, until_h: float, seed: int, drifts: int = 3_000) -> Drift:
    """Draw possible drifts.

    Parameters
    ----------
    lost
        Ways it may have been; drifts are shared out evenly and weighed.
    wind, current
        The wind at 10 m as where it blows to, the current as where it sets.
    grid
        Of the sea: a drift that meets land stays there.
    until_h
        Since planning begins.
    seed
        Of the draws: the same gives the same drifts.
    drifts
        How many.

    Returns
    -------
    The drifts.

    Limits
    ------
    Waves and tides are in the leeway and in the current that are given, or not at all. Errors of wind and current are the same everywhere for one
    drift and forget themselves after their memory; the leeway error of a drift stays. Not tried against drifters in the field.

    Source
    ------
    Breivik and Allen 2008, doi:10.1016/j.jmarsys.2007.02.010: an ensemble over leeway, wind, current and last known place, with jibing; leeway as
    speed and divergence angle after Allen and Plourde 1999 (see `leeway`).
    """
    rng = np.random.default_rng(seed)
    which = np.arange(drifts) % len(lost)
    first_h = min(x.from_h for x in lost)
    moments = max(1, math.ceil((until_h - first_h) / STEP_H - 1e-9)) + 1
    pick = lambda values: np.array(values, np.float64)[which]  # noqa: E731
    share = rng.uniform(0, 1, drifts)
    begin_h = pick([x.from_h for x in lost]) + share * pick([x.to_h - x.from_h for x in lost])
    east_deg = pick([(x.end[0] - x.place[0] + 180.0) % 360.0 - 180.0 for x in lost])
    error = pick([x.error_nm for x in lost]) * _NM_DEG
    on_lat = pick([x.place[1] for x in lost]) + share * pick([x.end[1] - x.place[1] for x in lost])
    on_lon = pick([x.place[0] for x in lost]) + share * east_deg
    lon, lat = on_lon.copy(), on_lat.copy()
    for _ in range(_TRIES):  # nobody was last known ashore: such draws are made anew
        again = on_land(grid, lon, lat) if _ else np.ones(drifts, np.bool_)
        lat = np.where(again, on_lat + rng.normal(0, 1, drifts) * error, lat)
        lon = np.where(again, on_lon + rng.normal(0, 1, drifts) * error / np.cos(np.radians(on_lat)), lon)
    again = on_land(grid, lon, lat)
    lon, lat = np.where(again, on_lon, lon), np.where(again, on_lat, lat)
    kinds = [BY_ID[x.object] for x in lost]
    slope, offset, off = (pick([getattr(k, name) for k in kinds]) for name in ("slope", "offset_kn", "off_deg"))
    leeway_error = pick([k.error_kn for k in kinds])[:, None] * PROBABLE_TO_SIGMA * rng.normal(0, 1, (drifts, 2))
    side = np.where(rng.uniform(0, 1, drifts) < 0.5, 1.0, -1.0)
    jibes = -np.expm1(-STEP_H * pick([x.jibes_per_h for x in lost]))
    total = np.array([x.weight for x in lost], np.float64)
    weight = (total / np.bincount(which, minlength=len(lost)))[which]
    hours = np.asarray(first_h + STEP_H * np.arange(moments), np.float64)
    noise = rng.standard_normal((moments, drifts, 4), np.float32)
    turns = rng.random((moments, drifts), np.float32) < jibes
    lons, lats, ashore = _drift(
        hours, lon, lat, begin_h, slope, offset, np.radians(off), leeway_error, side, turns, arrays(wind), wind.error_kn, wind.memory_h,
        arrays(current), current.error_kn, current.memory_h, grid.west_deg, grid.south_deg, grid.cell_deg, grid.land, noise,
    )  # fmt: skip
    seen = pick([x.seen for x in lost])
    return Drift(hours, (lons + 180.0) % 360.0 - 180.0, lats, ashore, weight / weight.sum(), which, seen)


@njit(cache=True, nogil=True)
def _drift(
    hours, lon, lat, begin, slope, offset, off, leeway_error, side, turns, wind, wind_error, wind_memory, current, current_error, current_memory,
    west, south, cell, land, noise,
):  # fmt: skip
    moments, n = hours.shape[0], lon.shape[0]
    lons, lats, ashore = np.empty((moments, n)), np.empty((moments, n)), np.zeros((moments, n), np.bool_)
    keep_wind, keep_current = math.exp(-STEP_H / wind_memory), math.exp(-STEP_H / current_memory)
    new_wind = math.sqrt(1.0 - keep_wind * keep_wind) * wind_error
    new_current = math.sqrt(1.0 - keep_current * keep_current) * current_error
    for k in range(n):
        x, y, s, stopped = lon[k], lat[k], side[k], False
        we, wn, ce, cn = noise[0, k, 0] * wind_error, noise[0, k, 1] * wind_error, noise[0, k, 2] * current_error, noise[0, k, 3] * current_error
        lons[0, k], lats[0, k] = x, y
        for m in range(1, moments):
            span = min(hours[m] - begin[k], STEP_H)
            if span > 0.0 and not stopped:
                at = hours[m] - span / 2
                u, v = flow_at(wind[0], wind[1], wind[2], wind[3], wind[4], at, x, y)
                u, v = u + we, v + wn
                cu, cv = flow_at(current[0], current[1], current[2], current[3], current[4], at, x, y)
                speed = math.hypot(u, v)
                leeway = max(0.0, slope[k] * speed + offset[k]) if speed > 0.0 else 0.0
                to = math.atan2(u, v) + s * off[k]
                east = cu + ce + leeway * math.sin(to) + leeway_error[k, 0]
                north = cv + cn + leeway * math.cos(to) + leeway_error[k, 1]
                y += north * span * _NM_DEG
                x += east * span * _NM_DEG / math.cos(math.radians(y))
                c, r = math.floor(((x - west) % 360.0) / cell), math.floor((y - south) / cell)
                if 0 <= r < land.shape[0] and 0 <= c < land.shape[1] and land[r, c]:
                    stopped = True
                if turns[m, k]:
                    s = -s
            we, wn = we * keep_wind + new_wind * noise[m, k, 0], wn * keep_wind + new_wind * noise[m, k, 1]
            ce, cn = ce * keep_current + new_current * noise[m, k, 2], cn * keep_current + new_current * noise[m, k, 3]
            lons[m, k], lats[m, k], ashore[m, k] = x, y, stopped
    return lons, lats, ashore
