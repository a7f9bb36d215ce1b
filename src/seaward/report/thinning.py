"""positions -> the points that a line on the map needs, as few as asked for.

A point matters as much as the ship would be off, at that moment, if the line ran straight between its neighbours
(Douglas and Peucker 1973, doi:10.3138/FM57-6770-U75U-7727, with distance at equal time: Meratnia and de By 2004, doi:10.1007/978-3-540-24741-8_44).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.core.units import EARTH_RADIUS_M

FINEST_M = 12.0  # finer is less than the error of a fix and its length of hull
_M_PER_DEG = math.pi * EARTH_RADIUS_M / 180.0


def thin(
    first: NDArray[np.int64], at_us: NDArray[np.int64], lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64], max_points: int
) -> tuple[NDArray[np.bool_], float]:
    """Choose points of tracks to draw.

    Parameters
    ----------
    first
        Row at which each track starts, and the number of rows last, shape (tracks + 1,).
    at_us, lon_deg, lat_deg
        Fixes in time order within each track [microsecond, degree].
    max_points
        How many to keep at most; ends of tracks are always kept.

    Returns
    -------
    Which rows to keep, and how far a row left out may lie from the line [m].
    """
    weight_m = _weights(first, at_us, lon_deg, lat_deg)
    inner = np.isfinite(weight_m)
    room = max(0, max_points - int((~inner).sum()))
    limit_m = FINEST_M
    weights = weight_m[inner]
    if (weights > limit_m).sum() > room:
        limit_m = float(np.partition(weights, len(weights) - room - 1)[len(weights) - room - 1])
    return weight_m > limit_m, limit_m


@njit(cache=True, nogil=True)
def _weights(first, at_us, lon_deg, lat_deg):
    weight = np.empty(at_us.shape[0], np.float64)
    longest = np.int64(1)
    for k in range(first.shape[0] - 1):
        longest = max(longest, first[k + 1] - first[k])
    left, right, above = np.empty(longest + 2, np.int64), np.empty(longest + 2, np.int64), np.empty(longest + 2, np.float64)
    for k in range(first.shape[0] - 1):
        a, b = first[k], first[k + 1] - 1
        if b < a:
            continue
        weight[a] = weight[b] = np.inf
        top = 0
        left[0], right[0], above[0] = a, b, np.inf
        while top >= 0:
            i, j, most = left[top], right[top], above[top]
            top -= 1
            if j - i < 2:
                continue
            far, at = -1.0, i + 1
            turn = (lon_deg[j] - lon_deg[i] + 180.0) % 360.0 - 180.0
            span = at_us[j] - at_us[i]
            for p in range(i + 1, j):
                share = (at_us[p] - at_us[i]) / span if span > 0 else 0.0
                y = lat_deg[p] - (lat_deg[i] + share * (lat_deg[j] - lat_deg[i]))
                x = ((lon_deg[p] - lon_deg[i] + 180.0) % 360.0 - 180.0 - share * turn) * math.cos(lat_deg[p] * math.pi / 180.0)
                d = x * x + y * y
                if d > far:
                    far, at = d, p
            w = min(most, math.sqrt(far) * _M_PER_DEG)
            weight[at] = w
            left[top + 1], right[top + 1], above[top + 1] = i, at, w
            left[top + 2], right[top + 2], above[top + 2] = at, j, w
            top += 2
    return weight
