"""Fixes under one identity in time order -> the hull each belongs to, or why it belongs to none.

Short certain pieces first (assignment of fixes to open pieces), then pieces to hulls, then single fixes; what no hull takes is refused.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from seaward.core.units import US_PER_S
from seaward.picture.assignment import cheapest
from seaward.picture.duplicates import FEWEST, WRONG_SPEED, WRONG_TIME
from seaward.picture.motion import NEW_HULL_COST, NO_COST, apart_m, cost, reachable, velocity_mps

_OPEN = 20  # Global Fishing Watch gpsdio-segment: most open tracks under one identity
_WINDOW_US = US_PER_S  # ours: fixes this close are assigned together; no transponder sends twice in a second
_LATEST_COST = 60.0  # ours: so much, and a piece is over; what continues it is found when pieces are joined
_STRAYS = 3  # ours: so many in a row may stand at the end of a piece or its start
_STRAY_COST = 16.0  # ours: a fix in some 3,000 is a stray
_AT_ONCE = 128  # single fixes looked at together: more of them between two fixes of a hull are taken in turns
_MANY = 20  # ours: so many make a hull even when hours apart
_SMALL_PART = 5  # ours: and are a fifth of the fixes of the hull beside them
_TIGHT_COST = 36.0  # ours: foreseen to within some 5 km, and there; out of reach of the model after 25 minutes
_OWN_M = 500.0  # ours: this near its own track, a fix has the wrong time rather than the wrong place
_FEW = 16  # up to so many refused fixes, a look at all the others is quicker than sorting them
_FAR_US = 365 * 86_400 * US_PER_S  # ours: a lone fix a year from all others has the wrong time


@njit(cache=True, nogil=True)
def _step(i, j, t, x, y, vx, vy, ux, uy, kind, feed, max_mps, slack_m):
    return cost(t[i], x[i], y[i], vx[i], vy[i], ux, uy, kind[i], feed[i], t[j], x[j], y[j], vx[j], vy[j], kind[j], feed[j], max_mps, slack_m)


@njit(cache=True, nogil=True)
def _sailed_mps(i, j, t, x, y, ux, uy):
    """Velocity from fix i to fix j; the one before where they are too close in time to tell."""
    dt = (t[j] - t[i]) / US_PER_S
    if dt < 2.0:
        return ux, uy
    dy = y[j] - y[i]
    dx = ((x[j] - x[i] + 180.0) % 360.0 - 180.0) * math.cos((y[i] + y[j]) * math.pi / 360.0)
    d = math.sqrt(dx * dx + dy * dy)
    v = apart_m(x[i], y[i], x[j], y[j]) / dt
    return (0.0, 0.0) if d == 0.0 else (v * dx / d, v * dy / d)


@njit(cache=True, nogil=True)
def _late(dt_us, span_us, steps, usual_us):
    """Minus twice the log-likelihood that a piece with so many steps in such a span is silent for dt, were its steps exponential; at most a limit.

    Pieces with hardly a step are taken to report as the whole identity does.
    """
    if steps >= 2:
        usual_us = span_us / steps
    return min(2.0 * dt_us / usual_us, _LATEST_COST) if usual_us > 0 else 0.0


@njit(cache=True, nogil=True)
def _pieces(t, x, y, vx, vy, kind, feed, max_mps, slack_m):
    """The piece of each fix, numbered by first fix: per second the cheapest assignment of fixes to open pieces and new ones."""
    n = t.size
    piece = np.empty(n, np.int64)
    last, ux, uy = np.full(_OPEN, -1, np.int64), np.full(_OPEN, np.nan), np.full(_OPEN, np.nan)
    began, steps = np.zeros(_OPEN, np.int64), np.zeros(_OPEN, np.int64)
    usual_us = (t[n - 1] - t[0]) / max(1, n - 1)
    opened, pieces, i = 0, 0, 0
    while i < n:
        k = 1
        while i + k < n and k < _OPEN and t[i + k] - t[i] < _WINDOW_US:
            k += 1
        chosen = np.full(k, -1, np.int64)
        if k > 1:
            costs = np.full((k, opened + k), NO_COST)
            for r in range(k):
                for o in range(opened):
                    costs[r, o] = _step(last[o], i + r, t, x, y, vx, vy, ux[o], uy[o], kind, feed, max_mps, slack_m)
                    costs[r, o] += _late(t[i + r] - t[last[o]], t[last[o]] - began[o], steps[o], usual_us)
                costs[r, opened + r] = NEW_HULL_COST
            column = cheapest(costs)
            for r in range(k):
                if column[r] < opened:
                    chosen[r] = column[r]
        for r in range(k):
            o, least = chosen[r], NEW_HULL_COST
            if o < 0:
                for p in range(opened):
                    if t[last[p]] <= t[i + r]:
                        c = _step(last[p], i + r, t, x, y, vx, vy, ux[p], uy[p], kind, feed, max_mps, slack_m)
                        c += _late(t[i + r] - t[last[p]], t[last[p]] - began[p], steps[p], usual_us)
                        if c < least:
                            o, least = p, c
            if o < 0:
                if opened < _OPEN:
                    o = opened
                    opened += 1
                else:
                    o = 0
                    for p in range(1, _OPEN):
                        if t[last[p]] < t[last[o]]:
                            o = p
                piece[i + r] = pieces
                pieces += 1
                ux[o], uy[o] = np.nan, np.nan
                began[o], steps[o] = t[i + r], 0
            else:
                steps[o] += 1
                piece[i + r] = piece[last[o]]
                ux[o], uy[o] = _sailed_mps(last[o], i + r, t, x, y, ux[o], uy[o])
            last[o] = i + r
        i += k
    return piece, pieces


@njit(cache=True, nogil=True)
def _seam(end, before, start, after, t, x, y, vx, vy, kind, feed, max_mps, slack_m):
    """The cheapest way from the end of a hull to the start of a piece, strays at either left out: cost, how many of the end, how many of the start.

    `before` and `after` lead from a fix to the one before and after it in its piece.
    """
    least, cut_end, cut_start = NO_COST, 0, 0
    i = end
    for a in range(_STRAYS + 1):
        j = start
        for b in range(_STRAYS + 1):
            if t[i] <= t[j]:
                c = _step(i, j, t, x, y, vx, vy, np.nan, np.nan, kind, feed, max_mps, slack_m)
                if c < NO_COST and c + (a + b) * _STRAY_COST < least:
                    least, cut_end, cut_start = c + (a + b) * _STRAY_COST, a, b
            j = after[j]
            if j < 0:
                break
        i = before[i]
        if i < 0:
            break
    return least, cut_end, cut_start


@njit(cache=True, nogil=True)
def _join(piece, pieces, t, x, y, vx, vy, kind, feed, max_mps, slack_m):
    """Pieces of five fixes and more to hulls, each to the one it continues best.

    Returns the hull of each fix, -1 for those of short pieces and for strays that stood between two pieces.
    """
    n = t.size
    size, start, end = np.zeros(pieces, np.int64), np.full(pieces, -1, np.int64), np.full(pieces, -1, np.int64)
    before, after = np.full(n, -1, np.int64), np.full(n, -1, np.int64)
    for i in range(n):
        p = piece[i]
        size[p] += 1
        if start[p] < 0:
            start[p] = i
        else:
            before[i], after[end[p]] = end[p], i
        end[p] = i
    hull, hull_of, hulls = np.full(n, -1, np.int64), np.full(pieces, -1, np.int64), 0
    tail, cut = np.empty(pieces, np.int64), np.zeros(n, np.bool_)
    for p in range(pieces):
        if size[p] < FEWEST:
            continue
        best, least, cut_end, cut_start = -1, NO_COST, 0, 0
        for h in range(hulls):
            c, a, b = _seam(tail[h], before, start[p], after, t, x, y, vx, vy, kind, feed, max_mps, slack_m)
            if c < least:
                best, least, cut_end, cut_start = h, c, a, b
        if best < 0:
            best = hulls
            hulls += 1
        else:
            i, j = tail[best], start[p]
            for _ in range(cut_end):
                cut[i] = True
                i = before[i]
            for _ in range(cut_start):
                cut[j] = True
                j = after[j]
            before[j] = i
        hull_of[p] = best
        tail[best] = end[p]
    for i in range(n):
        if not cut[i]:
            hull[i] = hull_of[piece[i]]
    return hull, hulls


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
    if hulls < 2 or hulls > _OPEN:
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
        for c in range(max(0, chains - _OPEN), chains):
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
            near = _step(j, i, t, x, y, vx, vy, ux[h], uy[h], kind, feed, max_mps, slack_m) <= _TIGHT_COST
            run[h] = run[h] + 1 if near else 1
            ux[h], uy[h] = _sailed_mps(j, i, t, x, y, ux[h], uy[h])
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
    piece, pieces = _pieces(t, x, y, vx, vy, kind, feed, max_mps, slack_m)
    hull, hulls = _join(piece, pieces, t, x, y, vx, vy, kind, feed, max_mps, slack_m)
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
