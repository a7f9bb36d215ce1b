"""Hulls that are a piece of another hull's passage under a wrong clock -> that piece, put back where it belongs in time."""

from __future__ import annotations

import numpy as np
from numba import njit

from seaward.core.units import KN_MPS, US_PER_S
from seaward.picture.motion import apart_m

_FIXES = 5  # ours: as many as make a hull
_UNDER_WAY_KN = 3.0  # ours: slower, place does not tell time
_AGREE_S = 30.0  # ours: both ends must give the same error of the clock to within this, and a tenth of the way to them
_LONGEST_US = 6 * 3_600 * US_PER_S  # ours: across a longer silence anything may have happened


@njit(cache=True, nogil=True)
def _ends(t, x, y, sog, before, first, last, after):
    """The shift [microsecond] that joins a piece to the fixes before and after the silence it would fill; -1 as second value if it does not fit."""
    spare_s = (t[after] - t[before] - (t[last] - t[first])) / US_PER_S
    lead_s = apart_m(x[before], y[before], x[first], y[first]) / (0.5 * (sog[before] + sog[first]) * KN_MPS)
    tail_s = apart_m(x[last], y[last], x[after], y[after]) / (0.5 * (sog[last] + sog[after]) * KN_MPS)
    if not abs(spare_s - lead_s - tail_s) <= _AGREE_S + 0.1 * (lead_s + tail_s):
        return np.int64(0), -1.0
    place = lead_s * spare_s / (lead_s + tail_s) if lead_s + tail_s > 0.0 else 0.5 * spare_s
    return t[before] + np.int64(place) * US_PER_S - t[first], abs(spare_s - lead_s - tail_s)


@njit(cache=True, nogil=True)
def recover(t, x, y, sog, feed, hull, recovered):
    """Shift and relabel, in place, each smaller hull of one feed that fills exactly one silence of the largest hull; whether any was.

    Certain only for vessels under way: everything at the four ends moves, and the way sailed at the reported speeds accounts for the time at both.
    """
    hulls = np.max(hull) + 1
    if hulls < 2:
        return False
    size = np.zeros(hulls, np.int64)
    for h in hull:
        if h >= 0:
            size[h] += 1
    main = np.argmax(size)
    own = np.nonzero(hull == main)[0]
    changed = False
    for h in range(hulls):
        fix = np.nonzero(hull == h)[0]
        if h == main or fix.size < _FIXES:
            continue
        first, last = fix[0], fix[-1]
        if t[last] - t[first] > _LONGEST_US or not min(sog[first], sog[last]) > _UNDER_WAY_KN or np.any(feed[fix] != feed[first]):
            continue
        fits, shift, filled = 0, np.int64(0), np.int64(0)
        for k in range(own.size - 1):
            before, after = own[k], own[k + 1]
            gap = t[after] - t[before]
            if t[last] - t[first] <= gap <= _LONGEST_US and min(sog[before], sog[after]) > _UNDER_WAY_KN:
                by, off = _ends(t, x, y, sog, before, first, last, after)
                if off >= 0.0:
                    fits, shift, filled = fits + 1, by, k
        if fits == 1:
            for i in fix:
                t[i] += shift
                hull[i] = main
                recovered[i] = True
            own = np.concatenate((own[: filled + 1], fix, own[filled + 1 :]))
            changed = True
    return changed
