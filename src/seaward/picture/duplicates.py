"""Sorted fixes -> which say again what another already said, which stray once, and which identities need the careful look of `hulls`."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from seaward.core.units import DEG_M, KN_MPS, US_PER_S
from seaward.picture.motion import apart_m, reachable

DUPLICATE, COPY, WRONG_SPEED, WRONG_TIME = -1, -2, -3, -4  # marks beside the hull numbers from 0
FEWEST = 5  # ours: fewer fixes that fit each other are noise
_SAME_SECOND_US = 60 * US_PER_S  # the second of the fix repeats after a minute
_NO_SECOND_US = 2 * US_PER_S  # ours: class A under way reports every 2 s at most (ITU-R M.1371-5 table 1)
_CROWD = 256  # rows within a minute: far more than any transponder sends
_COPY_US = 60 * US_PER_S  # ours: no receiver chain of one clock is that late
_SAME_LAG_US = 2 * US_PER_S  # ours: times are rounded to the second
_ELSEWHERE_M = 100.0  # ours: beyond GPS error and a grid of four decimals
_LOOKS = 64  # fixes looked at for one that was elsewhere
_MOVING_KN = 1.0  # ours: slower, the same place and course may come again
_MARGIN_KN = 10.0  # ours: a fix this much faster than reported is looked at with care
_UNKNOWN = 255
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio (Knuth, TAOCP vol. 3, 6.4)


@njit(cache=True, nogil=True)
def _same(p, q):
    return p == q or (math.isnan(p) and math.isnan(q))


@njit(cache=True, nogil=True)
def _again(i, j, row, t, x, y, s, cog, heading, nav, second):
    """Whether row i says what row j said up to a minute before it, by every column."""
    p, q = row[i], row[j]
    return (
        x[j] == x[i]
        and y[j] == y[i]
        and _same(s[j], s[i])
        and second[p] == second[q]
        and t[i] - t[j] < (_SAME_SECOND_US if second[p] != _UNKNOWN else _NO_SECOND_US + 1)
        and _same(cog[p], cog[q])
        and _same(heading[p], heading[q])
        and nav[p] == nav[q]
    )


@njit(cache=True, nogil=True)
def _mark_crowd(a, b, row, t, x, y, s, cog, heading, nav, second, mark):
    """Mark duplicates where an identity says so much in a minute that comparing each with each would take too long: by sorting."""
    at = np.arange(a, b)
    at = at[np.argsort(nav[row[at]], kind="mergesort")]
    at = at[np.argsort(second[row[at]], kind="mergesort")]
    at = at[np.argsort(np.array([-1.0 if math.isnan(h) else h for h in heading[row[at]]]), kind="mergesort")]
    at = at[np.argsort(np.array([-1.0 if math.isnan(c) else c for c in cog[row[at]]]), kind="mergesort")]
    at = at[np.argsort(np.array([-1.0 if math.isnan(k) else k for k in s[at]]), kind="mergesort")]
    at = at[np.argsort(y[at], kind="mergesort")]
    at = at[np.argsort(x[at], kind="mergesort")]
    kept = at[0]
    for i in at[1:]:
        if _again(i, kept, row, t, x, y, s, cog, heading, nav, second):
            mark[i] = DUPLICATE
        else:
            kept = i


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
        crowded = False
        for i in range(a + _CROWD, b):
            crowded = crowded or t[i] - t[i - _CROWD] < _SAME_SECOND_US
        if crowded:
            _mark_crowd(a, b, row, t, x, y, s, cog, heading, nav, second, mark)
        for i in range(a, b):
            has = False
            for j in range(i - 1, a - 1 if not crowded else i - 1, -1):
                dt = t[i] - t[j]
                if dt >= _SAME_SECOND_US or (dt > _NO_SECOND_US and not has and second[row[i]] == _UNKNOWN):
                    break
                has = has or dt > _NO_SECOND_US
                if x[j] == x[i] and mark[j] != DUPLICATE and _again(i, j, row, t, x, y, s, cog, heading, nav, second):
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
def _trusted(a, b, mark, doubted):
    """For rows a up to b, the nearest row before and after (each -1 where there is none) that is neither marked nor doubted."""
    before, after = np.full(b - a, -1, np.int64), np.full(b - a, -1, np.int64)
    last = np.int64(-1)
    for i in range(a, b):
        before[i - a] = last
        if mark[i] >= 0 and not doubted[i - a]:
            last = i
    last = np.int64(-1)
    for i in range(b - 1, a - 1, -1):
        after[i - a] = last
        if mark[i] >= 0 and not doubted[i - a]:
            last = i
    return before, after


@njit(cache=True, nogil=True)
def _too_far_m(i, j, t, x, y, s):
    """By how much the way between rows i and j is longer than the faster of their speeds allows [m]; 0 where there is no row j."""
    return apart_m(x[i], y[i], x[j], y[j]) - max(s[i], s[j]) * KN_MPS * abs(t[j] - t[i]) / US_PER_S if j >= 0 else 0.0


@njit(cache=True, nogil=True)
def _astray(i, j, t, x, y, s):
    """By how much the way between rows i and j differs from the reported speed [m]; 0 where there is no row j."""
    return abs(apart_m(x[i], y[i], x[j], y[j]) - s[i] * KN_MPS * abs(t[j] - t[i]) / US_PER_S) if j >= 0 else 0.0


@njit(cache=True, nogil=True)
def _elsewhere(i, j, t, x, y, mark):
    """Whether a fix between rows i and j, among the first of them, was at another place."""
    elsewhere = False
    for m in range(i + 1, min(j, i + _LOOKS)):
        elsewhere |= mark[m] >= 0 and apart_m(x[i], y[i], x[m], y[m]) > _ELSEWHERE_M
    return elsewhere


@njit(cache=True, nogil=True)
def _out_of_reach(i, j, t, x, y, max_mps, slack_m):
    return j >= 0 and not reachable(t[i], x[i], y[i], t[j], x[j], y[j], max_mps, slack_m)


@njit(cache=True, nogil=True)
def _pairs(a, b, row, t, x, y, s, cog, mark, max_mps, slack_m):
    """The same moving fix at two times more than a minute apart, where one of them is against the motion around it: earlier and later row.

    A vessel that lies on a coarse grid, whose receiver is frozen, or that comes round again says the same fix twice as well; nothing is against it.
    """
    moving = np.array([i for i in range(a, b) if mark[i] >= 0 and s[i] > _MOVING_KN and not math.isnan(cog[row[i]])], np.int64)
    order = np.argsort(cog[row[moving]], kind="mergesort")
    order = order[np.argsort(s[moving[order]], kind="mergesort")]
    order = order[np.argsort(x[moving[order]], kind="mergesort")]
    moving = moving[order[np.argsort(y[moving[order]], kind="mergesort")]]
    before, after = _trusted(a, b, mark, np.zeros(b - a, np.bool_))
    pairs, n = np.empty((moving.size, 2), np.int64), 0
    proven, between = np.zeros(moving.size, np.bool_), np.zeros(moving.size, np.bool_)
    for k in range(moving.size - 1):
        i, j = moving[k], moving[k + 1]
        if y[i] != y[j] or x[i] != x[j] or s[i] != s[j] or cog[row[i]] != cog[row[j]] or t[j] - t[i] <= _COPY_US:
            continue
        pairs[n, 0], pairs[n, 1] = i, j
        between[n] = _elsewhere(i, j, t, x, y, mark)
        for e in (i, j):
            for near in (before[e - a], after[e - a]):
                if (between[n] and _too_far_m(e, near, t, x, y, s) > slack_m) or _out_of_reach(e, near, t, x, y, max_mps, slack_m):
                    proven[n] = True
        n += 1
    pairs, proven, between = pairs[:n], proven[:n], between[:n]
    lag = t[pairs[:, 1]] - t[pairs[:, 0]]
    known = np.sort(lag[proven])
    for k in range(n):
        if between[k] and not proven[k] and known.size:
            m = np.searchsorted(known, lag[k] - _SAME_LAG_US)
            proven[k] = m < known.size and known[m] <= lag[k] + _SAME_LAG_US
    return pairs[proven]


@njit(cache=True, nogil=True)
def mark_copies(a, b, row, t, x, y, s, cog, mark, max_mps, slack_m):
    """Of the same moving fix at times more than a minute apart, mark all but the one that suits its neighbours best (the earliest of equals)."""
    pairs = _pairs(a, b, row, t, x, y, s, cog, mark, max_mps, slack_m)
    doubted = np.zeros(b - a, np.bool_)
    for k in range(pairs.shape[0]):
        doubted[pairs[k, 0] - a] = doubted[pairs[k, 1] - a] = True
    before, after = _trusted(a, b, mark, doubted)
    best, least = np.int64(-1), np.inf
    for k in range(pairs.shape[0]):
        i, j = pairs[k, 0], pairs[k, 1]
        if k == 0 or pairs[k - 1, 1] != i:
            best, least = i, _astray(i, before[i - a], t, x, y, s) + _astray(i, after[i - a], t, x, y, s)
        off = _astray(j, before[j - a], t, x, y, s) + _astray(j, after[j - a], t, x, y, s)
        if off < least - 1.0:
            mark[best] = COPY
            best, least = j, off
        else:
            mark[j] = COPY
