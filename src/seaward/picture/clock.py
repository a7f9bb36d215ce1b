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
def _fits(t, x, y, sog, feed, before, piece, after):
    """The shift [microsecond] that puts a piece (its fixes in time order) between two others, and whether it fits there."""
    first, last = piece[0], piece[-1]
    spare = t[after] - t[before] - (t[last] - t[first])
    if spare < 0 or t[after] - t[before] > _LONGEST_US or not min(sog[before], sog[first], sog[last], sog[after]) > _UNDER_WAY_KN:
        return np.int64(0), False
    shift, off = _ends(t, x, y, sog, before, first, last, after)
    if off < 0.0:
        return np.int64(0), False
    for i in piece:
        if feed[i] != feed[first]:
            return np.int64(0), False
    return shift, True


@njit(cache=True, nogil=True)
def _fill(t, x, y, sog, feed, own, h):
    """Where hull h as a whole fills a silence of fixes `own`: the place in `own` before it, the shift, and how many such silences there are."""
    fits, shift, at = 0, np.int64(0), np.int64(-1)
    for k in range(own.size - 1):
        by, ok = _fits(t, x, y, sog, feed, own[k], h, own[k + 1])
        if ok:
            fits, shift, at = fits + 1, by, np.int64(k)
    return at, shift, fits


@njit(cache=True, nogil=True)
def _cut(t, x, y, sog, feed, early, late):
    """Of two hulls that overlap in time, where to cut one: the end of `early` or the start of `late`, its clock set right, fits between the others.

    Returns the first fix of the end of `early` (or size of it), the last fix of the start of `late` (or -1), the shift, and how many ways there are.
    """
    fits, shift, tail, head = 0, np.int64(0), np.int64(early.size), np.int64(-1)
    overlap = t[early[-1]] - t[late[0]]
    for k in range(early.size - 1):
        if t[early[k + 1]] - t[early[k]] >= overlap and early.size - k - 1 >= _FIXES:
            by, ok = _fits(t, x, y, sog, feed, early[k], early[k + 1 :], late[0])
            if ok:
                fits, shift, tail = fits + 1, by, np.int64(k + 1)
    for k in range(late.size - 1):
        if t[late[k + 1]] - t[late[k]] >= overlap and k + 1 >= _FIXES:
            by, ok = _fits(t, x, y, sog, feed, early[-1], late[: k + 1], late[k + 1])
            if ok:
                fits, shift, head = fits + 1, by, np.int64(k)
    return tail, head, shift, fits


@njit(cache=True, nogil=True)
def _put(t, hull, recovered, piece, shift, into):
    for i in piece:
        t[i] += shift
        hull[i] = into
        recovered[i] = True


@njit(cache=True, nogil=True)
def recover(t, x, y, sog, feed, hull, recovered):
    """Shift and relabel, in place, stretches of one feed that fill exactly one silence of their vessel; whether any was.

    Certain only for vessels under way: everything at the four ends moves, and the way sailed at the reported speeds accounts for the time at both.
    """
    hulls = np.max(hull) + 1
    changed = False
    for h in range(hulls):
        for g in range(hulls):
            if h == g:
                continue
            large, small = np.nonzero(hull == h)[0], np.nonzero(hull == g)[0]
            if small.size < _FIXES or large.size < _FIXES:
                continue
            large, small = large[np.argsort(t[large], kind="mergesort")], small[np.argsort(t[small], kind="mergesort")]
            if large.size >= small.size:
                _, shift, fits = _fill(t, x, y, sog, feed, large, small)
                if fits == 1:
                    _put(t, hull, recovered, small, shift, h)
                    changed = True
                    continue
            early, late = large, small
            if t[early[0]] <= t[late[0]] <= t[early[-1]] <= t[late[-1]]:
                tail, head, shift, fits = _cut(t, x, y, sog, feed, early, late)
                if fits == 1:
                    _put(t, hull, recovered, early[tail:] if head < 0 else late[: head + 1], shift, h)
                    hull[late] = h
                    changed = True
    return changed
