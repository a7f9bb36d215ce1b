"""positions of one vessel and of others -> their closest approaches: where both ways are known at the same time, exact for straight, even motion."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from numba import njit
from numpy.typing import NDArray

from seaward.core.errors import ParameterError
from seaward.core.tables import AT
from seaward.core.units import EARTH_RADIUS_M, FIX_ERROR_M, KN_MPS, NM_M, US_PER_S
from seaward.picture.legs import Fixes

_A_M = 6_378_137.0  # WGS84, NIMA TR8350.2
_E2 = 0.0066943799901413165  # WGS84, first eccentricity squared, NIMA TR8350.2
_PIECE_M = 5_000.0  # ours: a chord of it runs half a metre below the surface
_EDGE_S = 1.0  # a second of the clock of a report
APPROACHES = pl.Schema({
    "vessel_id": pl.String, "other_id": pl.String, "mmsi": pl.UInt32, "other_mmsi": pl.UInt32, "at": AT, "distance_m": pl.Float64,
    "error_m": pl.Float64, "lon_deg": pl.Float64, "lat_deg": pl.Float64, "other_lon_deg": pl.Float64, "other_lat_deg": pl.Float64,
    "gap_s": pl.Float64, "other_gap_s": pl.Float64, "at_edge": pl.Boolean,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClosestParams:
    """What counts as an approach, and between which fixes a way is taken to be known."""

    within_nm: float = 2.0  # ours
    most_gap_s: float = 1_800.0  # ours: a ship at 12 knots sails 6 nm meanwhile

    def __post_init__(self) -> None:
        for name, value, low, high in (("within_nm", self.within_nm, 0.001, 100.0), ("most_gap_s", self.most_gap_s, 1.0, 21_600.0)):
            if not low <= value <= high:
                raise ParameterError(f"{name} is {value}; it must be from {low:g} to {high:g}")


def closest_approaches(own: pl.DataFrame, others: pl.DataFrame, params: ClosestParams) -> pl.DataFrame:
    """Closest points of approach.

    Parameters
    ----------
    own, others
        POSITIONS in any order; rows of `others` of a vessel of `own` are left out.
    params
        Limits.

    Returns
    -------
    APPROACHES, the nearest first: one row each time two vessels came within the distance, at the moment they were nearest. `error_m` bounds what may
    be wrong: two fixes (one sigma of 10 m each), and how far each vessel can have been off the straight way at no more than the speed it said or
    made good. `at_edge`: they were nearest where one way begins or ends, so that the real closest approach may lie outside of what is known.

    Limits
    ------
    Straight, even motion between fixes. Clocks of transponders that run wrong shift one vessel along its way.
    """
    a, b = _Legs.of(Fixes.of(own), params), _Legs.of(Fixes.of(others.filter(~pl.col("vessel_id").is_in(own["vessel_id"].unique().implode()))), params)
    parts = [_of_one(a, v, b, params) for v in range(len(a.fixes.names))]
    return pl.concat([APPROACHES.to_frame(), *parts]).sort("distance_m", "at", "vessel_id", "other_id")


@dataclass(frozen=True, slots=True)
class _Legs:
    """Pieces of legs, short enough that a chord is the way: where each begins and ends, in time [s] and space [m]; and the fix of its leg."""

    fixes: Fixes
    fix: NDArray[np.int64]
    first: NDArray[np.int64]  # of each vessel's pieces, and the end
    t0: NDArray[np.float64]
    t1: NDArray[np.float64]
    p0: NDArray[np.float64]
    p1: NDArray[np.float64]

    @staticmethod
    def of(fixes: Fixes, params: ClosestParams) -> _Legs:
        leg = fixes.legs(round(params.most_gap_s * US_PER_S))
        place = earth_fixed_m(fixes.lon_deg, fixes.lat_deg)
        length = np.linalg.norm(place[leg + 1] - place[leg], axis=1)
        pieces = np.maximum(1, np.ceil(length / _PIECE_M)).astype(np.int64)
        fix = np.repeat(leg, pieces)
        k = np.arange(len(fix)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        n = np.repeat(pieces, pieces)
        t, dt = fixes.t_us[fix] / US_PER_S, (fixes.t_us[fix + 1] - fixes.t_us[fix]) / US_PER_S
        ends = [_on_surface(place[fix] + (place[fix + 1] - place[fix]) * (part / n)[:, None]) for part in (k, k + 1)]
        first = np.searchsorted(fixes.vessel[fix], np.arange(len(fixes.names) + 1))
        return _Legs(fixes, fix, first, t + dt * k / n, t + dt * (k + 1) / n, *ends)


def _of_one(a: _Legs, vessel: int, b: _Legs, params: ClosestParams) -> pl.DataFrame:
    mine = slice(a.first[vessel], a.first[vessel + 1])
    within = 2 * EARTH_RADIUS_M * math.sin(params.within_nm * NM_M / (2 * EARTH_RADIUS_M))
    i, j, t, edge = _approaches(a.t0[mine], a.t1[mine], a.p0[mine], a.p1[mine], b.first, b.t0, b.t1, b.p0, b.p1, within)
    i += a.first[vessel]
    one, other = _at(a, i, t), _at(b, j, t)
    apart = np.linalg.norm(one - other, axis=1)
    lon, lat = _degrees(one)
    other_lon, other_lat = _degrees(other)
    off = [_off_way_m(legs.fixes, legs.fix[k], t) for legs, k in ((a, i), (b, j))]
    whose = b.fixes.vessel[b.fix[j]]
    gaps = [(legs.fixes.t_us[legs.fix[k] + 1] - legs.fixes.t_us[legs.fix[k]]) / US_PER_S for legs, k in ((a, i), (b, j))]
    return pl.DataFrame({
        "vessel_id": [a.fixes.names[vessel]] * len(t), "other_id": [b.fixes.names[v] for v in whose], "mmsi": np.full(len(t), a.fixes.mmsis[vessel]),
        "other_mmsi": b.fixes.mmsis[whose], "at": pl.Series(np.rint(t * US_PER_S).astype(np.int64), dtype=pl.Int64).cast(AT),
        "distance_m": 2 * EARTH_RADIUS_M * np.arcsin(apart / (2 * EARTH_RADIUS_M)), "error_m": math.sqrt(2) * FIX_ERROR_M + off[0] + off[1],
        "lon_deg": lon, "lat_deg": lat, "other_lon_deg": other_lon, "other_lat_deg": other_lat, "gap_s": gaps[0], "other_gap_s": gaps[1],
        "at_edge": edge,
    }, schema=APPROACHES)  # fmt: skip


@njit(cache=True, nogil=True)
def _approaches(at0, at1, a0, a1, first, bt0, bt1, b0, b1, within):
    """Number of the piece of either, moment and whether at the edge of what is known, of each approach."""
    found_i, found_j = np.empty(64, np.int64), np.empty(64, np.int64)
    found_t, found_edge = np.empty(64), np.empty(64, np.bool_)
    n = 0
    for v in range(first.shape[0] - 1):
        open_, until, best, edge = False, -np.inf, np.inf, False
        for j in range(first[v], first[v + 1]):
            i = np.searchsorted(at1, bt0[j], side="right")
            while i < at0.shape[0] and at0[i] < bt1[j]:
                begin, end = max(at0[i], bt0[j]), min(at1[i], bt1[j])
                square, slope, bend, last = 0.0, 0.0, 0.0, 0.0
                for c in range(3):
                    va, vb = (a1[i, c] - a0[i, c]) / (at1[i] - at0[i]), (b1[j, c] - b0[j, c]) / (bt1[j] - bt0[j])
                    r0 = a0[i, c] + va * (begin - at0[i]) - b0[j, c] - vb * (begin - bt0[j])
                    dr = (va - vb) * (end - begin)
                    square += r0 * r0
                    slope += r0 * dr
                    bend += dr * dr
                    last += (r0 + dr) * (r0 + dr)
                share = min(1.0, max(0.0, -slope / bend)) if bend > 0.0 else 0.0
                d = math.sqrt(max(0.0, square + share * (2.0 * slope + share * bend)))
                if begin > until + 1e-6:  # a way was not known between
                    if open_ and found_t[n - 1] >= until - _EDGE_S:
                        found_edge[n - 1] = True
                    open_ = False
                    edge = share * (end - begin) <= _EDGE_S
                else:
                    edge = False
                if d <= within:
                    if not open_:
                        if n == found_t.shape[0]:
                            found_i, found_j = np.concatenate((found_i, found_i)), np.concatenate((found_j, found_j))
                            found_t, found_edge = np.concatenate((found_t, found_t)), np.concatenate((found_edge, found_edge))
                        n += 1
                        open_, best = True, np.inf
                    if d < best:
                        best = d
                        found_i[n - 1], found_j[n - 1], found_t[n - 1], found_edge[n - 1] = i, j, begin + share * (end - begin), edge
                open_ = open_ and math.sqrt(last) <= within
                until = end
                i += 1
        if open_ and found_t[n - 1] >= until - _EDGE_S:
            found_edge[n - 1] = True
    return found_i[:n].copy(), found_j[:n].copy(), found_t[:n].copy(), found_edge[:n].copy()


def earth_fixed_m(lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places on the WGS84 ellipsoid as earth-centred, earth-fixed coordinates [m], shape (n, 3): there is no edge at 180 degrees and at the poles."""
    lon, lat = np.radians(lon_deg), np.radians(lat_deg)
    normal = _A_M / np.sqrt(1.0 - _E2 * np.sin(lat) ** 2)
    return np.stack([normal * np.cos(lat) * np.cos(lon), normal * np.cos(lat) * np.sin(lon), normal * (1.0 - _E2) * np.sin(lat)], -1)


