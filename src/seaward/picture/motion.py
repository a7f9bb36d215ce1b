"""How well one fix follows another: a hard limit of speed, and a motion model with its covariance."""

from __future__ import annotations

import math

from numba import njit

from seaward.core.geodesy import distance_m
from seaward.core.units import DEG_M, KN_MPS, US_PER_S

_RAD = math.pi / 180.0
_POLAR_DEG = 85.0  # beyond, courses turn within one step: distances alone are compared
_TAU_S = 1_800.0  # time after which a velocity is forgotten; Millefiori et al. 2016, doi:10.1109/TAES.2016.150596 (order of magnitude)
_SPREAD_MPS = 5.0  # spread of velocity in the long run; same source (order of magnitude)
_FIX_M = 50.0  # ours: GPS error and time rounded to the second
_VELOCITY_MPS = 1.0  # ours: error of the velocity a vessel reports
_STILL_KN = 0.5  # ours: below, the reported course is noise
NEW_HULL_COST = 75.0  # ours: a fix 7 standard deviations (400 m at 10 s) off every track begins another
_KIND_COST = 24.0  # ours: one hull rarely (1 in 10^5) carries a class A and a class B transponder
_FEED_COST = 1.0  # ours: a hull is mostly heard again by the same receiver
NO_COST = 1e18


@njit(cache=True, nogil=True)
def apart_m(lon1, lat1, lon2, lat2):
    """Distance [m] between positions [degree]: planar where that is right to 0.1 %, haversine elsewhere."""
    dlat, dlon = lat2 - lat1, abs(lon2 - lon1)
    if dlon > 180.0:
        dlon = 360.0 - dlon
    if abs(dlat) > 0.2 or dlon > 0.2 or abs(lat1) > 80.0:
        return distance_m(lon1, lat1, lon2, lat2)
    dx = dlon * math.cos((lat1 + lat2) * 0.5 * _RAD)
    return DEG_M * math.sqrt(dx * dx + dlat * dlat)


@njit(cache=True, nogil=True)
def reachable(t1, lon1, lat1, t2, lon2, lat2, max_mps, slack_m):
    """Whether a vessel can be at both, times in microseconds."""
    limit_m = max_mps * abs(t2 - t1) / US_PER_S + slack_m
    return abs(lat2 - lat1) * DEG_M <= limit_m and apart_m(lon1, lat1, lon2, lat2) <= limit_m


@njit(cache=True, nogil=True)
def velocity_mps(sog_kn, cog_deg):
    """Eastward and northward velocity; not a number where unknown."""
    if sog_kn < _STILL_KN:
        return 0.0, 0.0
    if math.isnan(sog_kn) or math.isnan(cog_deg):
        return math.nan, math.nan
    return sog_kn * KN_MPS * math.sin(cog_deg * _RAD), sog_kn * KN_MPS * math.cos(cog_deg * _RAD)


@njit(cache=True, nogil=True)
def cost(t1, lon1, lat1, vx1, vy1, ux, uy, kind1, feed1, t2, lon2, lat2, vx2, vy2, kind2, feed2, max_mps, slack_m):
    """Minus twice the log-likelihood that fix 2 (later) is of the hull last seen at fix 1; `NO_COST` if it cannot be.

    A velocity that reverts to rest (integrated Ornstein-Uhlenbeck process) from what was reported (v) or sailed (u), whichever fits; plus identity.
    """
    dt = (t2 - t1) / US_PER_S
    limit_m = max_mps * dt + slack_m
    if abs(lat2 - lat1) * DEG_M > limit_m:
        return NO_COST
    d = apart_m(lon1, lat1, lon2, lat2)
    if d > limit_m:
        return NO_COST
    x = dt / _TAU_S
    keep_s = _TAU_S * (1.0 - math.exp(-x))
    walk = x * x * x * (2.0 / 3.0) if x < 0.01 else 2.0 * x - 3.0 + 4.0 * math.exp(-x) - math.exp(-2.0 * x)
    var = _FIX_M * _FIX_M + (_VELOCITY_MPS * keep_s) ** 2 + (_SPREAD_MPS * _TAU_S) ** 2 * walk
    known1, known2, sailed = not math.isnan(vx1), not math.isnan(vx2), not math.isnan(ux)
    px, py = 0.0, 0.0
    if known1 and known2:
        px, py = 0.5 * (vx1 + vx2), 0.5 * (vy1 + vy2)
    elif known1:
        px, py = vx1, vy1
    elif known2:
        px, py = vx2, vy2
    elif not sailed:
        var += (_SPREAD_MPS * keep_s) ** 2
    dlon = (lon2 - lon1 + 180.0) % 360.0 - 180.0
    dx, dy = dlon * DEG_M * math.cos((lat1 + lat2) * 0.5 * _RAD), (lat2 - lat1) * DEG_M
    if abs(lat1) > _POLAR_DEG:
        off = (d - math.sqrt(px * px + py * py) * keep_s) ** 2
    else:
        off = (dx - px * keep_s) ** 2 + (dy - py * keep_s) ** 2
        if sailed:
            off = min(off, (dx - ux * keep_s) ** 2 + (dy - uy * keep_s) ** 2)
            if not (known1 or known2):
                off = (dx - ux * keep_s) ** 2 + (dy - uy * keep_s) ** 2
    total = off / var + 2.0 * math.log(var)
    if kind1 != kind2 and kind1 <= 1 and kind2 <= 1:
        total += _KIND_COST
    if feed1 != feed2:
        total += _FEED_COST
    return total
