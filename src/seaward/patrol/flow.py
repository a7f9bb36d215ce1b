"""Wind or current at moments and places -> its velocity anywhere between them; and how wrong it may be, for how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from seaward.core.errors import ParameterError


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """Velocity to the east and to the north [kn] on a grid; one moment or one place stands for all."""

    hours: NDArray[np.float64]  # since planning begins, rising; shape (times,)
    lon_deg: NDArray[np.float64]  # rising; shape (columns,)
    lat_deg: NDArray[np.float64]  # rising; shape (rows,)
    east_kn: NDArray[np.float64]  # shape (times, rows, columns)
    north_kn: NDArray[np.float64]
    error_kn: float  # one sigma along each axis
    memory_h: float  # time after which the error is another


def steady(speed_kn: float, to_deg: float, error_kn: float, memory_h: float) -> Flow:
    """The same everywhere and always; `to_deg` is where it goes."""
    return by_time([0.0], [speed_kn], [to_deg], error_kn, memory_h)


def by_time(hours: ArrayLike, speed_kn: ArrayLike, to_deg: ArrayLike, error_kn: float, memory_h: float) -> Flow:
    """The same everywhere, changing with time; before the first moment as at the first, after the last as at the last."""
    at = np.asarray(hours, np.float64)
    speed, to = np.asarray(speed_kn, np.float64), np.radians(np.asarray(to_deg, np.float64))
    order = np.argsort(at, kind="stable")
    if len(np.unique(at)) < len(at):
        raise ParameterError("a moment is named twice; give each moment once")
    east, north = (np.asarray(v[order], np.float64).reshape(-1, 1, 1) for v in (speed * np.sin(to), speed * np.cos(to)))
    return Flow(at[order], np.zeros(1), np.zeros(1), east, north, error_kn, memory_h)


def on_grid(
    hours: ArrayLike, lon_deg: ArrayLike, lat_deg: ArrayLike, east_kn: ArrayLike, north_kn: ArrayLike, error_kn: float, memory_h: float
) -> Flow:
    """Of rows (moment, place, velocity) that make a full grid, in any order.

    Raises
    ------
    ParameterError
        If a corner of the grid is missing, named twice, or not a number.
    """
    t, x, y, u, v = (np.asarray(a, np.float64) for a in (hours, lon_deg, lat_deg, east_kn, north_kn))
    if not len(t) or not all(np.isfinite(a).all() for a in (t, x, y, u, v)):
        raise ParameterError("expected numbers in every row, and at least one row")
    (ts, it), (xs, ix), (ys, iy) = (np.unique(a, return_inverse=True) for a in (t, x, y))
    shape = (len(ts), len(ys), len(xs))
    place = np.ravel_multi_index((it, iy, ix), shape)
    if len(np.unique(place)) != len(place) or len(place) != np.prod(shape):
        raise ParameterError(
            f"expected one row for each of {len(ts)} moments x {len(ys)} latitudes x {len(xs)} longitudes, got {len(place)}; fill the gaps"
        )
    east, north = np.empty(shape), np.empty(shape)
    east.flat[place], north.flat[place] = u, v
    return Flow(ts, xs, ys, east, north, error_kn, memory_h)


def arrays(flow: Flow) -> tuple[NDArray[np.float64], ...]:
    """Its grid as compiled loops take it."""
    return flow.hours, flow.lon_deg, flow.lat_deg, flow.east_kn, flow.north_kn


@njit(cache=True, nogil=True)
def _between(axis, value):
    """Number of the entry before a value, and how far it is on the way to the next; at the edges as at the edge."""
    n = axis.shape[0]
    if n == 1 or value <= axis[0]:
        return 0, 0.0
    if value >= axis[n - 1]:
        return n - 2, 1.0
    k = np.searchsorted(axis, value, side="right") - 1
    return k, (value - axis[k]) / (axis[k + 1] - axis[k])


@njit(cache=True, nogil=True)
def flow_at(hours, lons, lats, east, north, hour, lon, lat):
    """Velocity [kn] at a moment and place, linear between those known; for compiled loops."""
    if lons.shape[0] > 1:  # longitudes are counted on from the first
        lon = lons[0] + (lon - lons[0] + 180.0) % 360.0 - 180.0 if lon - lons[0] < -180.0 or lon - lons[0] > 180.0 else lon
    t, ft = _between(hours, hour)
    r, fr = _between(lats, lat)
    c, fc = _between(lons, lon)
    u, v = 0.0, 0.0
    for dt in range(2 if ft > 0.0 else 1):
        for dr in range(2 if fr > 0.0 else 1):
            for dc in range(2 if fc > 0.0 else 1):
                share = (ft if dt else 1.0 - ft) * (fr if dr else 1.0 - fr) * (fc if dc else 1.0 - fc)
                u += share * east[t + dt, r + dr, c + dc]
                v += share * north[t + dt, r + dr, c + dc]
    return u, v
