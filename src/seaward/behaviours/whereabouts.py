"""Tracks, moments -> where each vessel was then and how well that is known: between fixes, after the last and before the first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.behaviours.columns import Columns
from seaward.core.geodesy import distance_m, wrap_deg
from seaward.core.units import DEG_M, FIX_ERROR_M, US_PER_S, kn_to_mps

TAIL_TIMES, TAIL_SHARE = 3.0, 0.1  # one vessel in ten turns or stops against expectation: three times the uncertainty; ours
_GATE = 3.0 * TAIL_TIMES  # sigmas beyond which a vessel was not there
_STILL_MPS = kn_to_mps(0.5)  # a vessel at rest may have got under way so fast as this on average; ours
_UNKNOWN_MPS = kn_to_mps(8.0)  # speed of a vessel of which none is known: as a fishing vessel on its way; ours


@dataclass(frozen=True, slots=True)
class Nearby:
    """Vessels that could have been at a place at a moment, one row each."""

    moment: NDArray[np.int64]
    vessel: NDArray[np.int64]
    before: NDArray[np.int64]  # row of the fix before, or -1
    after: NDArray[np.int64]  # row of the fix after, or -1
    distance_m: NDArray[np.float64]  # from the place to where the vessel is thought to have been
    sigma_m: NDArray[np.float64]  # of that distance along each axis
    silent_s: NDArray[np.float64]  # to the nearest fix in time


def nearby(
    c: Columns, at_us: NDArray[np.int64], lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64], sigma_m: NDArray[np.float64],
    max_silence_s: float, spread: float, turn_s: float,
) -> Nearby:  # fmt: skip
    """Find which vessels could have been at each of some places and moments.

    Parameters
    ----------
    c
        Tracks.
    at_us, lon_deg, lat_deg, sigma_m
        Moments [microseconds since 1970 UTC], ascending; places [degree] and their error [m], shape (n,).
    max_silence_s
        A vessel with no fix within this of the moment is nowhere [s].
    spread, turn_s
        A vessel's velocity strays by `spread` of its speed, and has forgotten what it was after some `turn_s` [s].

    Limits
    ------
    Ways are straight on the chart; islands are no obstacle. Within a degree of the poles longitudes are too coarse for it.

    Source
    ------
    Integrated Ornstein-Uhlenbeck motion with known first velocity (Millefiori et al. 2016, IEEE Trans. Aerosp. Electron. Syst.); between two fixes
    with the time of a Brownian bridge (Horne et al. 2007, doi:10.1890/06-0957.1). The numbers are ours.
    """
    ids, facts = _nearby(
        c.first, c.at_us, c.lon_deg, c.lat_deg, c.float32("sog_kn"), c.float32("cog_deg"), at_us, lon_deg, lat_deg, sigma_m,
        int(max_silence_s * US_PER_S), spread, turn_s,
    )  # fmt: skip
    return Nearby(ids[:, 0], ids[:, 1], ids[:, 2], ids[:, 3], facts[:, 0], facts[:, 1], facts[:, 2])


@njit(cache=True, nogil=True)
def strayed_m(time_s, speed_mps, spread, turn_s):
    """One sigma of how far a vessel is from where it was headed for [m]."""
    u = time_s / turn_s
    grown = 2.0 / 3.0 * u**3 if u < 1e-2 else 2.0 * u - 3.0 + 4.0 * np.exp(-u) - np.exp(-2.0 * u)  # for small u the sum loses its digits
    return spread * speed_mps * turn_s * np.sqrt(max(0.0, grown))


@njit(cache=True, nogil=True)
def _velocity(k, other, at, lon, lat, sog, cog):
    """East and north [m/s], and speed to reckon with, at fix k; by what it said, or by the way to fix `other` (k: there is none)."""
    if not np.isnan(sog[k]) and (not np.isnan(cog[k]) or sog[k] < 0.5):
        v = sog[k] * 1852.0 / 3600.0
        angle = 0.0 if np.isnan(cog[k]) else np.radians(cog[k])
        return v * np.sin(angle), v * np.cos(angle), v
    time_s = (at[k] - at[other]) / 1e6
    if other == k or time_s == 0.0 or abs(time_s) > 7200.0:
        return 0.0, 0.0, _UNKNOWN_MPS
    way = DEG_M / time_s
    east = wrap_deg(lon[k] - lon[other]) * np.cos(np.radians(lat[k])) * way
    north = (lat[k] - lat[other]) * way
    return east, north, np.hypot(east, north)


@njit(cache=True, nogil=True)
def _nearby(first, at, lon, lat, sog, cog, t_at, t_lon, t_lat, t_sigma, max_silence, spread, turn_s):
    n, room = 0, 64
    ids, facts = np.empty((room, 4), np.int64), np.empty((room, 3))
    m_deg = 1.0 / DEG_M
    for v in range(first.shape[0] - 1):
        a, b = first[v], first[v + 1]
        k = a  # last fix not after the moment, once there is one
        for d in range(np.searchsorted(t_at, at[a] - max_silence), np.searchsorted(t_at, at[b - 1] + max_silence, "right")):
            t = t_at[d]
            while k + 1 < b and at[k + 1] <= t:
                k += 1
            before = k if at[k] <= t and t - at[k] <= max_silence else -1
            after = k + 1 if at[k] <= t else k
            if after >= b or at[after] - t > max_silence:
                after = -1
            if before < 0 and after < 0:
                continue
            if before >= 0 and after >= 0:
                whole, passed = (at[after] - at[before]) / 1e6, (t - at[before]) / 1e6
                part = passed / whole
                x = lon[before] + wrap_deg(lon[after] - lon[before]) * part
                y = lat[before] + (lat[after] - lat[before]) * part
                speed = distance_m(lon[before], lat[before], lon[after], lat[after]) / whole
                for f in (before, after):
                    if not np.isnan(sog[f]):
                        speed = max(speed, sog[f] * 1852.0 / 3600.0)
                time_s, silent_s = passed * (1.0 - part), min(passed, whole - passed)
            else:
                f = before if before >= 0 else after
                other = max(a, f - 1) if before >= 0 else min(b - 1, f + 1)
                east, north, speed = _velocity(f, other, at, lon, lat, sog, cog)
                passed = (t - at[f]) / 1e6
                y = min(90.0, max(-90.0, lat[f] + north * passed * m_deg))
                x = lon[f] + east * passed * m_deg / max(0.01, np.cos(np.radians(0.5 * (y + lat[f]))))
                time_s = silent_s = abs(passed)
            sigma = np.sqrt(strayed_m(time_s, max(speed, _STILL_MPS), spread, turn_s) ** 2 + FIX_ERROR_M**2 + t_sigma[d] ** 2)
            off = distance_m(x, y, t_lon[d], t_lat[d])
            if not off <= _GATE * sigma:
                continue
            if n == room:
                room *= 2
                more_ids, more_facts = np.empty((room, 4), np.int64), np.empty((room, 3))
                more_ids[:n], more_facts[:n] = ids, facts
                ids, facts = more_ids, more_facts
            ids[n, 0], ids[n, 1], ids[n, 2], ids[n, 3] = d, v, before, after
            facts[n, 0], facts[n, 1], facts[n, 2] = off, sigma, silent_s
            n += 1
    return ids[:n].copy(), facts[:n].copy()
