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
def _pieces(t, x, y, vx, vy, kind, feed, max_mps, slack_m):
    """The piece of each fix, numbered by first fix: per second the cheapest assignment of fixes to open pieces and new ones."""
    n = t.size
    piece = np.empty(n, np.int64)
    last, ux, uy = np.full(_OPEN, -1, np.int64), np.full(_OPEN, np.nan), np.full(_OPEN, np.nan)
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
            else:
                piece[i + r] = piece[last[o]]
                ux[o], uy[o] = _sailed_mps(last[o], i + r, t, x, y, ux[o], uy[o])
            last[o] = i + r
        i += k
    return piece, pieces


@njit(cache=True, nogil=True)
def _join(piece, pieces, t, x, y, vx, vy, kind, feed, max_mps, slack_m):
    """Pieces of five fixes and more to hulls, each to the one it continues best; the hull of each fix, -1 for those of short pieces."""
    n = t.size
    size, start, end = np.zeros(pieces, np.int64), np.full(pieces, -1, np.int64), np.zeros(pieces, np.int64)
    for i in range(n):
        p = piece[i]
        size[p] += 1
        if start[p] < 0:
            start[p] = i
        end[p] = i
    hull_of, hulls = np.full(pieces, -1, np.int64), 0
    tail = np.empty(pieces, np.int64)
    for p in range(pieces):
        if size[p] < FEWEST:
            continue
        best, least = -1, NO_COST
        for h in range(hulls):
            if t[tail[h]] <= t[start[p]]:
                c = _step(tail[h], start[p], t, x, y, vx, vy, np.nan, np.nan, kind, feed, max_mps, slack_m)
                if c < least:
                    best, least = h, c
        if best < 0:
            best = hulls
            hulls += 1
        hull_of[p] = best
        tail[best] = end[p]
    hull = np.empty(n, np.int64)
    for i in range(n):
        hull[i] = hull_of[piece[i]]
    return hull, hulls


@njit(cache=True, nogil=True)
def _insert(hull, hulls, t, x, y, max_mps, slack_m):
    """Give single fixes to a hull whose fixes before and after they can follow; the detour decides between hulls."""
    n = t.size
    following = np.zeros(hulls, np.int64)
    before = np.full(hulls, -1, np.int64)
    for i in range(n):
        if hull[i] >= 0:
            before[hull[i]] = i
            continue
        best, least = -1, np.inf
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
                best, least = h, detour
        if best >= 0:
            hull[i] = best
            before[best] = i


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
