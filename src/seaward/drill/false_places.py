"""Where a receiver says it is while it is deceived: compiled, for the transmitters; the truth is untouched."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.core.geodesy import distance_m
from seaward.core.units import DEG_M, KN_MPS
from seaward.drill.hulls import F64, I64, FalsePlace
from seaward.drill.scenario import FALSE_PATTERNS

OFFSET, CIRCLE, JUMP = (FALSE_PATTERNS.index(p) for p in ("offset", "circle", "jump"))
CIRCLE_KN = 15.0  # at which those deceived seem to go round; ours


class Deceptions(NamedTuple):
    """False places by hull (rows first[h] to first[h + 1]); those of everyone within a circle are the rows from first[n] on."""

    first: I64
    from_ms: I64
    to_ms: I64
    pattern: NDArray[np.uint8]
    lon_deg: F64
    lat_deg: F64
    radius_m: F64
    east_m: F64
    north_m: F64
    around_lon_deg: F64
    around_lat_deg: F64
    within_m: F64


def deceptions(false_places: tuple[FalsePlace, ...], n: int) -> Deceptions:
    """As arrays, for `n` hulls. A circle or jump without a place is round the middle of the interference."""
    rows = sorted(false_places, key=lambda f: (n if f.hull < 0 else f.hull, f.from_ms, f.to_ms))
    owner = np.array([n if f.hull < 0 else f.hull for f in rows], np.int64)
    around = np.array([f.around_deg for f in rows], np.float64).reshape(-1, 2)
    place = np.array([(f.lon_deg, f.lat_deg) for f in rows], np.float64).reshape(-1, 2)
    place = np.where(np.isnan(place), around, place)

    def numbers(name: str, dtype: type) -> NDArray:
        return np.array([getattr(f, name) for f in rows], dtype)

    return Deceptions(
        np.searchsorted(owner, np.arange(n + 1)), numbers("from_ms", np.int64), numbers("to_ms", np.int64),
        np.array([FALSE_PATTERNS.index(f.pattern) for f in rows], np.uint8), place[:, 0].copy(), place[:, 1].copy(),
        numbers("radius_m", np.float64), numbers("east_m", np.float64), numbers("north_m", np.float64), around[:, 0].copy(), around[:, 1].copy(),
        numbers("within_m", np.float64),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def deception_of(d, hull, at_ms, lon_deg, lat_deg):
    """The row that deceives a hull at a moment, -1 if none: one of its own before interference around it; `hull` -1 for interference only."""
    n = len(d.first) - 1
    if hull >= 0:
        for k in range(d.first[hull], d.first[hull + 1]):
            if d.from_ms[k] <= at_ms < d.to_ms[k]:
                return k
    for k in range(d.first[n], len(d.from_ms)):
        away_m = distance_m(lon_deg, lat_deg, d.around_lon_deg[k], d.around_lat_deg[k])
        if d.from_ms[k] <= at_ms < d.to_ms[k] and away_m <= d.within_m[k]:
            return k
    return -1


@njit(cache=True, nogil=True)
def said_motion(d, k, at_ms, share, lon_deg, lat_deg, sog_kn, cog_deg):
    """What is said by one deceived by row `k`: lon_deg, lat_deg, sog_kn, cog_deg. `share`, from 0 to 1, is where on a circle it began."""
    if d.pattern[k] == OFFSET:
        east_deg = d.east_m[k] / (DEG_M * max(0.01, math.cos(math.radians(lat_deg))))
        return lon_deg + east_deg, lat_deg + d.north_m[k] / DEG_M, sog_kn, cog_deg
    lon, lat = d.lon_deg[k], d.lat_deg[k]
    if math.isnan(lon):
        return lon_deg, lat_deg, sog_kn, cog_deg
    if d.pattern[k] == JUMP or d.radius_m[k] <= 0.0:
        return lon, lat, 0.0, cog_deg
    radius = d.radius_m[k]
    bearing = 2.0 * math.pi * share + CIRCLE_KN * KN_MPS * (at_ms - d.from_ms[k]) / 1000.0 / radius  # clockwise
    lon += radius * math.sin(bearing) / (DEG_M * max(0.01, math.cos(math.radians(lat))))
    return lon, lat + radius * math.cos(bearing) / DEG_M, CIRCLE_KN, (math.degrees(bearing) + 90.0) % 360.0