def _on_surface(place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points a little below the ellipsoid, brought up to it."""
    scale = np.sqrt((place[:, 0] ** 2 + place[:, 1] ** 2) / _A_M**2 + place[:, 2] ** 2 / (_A_M**2 * (1.0 - _E2)))
    return place / scale[:, None]


def _degrees(place: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude of points on the ellipsoid [degree]."""
    x, y, z = place.T
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, (1.0 - _E2) * np.hypot(x, y)))


def _at(legs: _Legs, piece: NDArray[np.int64], t: NDArray[np.float64]) -> NDArray[np.float64]:
    share = (t - legs.t0[piece]) / (legs.t1[piece] - legs.t0[piece])
    return legs.p0[piece] + (legs.p1[piece] - legs.p0[piece]) * share[:, None]


def _off_way_m(fixes: Fixes, fix: NDArray[np.int64], t: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far a vessel can have been off the straight way, at no more than the speed it said at either end, or made good [m].

    It is within the ellipse whose foci are the fixes, and no farther than it sails from the nearer of them, while the straight way goes on too.
    """
    dt = (fixes.t_us[fix + 1] - fixes.t_us[fix]) / US_PER_S
    ends = [earth_fixed_m(fixes.lon_deg[k], fixes.lat_deg[k]) for k in (fix, fix + 1)]
    made_m = np.linalg.norm(ends[1] - ends[0], axis=1)
    said = np.fmax(np.nan_to_num(fixes.sog_kn[fix]), np.nan_to_num(fixes.sog_kn[fix + 1])) * KN_MPS
    speed = np.maximum(said, made_m / dt)
    near_s = np.minimum(t - fixes.t_us[fix] / US_PER_S, fixes.t_us[fix + 1] / US_PER_S - t)
    aside = 0.5 * np.sqrt(np.maximum(0.0, (speed * dt) ** 2 - made_m**2))
    along = np.maximum(0.0, speed * dt - made_m) * (1.0 - near_s / dt)
    return np.minimum(np.hypot(aside, along), np.maximum(0.0, near_s) * (speed + made_m / dt))
