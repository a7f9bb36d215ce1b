"""Hulls -> tracks: rows in their final order, with the stretch each belongs to and how far it is confirmed."""

from __future__ import annotations

import numpy as np
from numba import njit

from seaward.core.units import KN_MPS
from seaward.picture.clock import recover
from seaward.picture.duplicates import mark_copies, scan
from seaward.picture.hulls import lone_in_time, on_own_track, untangle

_YEAR_US = 365 * 86_400 * 1_000_000
_AIRCRAFT_FACTOR = 10.0  # ours: search and rescue aircraft (message 9) fly up to ten times as fast as ships sail
_CLASS_A_AND_B, _SAR = 0b00011, 0b10000  # bits by order of core.tables.TRANSCEIVERS
GOOD, SINGLE, RECOVERED = 0, 1, 2  # order of core.tables.QUALITIES


@njit(cache=True, nogil=True)
def mark_rows(first, kinds, row, t, x, y, s, cog, heading, nav, second, kind, feed, max_kn, slack_m):
    """For each sorted row its hull from 0, or why it is on no track; and whether its time was recovered.

    Rows whose time was recovered move to their new place, in all the sorted columns.
    """
    mark, recovered = np.zeros(row.size, np.int16), np.zeros(row.size, np.bool_)
    careful, copied = np.zeros(first.size - 1, np.bool_), np.zeros(first.size - 1, np.bool_)
    reach_kn, strays = np.empty(first.size - 1), np.zeros(first.size - 1, np.int64)
    for v in range(careful.size):
        careful[v] = kinds[v] & _CLASS_A_AND_B == _CLASS_A_AND_B
        reach_kn[v] = max_kn * (_AIRCRAFT_FACTOR if kinds[v] & _SAR else 1.0)
    scan(first, row, t, x, y, s, cog, heading, nav, second, max_kn, reach_kn, slack_m, mark, careful, copied, strays)
    for v in range(careful.size):
        a, b = first[v], first[v + 1]
        if strays[v]:
            on_own_track(mark[a:b], x[a:b], y[a:b])
        if not (careful[v] or copied[v]) and t[b - 1] - t[a] <= _YEAR_US:
            continue
        if copied[v]:
            mark_copies(a, b, row, t, x, y, s, cog, mark, reach_kn[v] * KN_MPS, slack_m)
        fix = a + np.nonzero(mark[a:b] >= 0)[0]
        rows = row[fix]
        hull, back = np.zeros(fix.size, np.int64), np.zeros(fix.size, np.bool_)
        at, sog, shifted = t[fix], s[fix].astype(np.float64), False
        if careful[v]:
            reach_mps = reach_kn[v] * KN_MPS
            hull = untangle(at, x[fix], y[fix], sog, cog[rows].astype(np.float64), kind[rows], feed[rows], reach_mps, slack_m)
            shifted = recover(at, x[fix], y[fix], sog, feed[rows], hull, back)
        lone_in_time(t[fix], hull)
        for k in range(fix.size):
            mark[fix[k]] = min(hull[k], 32_767)
            recovered[fix[k]] = back[k]
            t[fix[k]] = at[k]
        if shifted:
            order = a + np.argsort(t[a:b], kind="mergesort")
            t[a:b], row[a:b], x[a:b], y[a:b], s[a:b] = t[order], row[order], x[order], y[order], s[order]
            mark[a:b], recovered[a:b] = mark[order], recovered[order]
    return mark, recovered


@njit(cache=True, nogil=True)
def lay_out(first, row, t, mark, recovered, break_us):
    """Kept rows vessel by vessel in time order, cut into stretches.

    Returns the sorted places kept, the stretch of each, its quality; and per stretch its identity by number, hull and start.
    """
    n = row.size
    kept, stretch, quality = np.empty(n, np.int64), np.empty(n, np.uint32), np.empty(n, np.uint8)
    of, hull, start = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    k, tracks = 0, 0
    for v in range(first.size - 1):
        top = 0
        for i in range(first[v], first[v + 1]):
            top = max(top, mark[i])
        for h in range(top + 1):
            last, begun = -1, k
            for i in range(first[v], first[v + 1]):
                if mark[i] != h:
                    continue
                if last < 0 or t[i] - t[last] > break_us:
                    if last >= 0 and k == begun + 1 and quality[begun] == GOOD:
                        quality[begun] = SINGLE
                    of[tracks], hull[tracks], start[tracks] = v, h, t[i]
                    tracks += 1
                    begun = k
                kept[k] = i
                stretch[k] = tracks - 1
                quality[k] = RECOVERED if recovered[i] else GOOD
                last = i
                k += 1
            if last >= 0 and k == begun + 1 and quality[begun] == GOOD:
                quality[begun] = SINGLE
    return kept[:k].copy(), stretch[:k].copy(), quality[:k].copy(), of[:tracks].copy(), hull[:tracks].copy(), start[:tracks].copy()
