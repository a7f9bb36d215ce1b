"""A vessel's track -> where it is thought to be away from its fixes, how far it strays from there, and what its own track teaches about that."""

from __future__ import annotations

import numpy as np
from numba import njit

from seaward.core.geodesy import distance_m, wrap_deg
from seaward.core.units import DEG_M, FIX_ERROR_M, HOUR_S, US_PER_S, kn_to_mps

RUNGS = 8  # durations for which straying is learned, each twice the one before: 10 minutes to 21 hours
_RUNG_US = 600 * US_PER_S
_SLACK = 1.5  # a stretch stands for a duration if it is so long or up to half as long again
_PRIOR, _CARRIED = 1.0, 2.0  # stretches that the published motion, and at most those of the next shorter duration, are worth beside one's own; ours
_STILL_MPS = kn_to_mps(0.5)  # a vessel at rest may have got under way so fast as this on average; ours
_UNKNOWN_MPS = kn_to_mps(8.0)  # speed of a vessel of which none is known: as a fishing vessel on its way; ours
_OLD_US = 7_200 * US_PER_S  # fixes further apart say no velocity; ours
LEARN_S = 24 * HOUR_S  # of track before the moment from which straying is learned: half the lookback, so that a live watch learns the same


@njit(cache=True, nogil=True)
def strayed_m(time_s, speed_mps, spread, turn_s):
    """One sigma of how far a vessel is from where it was headed for [m]."""
    u = time_s / turn_s
    grown = 2.0 / 3.0 * u**3 if u < 1e-2 else 2.0 * u - 3.0 + 4.0 * np.exp(-u) - np.exp(-2.0 * u)  # for small u the sum loses its digits
    return spread * max(speed_mps, _STILL_MPS) * turn_s * np.sqrt(max(0.0, grown))


@njit(cache=True, nogil=True)
def between(i, j, t, at, lon, lat, sog):
    """Longitude and latitude [degree] at t [us] on the straight way between two fixes, time to stray for [s], speed to reckon with [m/s]."""
    whole = (at[j] - at[i]) / 1e6
    part = (t - at[i]) / 1e6 / whole
    speed = distance_m(lon[i], lat[i], lon[j], lat[j]) / whole
    for f in (i, j):
        if not np.isnan(sog[f]):
            speed = max(speed, sog[f] * 1852.0 / 3600.0)
    return lon[i] + wrap_deg(lon[j] - lon[i]) * part, lat[i] + (lat[j] - lat[i]) * part, whole * part * (1.0 - part), speed


@njit(cache=True, nogil=True)
def reckoned(f, other, t, at, lon, lat, sog, cog):
    """As `between`, by the velocity at fix f alone: what it said, or the way to fix `other` (f: there is none)."""
    time_s = (t - at[f]) / 1e6
    east, north, speed = 0.0, 0.0, _UNKNOWN_MPS
    if not np.isnan(sog[f]) and (not np.isnan(cog[f]) or sog[f] < 0.5):
        speed = sog[f] * 1852.0 / 3600.0
        angle = 0.0 if np.isnan(cog[f]) else np.radians(cog[f])
        east, north = speed * np.sin(angle), speed * np.cos(angle)
    elif other != f and at[f] != at[other] and abs(at[f] - at[other]) <= _OLD_US:
        way = DEG_M / ((at[f] - at[other]) / 1e6)
        east = wrap_deg(lon[f] - lon[other]) * np.cos(np.radians(lat[f])) * way
        north = (lat[f] - lat[other]) * way
        speed = np.hypot(east, north)
    y = min(90.0, max(-90.0, lat[f] + north * time_s / DEG_M))
    x = lon[f] + east * time_s / DEG_M / max(0.01, np.cos(np.radians(0.5 * (y + lat[f]))))
    return x, y, abs(time_s), speed


@njit(cache=True, nogil=True)
def rung_of(time_us):
    """The duration learned of that is nearest to this one."""
    return min(RUNGS - 1, max(0, int(np.rint(np.log2(max(1.0, time_us / _RUNG_US / np.sqrt(_SLACK)))))))


@njit(cache=True, nogil=True)
def pace_mps(a, b, at, lon, lat):
    """Root mean square speed over ground from fix a to b (excluded), by ways of ten minutes and more [m/s]."""
    way, spent, i = 0.0, 0.0, a
    while i < b - 1:
        j = i + max(1, np.searchsorted(at[i:b], at[i] + _RUNG_US))
        if j >= b:
            break
        time_s = (at[j] - at[i]) / 1e6
        if 0.0 < time_s <= _OLD_US / 1e6:
            way += distance_m(lon[i], lat[i], lon[j], lat[j]) ** 2 / time_s
            spent += time_s
        i = j
    return np.sqrt(way / spent) if spent > 0.0 else 0.0


@njit(cache=True, nogil=True)
def learn(a, b, at, lon, lat, sog, cog, spread, turn_s, out):
    """Fill `out` with how a vessel strays, from its fixes a to b (excluded): (between or reckoned, rung, (weight, sum)), shape (2, RUNGS, 2).

    Each stretch of its track is hidden in turn, and the vessel looked for in it as if only its ends (or its beginning) were known. The square of how
    far off that was over the square of what `strayed_m` expects is exponential with a mean that is the vessel's own. Of the mean an inverse gamma
    distribution is held: `sum / weight` is the mean expected, and a vessel is where a Student distribution of 2 `weight` degrees of freedom says.
    Stretches of one duration do not overlap. What the next shorter duration taught counts, but no more than `_CARRIED` stretches.
    """
    pace = pace_mps(a, b, at, lon, lat)
    for way in range(2):
        weight, total = 0.0, 0.0
        for rung in range(RUNGS):
            scale = 0.0 if weight == 0.0 else min(1.0, _CARRIED / weight)
            weight, total = _PRIOR + weight * scale, _PRIOR + total * scale
            least = _RUNG_US << rung
            i = a
            while i < b - 1 and at[b - 1] - at[i] >= least:
                j = i + np.searchsorted(at[i:b], at[i] + least)
                if at[j] - at[i] < least * _SLACK:
                    m = j
                    if way == 0:
                        middle = (at[i] + at[j]) // 2
                        m = i + np.searchsorted(at[i:b], middle)
                        m = m - 1 if middle - at[m - 1] < at[m] - middle else m
                    part = (at[m] - at[i]) / (at[j] - at[i])
                    if way == 1 or 0.25 <= part <= 0.75:
                        if way == 0:
                            x, y, time_s, speed = between(i, j, at[m], at, lon, lat, sog)
                        else:
                            x, y, time_s, speed = reckoned(i, max(a, i - 1), at[m], at, lon, lat, sog, cog)
                            speed = max(speed, pace)
                        off = distance_m(x, y, lon[m], lat[m])
                        sigma = strayed_m(time_s, speed, spread, turn_s)
                        weight += 1.0
                        total += off * off / (2.0 * (sigma * sigma + FIX_ERROR_M * FIX_ERROR_M))
                    i = j
                else:
                    i = max(i + 1, j - 1)  # a silence: go on from its end
                    if i == j - 1 and at[j] - at[i] >= least * _SLACK:
                        i = j
            out[way, rung, 0], out[way, rung, 1] = weight, total
    return pace
