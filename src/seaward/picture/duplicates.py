"""Sorted fixes -> which say again what another already said, which stray once, and which identities need the careful look of `hulls`."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from seaward.core.units import KN_MPS, US_PER_S
from seaward.picture.motion import DEG_M, apart_m, reachable

DUPLICATE, COPY, WRONG_SPEED, WRONG_TIME = -1, -2, -3, -4  # marks beside the hull numbers from 0
FEWEST = 5  # ours: fewer fixes that fit each other are noise
_SAME_SECOND_US = 60 * US_PER_S  # the second of the fix repeats after a minute
_NO_SECOND_US = 2 * US_PER_S  # ours: class A under way reports every 2 s at most (ITU-R M.1371-5 table 1)
_COPY_US = 60 * US_PER_S  # ours: no receiver chain of one clock is that late
_MOVING_KN = 1.0  # ours: slower, the same place and course may come again
_MARGIN_KN = 10.0  # ours: a fix this much faster than reported is looked at with care
_UNKNOWN = 255
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio (Knuth, TAOCP vol. 3, 6.4)


@njit(cache=True, nogil=True)
def _same(p, q):
    return p == q or (math.isnan(p) and math.isnan(q))


@njit(cache=True, nogil=True)
def scan(first, row, t, x, y, s, cog, heading, nav, second, max_kn, reach_kn, slack_m, mark, careful, copied, strays):
    """Mark duplicates; set `careful` for each identity whose fixes do not plainly follow one another, `copied` where a moving fix comes twice.

    Plain: every step is within the reported speed and a margin. A single fix that neither of its neighbours can reach at `reach_kn`, while they
    plainly follow each other, is marked `WRONG_SPEED` at once and counted in `strays`: what `hulls` would say of it, unless there are so many that
    they may be a hull of their own.
    """
    largest = 1
    for v in range(first.size - 1):
        largest = max(largest, first[v + 1] - first[v])
    bits = 12
    while (1 << bits) < 4 * largest and bits < 18:
        bits += 1
    recent = np.full(1 << bits, -1, np.int64)
    shift = np.uint64(64 - bits)
    places, speeds = x.view(np.uint64), y.view(np.uint64)
    for v in range(first.size - 1):
        a, b = first[v], first[v + 1]
        kept, stray = a, np.int64(-1)
        reach_mps = reach_kn[v] * KN_MPS
        near_lat, shrink = 1000.0, 1.0
        for i in range(a, b):
            has = False
            for j in range(i - 1, a - 1, -1):
                dt = t[i] - t[j]
                if dt >= _SAME_SECOND_US or (dt > _NO_SECOND_US and not has and second[row[i]] == _UNKNOWN):
                    break
                has = has or dt > _NO_SECOND_US
                if x[j] == x[i] and y[j] == y[i] and _same(s[j], s[i]) and mark[j] != DUPLICATE:
                    p, q = row[i], row[j]
                    known = second[p] != _UNKNOWN
                    if (
                        second[p] == second[q]
                        and (known or dt <= _NO_SECOND_US)
                        and _same(cog[p], cog[q])
                        and _same(heading[p], heading[q])
                        and nav[p] == nav[q]
                    ):
                        mark[i] = DUPLICATE
                        break
            if mark[i] == DUPLICATE or i == a:
                continue
            if not careful[v]:
                dt_s = (t[i] - t[kept]) / US_PER_S
                lim_kn = max(s[i], s[kept]) + _MARGIN_KN
                if not lim_kn < max_kn:  # also where a speed is unknown
                    lim_kn = max_kn
                lim_deg = (lim_kn * KN_MPS * dt_s + slack_m) / DEG_M
                dlat, dlon, plain = y[i] - y[kept], x[i] - x[kept], True
                if dlat * dlat + dlon * dlon > lim_deg * lim_deg:
                    if abs(y[i] - near_lat) > 0.05:
                        near_lat = y[i]
                        shrink = math.cos(near_lat * math.pi / 180.0)
                    dlon *= shrink
                    if abs(near_lat) > 60.0 or abs(dlon) > 1.0 or dlat * dlat + dlon * dlon > 0.998 * lim_deg * lim_deg:
                        plain = apart_m(x[kept], y[kept], x[i], y[i]) <= lim_deg * DEG_M
                if plain and stray >= 0:
                    careful[v] = reachable(t[stray], x[stray], y[stray], t[i], x[i], y[i], reach_mps, slack_m)
                    mark[stray] = WRONG_SPEED
                    strays[v] += 1
                    stray = np.int64(-1)
                elif not plain:
                    if stray >= 0 or reachable(t[kept], x[kept], y[kept], t[i], x[i], y[i], reach_mps, slack_m):
                        careful[v] = True
                    stray = i
            if s[i] > _MOVING_KN:
                h = np.int64(((places[i] ^ (speeds[i] * np.uint64(31))) * _GOLDEN) >> shift)
                j = recent[h]
                if j >= a and x[j] == x[i] and y[j] == y[i] and s[j] == s[i] and t[i] - t[j] > _COPY_US and cog[row[j]] == cog[row[i]]:
                    copied[v] = True
                recent[h] = i
            if stray != i:
                kept = i
        if stray >= 0 or strays[v] >= FEWEST or (copied[v] and strays[v] > 0):
            careful[v] = True
        if careful[v] and strays[v] > 0:
            strays[v] = 0
            for i in range(a, b):
                if mark[i] == WRONG_SPEED:
                    mark[i] = 0


@njit(cache=True, nogil=True)
def _astray(i, a, b, t, x, y, s, mark, suspect):
    """By how much the steps to the trusted fixes around row i differ from the reported speed [m]."""
    off = 0.0
    for way in (-1, 1):
        j = i + way
        while a <= j < b and (mark[j] < 0 or suspect[j]):
            j += way
        if a <= j < b:
            off += abs(apart_m(x[i], y[i], x[j], y[j]) - s[i] * KN_MPS * abs(t[j] - t[i]) / US_PER_S)
    return off


@njit(cache=True, nogil=True)
def mark_copies(a, b, row, t, x, y, s, cog, mark):
    """Of the same moving fix at times more than a minute apart, mark all but the one that suits its neighbours best (the earliest of equals)."""
    n = 0
    moving = np.empty(b - a, np.int64)
    for i in range(a, b):
        if mark[i] >= 0 and s[i] > _MOVING_KN and not math.isnan(cog[row[i]]):
            moving[n] = i
            n += 1
    moving = moving[:n]
    moving = moving[np.argsort(y[moving], kind="mergesort")]  # equal latitudes stay in time order
    suspect = np.zeros(b, np.bool_)
    group = np.full(b, -1, np.int64)
    for k in range(n):
        i = moving[k]
        for m in range(k + 1, n):
            j = moving[m]
            if y[j] != y[i]:
                break
            if x[j] == x[i] and s[j] == s[i] and cog[row[j]] == cog[row[i]] and t[j] - t[i] > _COPY_US:
                suspect[i] = suspect[j] = True
                if group[i] < 0:
                    group[i] = i
                if group[j] < 0:
                    group[j] = group[i]
    for k in range(n):
        i = moving[k]
        if group[i] != i:
            continue
        best, least = i, np.inf
        for m in range(k, n):
            j = moving[m]
            if y[j] != y[i]:
                break
            if group[j] == i:
                off = _astray(j, a, b, t, x, y, s, mark, suspect)
                if off < least - 1.0:
                    best, least = j, off
        for m in range(k, n):
            j = moving[m]
            if y[j] != y[i]:
                break
            if group[j] == i and j != best:
                mark[j] = COPY
