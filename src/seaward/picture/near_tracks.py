"""Tracks of partners, tracks of our own -> the pairs that could be one vessel, few of all, and how dense the partners' vessels lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.spatial import KDTree

from seaward.core.units import EARTH_RADIUS_M, US_PER_S
from seaward.picture.same_track import where

_SLOT_US = 600 * US_PER_S  # moments closer than this are looked for together
_MOST = 48  # vessels of ours that one fix is held against, and fixes for one of ours that is silent; ours
_CLOSE_M = 10_000.0  # our vessels known better than this are looked for around the fixes, the others look for fixes; ours
_LEAST_DENSITY = 1e-10  # vessels of a partner that we do not see: one in 10,000 km2; ours
_UNSEEN_SHARE = 0.5  # of what a partner sees; ours
_NEIGHBOURS = 5


@dataclass(frozen=True, slots=True)
class Theirs:
    """Fixes of partners: track t has rows `first[t]` up to `first[t + 1]`; `error_m` without the grid, `cell_m` 0 where there is none."""

    names: list[tuple[str, str]]
    first: NDArray[np.int64]
    at_us: NDArray[np.int64]
    step_us: NDArray[np.int64]
    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]
    error_m: NDArray[np.float64]
    cell_m: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Own:
    """Fixes of our own: vessel v has rows `first[v]` up to `first[v + 1]`; unknown is not-a-number."""

    names: list[str]
    mmsi: list[int]
    first: NDArray[np.int64]
    at_us: NDArray[np.int64]
    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]
    sog_kn: NDArray[np.float64]
    cog_deg: NDArray[np.float64]


def near_tracks(theirs: Theirs, own: Own, free: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of tracks that were near each other at the last or the first moment known of the partner's.

    Parameters
    ----------
    theirs, own
        Tracks.
    free
        Which of theirs are asked about, shape (tracks,).

    Returns
    -------
    track, vessel
        Shape (n,), each pair perhaps twice.
    """
    asked = np.flatnonzero(free)
    rows = np.concatenate([theirs.first[1:][asked] - 1, theirs.first[:-1][asked]])
    tracks = np.concatenate([asked, asked])
    slot = (theirs.at_us[rows] + theirs.step_us[rows] // 2) // _SLOT_US
    found: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for s in np.unique(slot):
        here = rows[slot == s]
        where_ = all_where(int(s) * _SLOT_US + _SLOT_US // 2, own)
        known = np.flatnonzero(where_[:, 2] >= 0)
        if len(known):
            a, b = _near_at(theirs, here, where_[known])
            found.append((tracks[slot == s][a], known[b]))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])


def _near_at(theirs: Theirs, rows: NDArray[np.int64], where_: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Fixes and vessels, by their place in the inputs, that are near each other at one moment."""
    reach = 5.0 * where_[:, 2] + where_[:, 3] * (_SLOT_US / US_PER_S)
    spread = 0.8 * theirs.cell_m[rows] + 5.0 * theirs.error_m[rows] + 15.0 * theirs.step_us[rows] / US_PER_S
    fixes, vessels = on_sphere(theirs.lon_deg[rows], theirs.lat_deg[rows]), on_sphere(where_[:, 0], where_[:, 1])
    close = np.flatnonzero(reach <= _CLOSE_M)
    pairs: list[tuple[NDArray[Any], NDArray[Any]]] = []
    if len(close):
        off, which = KDTree(vessels[close]).query(fixes, k=_MOST, distance_upper_bound=(float(spread.max()) + _CLOSE_M) / EARTH_RADIUS_M)
        fix = np.repeat(np.arange(len(rows)), _MOST)
        off, which = np.ravel(off), np.ravel(which)
        ok = np.isfinite(off)
        fix, which, off = fix[ok], close[which[ok]], off[ok]
        near = off * EARTH_RADIUS_M <= spread[fix] + reach[which]
        pairs.append((fix[near], which[near]))
    far = np.flatnonzero(reach > _CLOSE_M)
    if len(far):
        most = float((reach[far]).max() + spread.max())
        off, which = KDTree(fixes).query(vessels[far], k=_MOST, distance_upper_bound=most / EARTH_RADIUS_M)
        vessel = np.repeat(far, _MOST)
        off, which = np.ravel(off), np.ravel(which)
        ok = np.isfinite(off)
        vessel, which, off = vessel[ok], which[ok], off[ok]
        near = off * EARTH_RADIUS_M <= spread[which] + reach[vessel]
        pairs.append((which[near], vessel[near]))
    if not pairs:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])


def unseen_density(theirs: Theirs) -> NDArray[np.float64]:
    """Vessels of a partner that we do not see around each of its tracks [per m2], by how close its nearest others are; shape (tracks,)."""
    last = theirs.first[1:] - 1
    places = on_sphere(theirs.lon_deg[last], theirs.lat_deg[last])
    origin = np.array([o for o, _ in theirs.names])
    out = np.full(len(last), _LEAST_DENSITY)
    for partner in sorted(set(origin.tolist())):
        mine = np.flatnonzero(origin == partner)
        k = min(_NEIGHBOURS, len(mine) - 1)
        if k < 1:
            continue
        off = KDTree(places[mine]).query(places[mine], k=k + 1)[0][:, -1] * EARTH_RADIUS_M
        radius = np.maximum(off, np.maximum(500.0, 0.6 * theirs.cell_m[last[mine]]))
        out[mine] = np.maximum(_LEAST_DENSITY, _UNSEEN_SHARE * (k + 1) / (np.pi * radius**2))
    return out


def on_sphere(lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places as points of the unit sphere, shape (n, 3)."""
    lon, lat = np.radians(lon_deg), np.radians(lat_deg)
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def all_where(at_us: int, own: Own) -> NDArray[np.float64]:
    """Longitude, latitude [degree], sigma [m] (below 0: nowhere) and speed [m/s] of all our vessels at a moment, shape (vessels, 4)."""
    return _all_where(at_us, own.first, own.at_us, own.lon_deg, own.lat_deg, own.sog_kn, own.cog_deg)


@njit(cache=True, nogil=True)
def _all_where(t, first, at, lon, lat, sog, cog):
    out = np.empty((len(first) - 1, 4))
    for v in range(len(first) - 1):
        x, y, sigma, _, speed, _ = where(v, t, first, at, lon, lat, sog, cog)
        out[v, 0], out[v, 1], out[v, 2], out[v, 3] = x, y, sigma, speed
    return out
