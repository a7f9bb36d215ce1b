"""Fixes under one identity in time order -> the hull each belongs to, or why it belongs to none.

Short certain pieces first (assignment of fixes to open pieces), then pieces to hulls, then single fixes; what no hull takes is refused.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from seaward.core.units import US_PER_S
from seaward.picture.duplicates import FEWEST, WRONG_SPEED, WRONG_TIME
from seaward.picture.motion import apart_m, reachable, velocity_mps
from seaward.picture.pieces import OPEN, joined, pieces_of, sailed_mps, step

_AT_ONCE = 128  # single fixes looked at together: more of them between two fixes of a hull are taken in turns
_MANY = 20  # ours: so many make a hull even when hours apart
_SMALL_PART = 5  # ours: and are a fifth of the fixes of the hull beside them
_TIGHT_COST = 36.0  # ours: foreseen to within some 5 km, and there; out of reach of the model after 25 minutes
_OWN_M = 500.0  # ours: this near its own track, a fix has the wrong time rather than the wrong place
_FEW = 16  # up to so many refused fixes, a look at all the others is quicker than sorting them
_FAR_US = 365 * 86_400 * US_PER_S  # ours: a lone fix a year from all others has the wrong time


@njit(cache=True, nogil=True)
def _on_the_way(own, other, t, x, y, slack_m):
    """Of fixes `own`: how many lie in time between two of `other`, and how many of these where a straight way between the two passes then."""
    between, near, k = 0, 0, 0
    for i in own:
        while k < other.size and t[other[k]] < t[i]:
            k += 1
        if 0 < k < other.size:
            p, q = other[k - 1], other[k]
            part = (t[i] - t[p]) / (t[q] - t[p])
            lon = x[p] + ((x[q] - x[p] + 180.0) % 360.0 - 180.0) * part
            between += 1
            near += apart_m(x[i], y[i], (lon + 180.0) % 360.0 - 180.0, y[p] + (y[q] - y[p]) * part) <= slack_m
    return between, near


@njit(cache=True, nogil=True)
def _melt(hull, hulls, t, x, y, slack_m):
    """Dissolve, in place, hulls that run along a larger one: one vessel, of which a stray has made two."""
    if hulls < 2 or hulls > OPEN:
        return
    size = np.zeros(hulls, np.int64)
    for h in hull:
        if h >= 0:
            size[h] += 1
    order = np.argsort(-size, kind="mergesort")
    for k in range(1, hulls):
        own = np.nonzero(hull == order[k])[0]
        for m in range(k):
            between, near = _on_the_way(own, np.nonzero(hull == order[m])[0], t, x, y, slack_m)
            if between >= FEWEST and 2 * near >= between:
                hull[own] = -1
                break


@njit(cache=True, nogil=True)
def _insert(hull, hulls, t, x, y, max_mps, slack_m):
    """Give single fixes to a hull whose fixes before and after they can follow: as many as can be; the detour decides between hulls."""
    n = t.size
    following, before = np.zeros(hulls, np.int64), np.full(hulls, -1, np.int64)
    wanted = np.full(n, -1, np.int64)
    for i in range(n):
        if hull[i] >= 0:
            before[hull[i]] = i
            continue
        least = np.inf
        for h in range(hulls):
            j = max(following[h], i + 1)
            while j < n and hull[j] != h:
                j += 1
            following[h] = j
            p = before[h]
            detour = 0.0
            if p >= 0:
                if not reachable(t[p], x[p], y[p], t[i], x[i], y[i], max_mps, slack_m):
                    continue
                detour += apart_m(x[p], y[p], x[i], y[i])
            if j < n:
                if not reachable(t[i], x[i], y[i], t[j], x[j], y[j], max_mps, slack_m):
                    continue
                detour += apart_m(x[i], y[i], x[j], y[j])
            if p >= 0 and j < n:
                detour -= apart_m(x[p], y[p], x[j], y[j])
            if detour < least:
                wanted[i], least = h, detour
    waiting = np.empty(_AT_ONCE, np.int64)
    for h in range(hulls):
        p, m = np.int64(-1), 0
        for i in range(n + 1):
            own = i == n or hull[i] == h
            if own or m == _AT_ONCE:
                last = _thread(waiting[:m], p, np.int64(i) if own and i < n else np.int64(-1), h, hull, t, x, y, max_mps, slack_m)
                p, m = np.int64(i) if own else max(p, last), 0
            if not own and wanted[i] == h:
                waiting[m] = i
                m += 1


@njit(cache=True, nogil=True)
def _thread(waiting, p, q, h, hull, t, x, y, max_mps, slack_m):
    """Give hull h, between its fixes p and q (-1: none), the most waiting fixes that can follow one another, of equals the shortest way."""
    m = waiting.size
    most, way, from_k = np.zeros(m, np.int64), np.zeros(m), np.full(m, -1, np.int64)
    end = np.int64(-1)
    for k in range(m):
        i = waiting[k]
        most[k] = 1
        way[k] = apart_m(x[p], y[p], x[i], y[i]) if p >= 0 else 0.0
        for o in range(k):
            j = waiting[o]
            if most[o] + 1 >= most[k] and reachable(t[j], x[j], y[j], t[i], x[i], y[i], max_mps, slack_m):
                d = way[o] + apart_m(x[j], y[j], x[i], y[i])
                if most[o] + 1 > most[k] or d < way[k]:
                    most[k], way[k], from_k[k] = most[o] + 1, d, o
        if end < 0 or most[k] > most[end] or (most[k] == most[end] and way[k] + _on_m(i, q, x, y) < way[end] + _on_m(waiting[end], q, x, y)):
            end = np.int64(k)
    if end < 0:
        return np.int64(-1)
    last = waiting[end]
    while end >= 0:
        hull[waiting[end]] = h
        end = from_k[end]
    return last


@njit(cache=True, nogil=True)
def _on_m(i, q, x, y):
    return apart_m(x[i], y[i], x[q], y[q]) if q >= 0 else 0.0


@njit(cache=True, nogil=True)
def _chain(hull, hulls, t, x, y, max_mps, slack_m):
    """Fixes that no hull takes follow one another where they can."""
    n = t.size
    last = np.empty(n, np.int64)
    chains = 0
    for i in range(n):
        if hull[i] >= 0:
            continue
        best, least = -1, np.inf
        for c in range(max(0, chains - OPEN), chains):
            j = last[c]
            if reachable(t[j], x[j], y[j], t[i], x[i], y[i], max_mps, slack_m):
                d = apart_m(x[j], y[j], x[i], y[i])
                if d < least:
                    best, least = c, d
        if best < 0:
            best = chains
            chains += 1
        last[best] = i
        hull[i] = hulls + best
    return hulls + chains


@njit(cache=True, nogil=True)
def _confirm(hull, hulls, t, x, y, vx, vy, kind, feed, max_mps, slack_m):
    """Which hulls are real, and their first fixes.

    The largest is. So are those of five fixes that each lie where the one before points, of five that no other hull overlaps in time, and of twenty
    that are no small part of what was heard: noise makes chains of fixes that merely can be reached.
    """
    size, run, longest = np.zeros(hulls, np.int64), np.zeros(hulls, np.int64), np.zeros(hulls, np.int64)
    start, end = np.full(hulls, -1, np.int64), np.zeros(hulls, np.int64)
    ux, uy = np.full(hulls, np.nan), np.full(hulls, np.nan)
    for i in range(t.size):
        h = hull[i]
        j = end[h]
        if start[h] < 0:
            start[h] = i
            run[h] = 1
        else:
            near = step(j, i, t, x, y, vx, vy, ux[h], uy[h], kind, feed, max_mps, slack_m) <= _TIGHT_COST
            run[h] = run[h] + 1 if near else 1
            ux[h], uy[h] = sailed_mps(j, i, t, x, y, ux[h], uy[h])
        longest[h] = max(longest[h], run[h])
        size[h] += 1
        end[h] = i
    real = np.zeros(hulls, np.bool_)
    order = np.argsort(-size, kind="mergesort")  # hulls of one size stay in order of their first fix
    for k in range(hulls):
        h = order[k]
        overlapped = 0
        for m in range(k):
            g = order[m]
            if real[g] and t[start[g]] <= t[end[h]] and t[start[h]] <= t[end[g]]:
                overlapped = max(overlapped, size[g])
        many = size[h] >= _MANY and size[h] * _SMALL_PART >= overlapped
        real[h] = k == 0 or (size[h] >= FEWEST and (overlapped == 0 or longest[h] >= FEWEST or many))
    return real, start


@njit(cache=True, nogil=True)
def on_own_track(hull, x, y):
    """Tell refused fixes near the track of their own identity at another time from those that are nowhere near it."""
    refused = np.nonzero(hull == WRONG_SPEED)[0]
    if refused.size == 0:
        return
    north = np.nonzero(hull >= 0)[0]
    if refused.size > _FEW:
        north = north[np.argsort(y[north], kind="mergesort")]
    lat = y[north]
    reach_deg = _OWN_M / 111_000.0
    for i in refused:
        k = np.searchsorted(lat, y[i] - reach_deg) if refused.size > _FEW else 0
        while k < lat.size:
            if abs(lat[k] - y[i]) <= reach_deg:
                if apart_m(x[north[k]], lat[k], x[i], y[i]) <= _OWN_M:
                    hull[i] = WRONG_TIME
                    break
            elif refused.size > _FEW:
                break
            k += 1


@njit(cache=True, nogil=True)
def untangle(t, x, y, sog, cog, kind, feed, max_mps, slack_m):
    """The hull of each fix (numbered from 0 by first fix), `WRONG_SPEED` or `WRONG_TIME`.

    Parameters
    ----------
    t, x, y
        Time [microsecond], longitude and latitude [degree], shape (n,), in time order.
    sog, cog
        Reported speed [knot] and course [degree]; not a number where unknown.
    kind, feed
        Transceiver and feed by number.
    max_mps, slack_m
        Hard limit of the speed between two fixes, and what is allowed beyond it.
    """
    n = t.size
    vx, vy = np.empty(n), np.empty(n)
    for i in range(n):
        vx[i], vy[i] = velocity_mps(sog[i], cog[i])
    piece, pieces = pieces_of(t, x, y, vx, vy, kind, feed, max_mps, slack_m)
    hull, hulls = joined(piece, pieces, t, x, y, vx, vy, kind, feed, max_mps, slack_m)
    _melt(hull, hulls, t, x, y, slack_m)
    _insert(hull, hulls, t, x, y, max_mps, slack_m)
    hulls = _chain(hull, hulls, t, x, y, max_mps, slack_m)
    real, start = _confirm(hull, hulls, t, x, y, vx, vy, kind, feed, max_mps, slack_m)
    number = np.full(hulls, WRONG_SPEED, np.int64)
    real_hulls = np.nonzero(real)[0]
    order = real_hulls[np.argsort(start[real_hulls], kind="mergesort")]
    for k in range(order.size):
        number[order[k]] = k
    for i in range(n):
        hull[i] = number[hull[i]]
    on_own_track(hull, x, y)
    return hull


@njit(cache=True, nogil=True)
def lone_in_time(t, hull):
    """Refuse single fixes a year and more from all others of their identity, in place."""
    n = t.size
    last = -1
    for i in range(n):
        if hull[i] < 0:
            continue
        far_before = last < 0 or t[i] - t[last] > _FAR_US
        j = i + 1
        while j < n and hull[j] < 0:
            j += 1
        far_after = j >= n or t[j] - t[i] > _FAR_US
        if far_before and far_after and (last >= 0 or j < n):
            hull[i] = WRONG_TIME
        else:
            last = i
