"""positions -> what a vessel does at each fix: at rest, working its gear, or under way. Compiled.

A hidden Markov model in continuous time, over the speed at each fix: the state before and after tells as much as the fix itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.core.geodesy import distance_m
from seaward.core.units import FIX_ERROR_M, HOUR_S, US_PER_S

REST, WORK, WAY = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Gear:
    """Speeds over ground at which a gear is worked [knot]."""

    low_kn: float
    high_kn: float


GEARS: dict[str, Gear] = {
    "any": Gear(0.025, 5.5),  # MonitorFish, detection of fishing activity: 0.025 to 5.5 kn
    "trawl": Gear(1.0, 6.0),  # otter trawl, Mills et al. 2007, doi:10.1093/icesjms/fsl026
}
_REST_SD_KN = 0.15  # speed of a vessel that lies still, by GNSS; ours
_EDGE_KN = 0.5  # softness of the upper edge of a gear's speeds; ours
_WAY_KN, _WAY_SD_KN = 9.0, 3.0  # speed under way of fishing vessels of all sizes; ours
_DWELL_S = np.array([4 * HOUR_S, 2 * HOUR_S, HOUR_S])  # mean stay in each state; ours
_ALIKE_S = 120.0  # fixes closer in time than this say nothing new about the state; ours
SPLIT_US = round(2 * HOUR_S * US_PER_S)  # Global Fishing Watch, fishing events: a longer silence splits


def working(
    first: NDArray[np.int64], at_us: NDArray[np.int64], lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64], sog_kn: NDArray[np.float32],
    gear: Gear,
) -> NDArray[np.float64]:  # fmt: skip
    """Chance that the gear is being worked at each fix.

    Parameters
    ----------
    first
        First row of each vessel, and the end, shape (vessels + 1,).
    at_us, lon_deg, lat_deg, sog_kn
        Fixes, vessel by vessel in time order [microseconds, degree, degree, knot], shape (n,); a speed not known is worked out from the fixes around.
    gear
        One of `GEARS`.

    Returns
    -------
    Shape (n,), from 0 to 1; not-a-number where neither a speed is known nor a fix is within two hours.

    Limits
    ------
    Slow steaming, drifting for the night and waiting look like work. Setting at speed (purse seine, longline) looks like being under way.
    """
    return _working(first, at_us, lon_deg, lat_deg, sog_kn, gear.low_kn, gear.high_kn, _DWELL_S, SPLIT_US)


@njit(cache=True, nogil=True, inline="always")
def _phi(z):
    return 0.5 * (1.0 + math.erf(z / 1.4142135623730951))


@njit(cache=True, nogil=True)
def _speed_kn(i, p, q, a, b, at, lon, lat, sog, split_us):
    """Speed at fix i and its error: as reported, else of the steps from p and to q of up to two hours; not-a-number where there is none."""
    if not math.isnan(sog[i]):
        return np.float64(sog[i]), 0.0
    way, spent = 0.0, np.int64(0)
    if p >= a and at[i] - at[p] <= split_us:
        way += distance_m(lon[p], lat[p], lon[i], lat[i])
        spent += at[i] - at[p]
    if q < b and at[q] - at[i] <= split_us:
        way += distance_m(lon[i], lat[i], lon[q], lat[q])
        spent += at[q] - at[i]
    if spent == 0:
        return math.nan, 0.0
    to_kn = 3600.0 / 1852.0 / (spent / 1e6)
    return way * to_kn, 2.0 * FIX_ERROR_M * to_kn


@njit(cache=True, nogil=True)
def _working(first, at, lon, lat, sog, low, high, dwell, split_us):
    n = at.shape[0]
    out = np.full(n, np.nan)
    emit, ahead = np.empty((n, 3)), np.empty((n, 3))
    for v in range(first.shape[0] - 1):
        a, b = first[v], first[v + 1]
        for i in range(a, b):
            p, q = i - 1, i + 1  # the fixes of another moment before and after
            while p >= a and at[p] == at[i]:
                p -= 1
            while q < b and at[q] == at[i]:
                q += 1
            speed, error = _speed_kn(i, p, q, a, b, at, lon, lat, sog, split_us)
            if math.isnan(speed):
                emit[i] = 1.0
                continue
            out[i] = 0.0
            if p < i - 1:  # a moment told twice tells nothing more
                emit[i] = 1.0
                continue
            before = (at[i] - at[p]) * 1e-6 if p >= a else 1e9
            after = (at[q] - at[i]) * 1e-6 if q < b else 1e9
            told = min(1.0, min(before, after) / _ALIKE_S)
            sd = math.hypot(_REST_SD_KN, error)
            z = speed / sd
            rest = math.exp(-0.5 * z * z) / sd * 0.7978845608 + 1e-4
            work = _phi((speed - low) / sd) * _phi((high - speed) / _EDGE_KN) / (high - low) + 1e-4
            z = (speed - _WAY_KN) / _WAY_SD_KN
            way = (math.exp(-0.5 * z * z) / _WAY_SD_KN * 0.3989422804 if speed < _WAY_KN else 0.3989422804 / _WAY_SD_KN) + 1e-4
            emit[i, 0], emit[i, 1], emit[i, 2] = rest**told, work**told, way**told
        i = a
        while i < b:  # one chain up to a silence of two hours
            j = i + 1
            while j < b and at[j] - at[j - 1] <= split_us:
                j += 1
            for k in range(i, j):
                if k == i:
                    x0, x1, x2 = 1.0 / 3, 1.0 / 3, 1.0 / 3
                else:
                    x0, x1, x2 = _later(ahead[k - 1, 0], ahead[k - 1, 1], ahead[k - 1, 2], (at[k] - at[k - 1]) * 1e-6, dwell)
                x0, x1, x2 = x0 * emit[k, 0], x1 * emit[k, 1], x2 * emit[k, 2]
                total = x0 + x1 + x2
                ahead[k, 0], ahead[k, 1], ahead[k, 2] = x0 / total, x1 / total, x2 / total
            b0, b1, b2 = 1.0, 1.0, 1.0
            for k in range(j - 1, i - 1, -1):
                if k < j - 1:
                    b0, b1, b2 = _earlier(b0 * emit[k + 1, 0], b1 * emit[k + 1, 1], b2 * emit[k + 1, 2], (at[k + 1] - at[k]) * 1e-6, dwell)
                    total = b0 + b1 + b2
                    b0, b1, b2 = b0 / total, b1 / total, b2 / total
                x0, x1, x2 = ahead[k, 0] * b0, ahead[k, 1] * b1, ahead[k, 2] * b2
                if not math.isnan(out[k]):
                    out[k] = x1 / (x0 + x1 + x2)
            i = j
    return out


@njit(cache=True, nogil=True, inline="always")
def _later(x0, x1, x2, dt_s, dwell):
    """States after a step: each is left at the rate of its dwell, for either of the others."""
    g0, g1, g2 = 1.0 - math.exp(-dt_s / dwell[0]), 1.0 - math.exp(-dt_s / dwell[1]), 1.0 - math.exp(-dt_s / dwell[2])
    return (
        x0 * (1 - g0) + 0.5 * (x1 * g1 + x2 * g2),
        x1 * (1 - g1) + 0.5 * (x0 * g0 + x2 * g2),
        x2 * (1 - g2) + 0.5 * (x0 * g0 + x1 * g1),
    )


@njit(cache=True, nogil=True, inline="always")
def _earlier(y0, y1, y2, dt_s, dwell):
    g0, g1, g2 = 1.0 - math.exp(-dt_s / dwell[0]), 1.0 - math.exp(-dt_s / dwell[1]), 1.0 - math.exp(-dt_s / dwell[2])
    return (
        (1 - g0) * y0 + 0.5 * g0 * (y1 + y2),
        (1 - g1) * y1 + 0.5 * g1 * (y0 + y2),
        (1 - g2) * y2 + 0.5 * g2 * (y0 + y1),
    )
