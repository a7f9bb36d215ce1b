"""Fixes under one identity in time order -> short certain pieces, and the hulls that pieces of five fixes and more join to."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from seaward.core.units import US_PER_S
from seaward.picture.assignment import cheapest
from seaward.picture.duplicates import FEWEST
from seaward.picture.motion import NEW_HULL_COST, NO_COST, apart_m, cost

OPEN = 20  # Global Fishing Watch gpsdio-segment: most open tracks under one identity
_WINDOW_US = US_PER_S  # ours: fixes this close are assigned together; no transponder sends twice in a second
_LATEST_COST = 60.0  # ours: so much, and a piece is over; what continues it is found when pieces are joined
_STRAYS = 3  # ours: so many in a row may stand at the end of a piece or its start
_STRAY_COST = 16.0  # ours: a fix in some 3,000 is a stray


@njit(cache=True, nogil=True)
def step(i, j, t, x, y, vx, vy, ux, uy, kind, feed, max_mps, slack_m):
    return cost(t[i], x[i], y[i], vx[i], vy[i], ux, uy, kind[i], feed[i], t[j], x[j], y[j], vx[j], vy[j], kind[j], feed[j], max_mps, slack_m)


@njit(cache=True, nogil=True)
def sailed_mps(i, j, t, x, y, ux, uy):
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
def pieces_of(t, x, y, vx, vy, kind, feed, max_mps, slack_m):
    """The piece of each fix, numbered by first fix: per second the cheapest assignment of fixes to open pieces and new ones."""
    n = t.size
    piece = np.empty(n, np.int64)
    last, ux, uy = np.full(OPEN, -1, np.int64), np.full(OPEN, np.nan), np.full(OPEN, np.nan)
    began, steps = np.zeros(OPEN, np.int64), np.zeros(OPEN, np.int64)
    usual_us = (t[n - 1] - t[0]) / max(1, n - 1)
    opened, pieces, i = 0, 0, 0
    while i < n:
        k = 1
        while i + k < n and k < OPEN and t[i + k] - t[i] < _WINDOW_US:
            k += 1
        chosen = np.full(k, -1, np.int64)
        if k > 1:
            costs = np.full((k, opened + k), NO_COST)
            for r in range(k):
                for o in range(opened):
                    costs[r, o] = step(last[o], i + r, t, x, y, vx, vy, ux[o], uy[o], kind, feed, max_mps, slack_m)
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
                        c = step(last[p], i + r, t, x, y, vx, vy, ux[p], uy[p], kind, feed, max_mps, slack_m)
                        c += _late(t[i + r] - t[last[p]], t[last[p]] - began[p], steps[p], usual_us)
                        if c < least:
                            o, least = p, c
            if o < 0:
                if opened < OPEN:
                    o = opened
                    opened += 1
                else:
                    o = 0
                    for p in range(1, OPEN):
                        if t[last[p]] < t[last[o]]:
                            o = p
                piece[i + r] = pieces
                pieces += 1
                ux[o], uy[o] = np.nan, np.nan
                began[o], steps[o] = t[i + r], 0
            else:
                steps[o] += 1
                piece[i + r] = piece[last[o]]
                ux[o], uy[o] = sailed_mps(last[o], i + r, t, x, y, ux[o], uy[o])
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
                c = step(i, j, t, x, y, vx, vy, np.nan, np.nan, kind, feed, max_mps, slack_m)
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
def joined(piece, pieces, t, x, y, vx, vy, kind, feed, max_mps, slack_m):
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
