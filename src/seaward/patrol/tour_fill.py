"""Room in tours is filled with visits by prize over time, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from seaward.patrol.tour_parts import GOOD, adds, draw, measure, put


@njit(cache=True, nogil=True)
def best_place(x, tour, size, t, pace, case, limit, may, near, windowed, ahead, behind, route, place, longest):
    """Cheapest place for a visit: cost, tour, node before it (-1: the start)."""
    cost, at, after = np.inf, -1, -1
    if not windowed and longest < np.inf:
        cost = 0.0  # what fits at most
        for a in range(tour.shape[0]):
            cost = max(cost, limit[a] - ahead[a, size[a] - 1, 0])
        cost += 2 * GOOD
    for k in range(near.shape[1]):
        c = near[x, k]
        a = route[c]
        if a < 0 or not may[a, x]:
            continue
        i = place[c]
        if not windowed and t[pace[a], c, x] + t[pace[a], x, c] - longest >= cost:
            break  # both neighbours of a place still to come lie farther than this one
        for j in range(i - 1, i + 1):
            if j == 0 or j == size[a] - 2:
                continue
            w = adds(a, j, x, tour, size, t[pace[a]], case, limit, windowed, ahead, behind)
            if w < cost:
                cost, at, after = w, a, (tour[a, j] if j > 0 else -1)
    for a in range(tour.shape[0]):
        if may[a, x]:
            for j in (0, size[a] - 2):
                w = adds(a, j, x, tour, size, t[pace[a]], case, limit, windowed, ahead, behind)
                if w < cost:
                    cost, at, after = w, a, (tour[a, j] if j > 0 else -1)
    return cost, at, after


@njit(cache=True, nogil=True)
def fill(ban, chance, who, prize, tour, size, t, pace, case, limit, may, near, windowed, ahead, behind, reverse, route, place, look, changed, tiny):
    """Visits are put in by prize over cost, with some chance, until none fits; how many."""
    n = prize.shape[0]
    cost, at, after, worth = np.empty(n), np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n)
    out = np.empty(len(who), np.int64)
    count = 0
    longest = 0.0  # way between two visits
    for a in range(tour.shape[0]):
        for i in range(1, size[a] - 2):
            longest = max(longest, t[pace[a], tour[a, i], tour[a, i + 1]])
    power, noise = 0.5 + 1.5 * draw(chance), 0.4 * draw(chance)
    for x in who:
        if route[x] >= 0 or (ban > 0 and draw(chance) < ban):
            continue
        cost[x], at[x], after[x] = best_place(x, tour, size, t, pace, case, limit, may, near, windowed, ahead, behind, route, place, longest)
        if at[x] >= 0:
            worth[x] = prize[x] ** power * (1 + noise * draw(chance))
            out[count] = x
            count += 1
    done = 0
    while count:
        best, which = -1.0, -1
        for k in range(count):
            x = out[k]
            score = worth[x] / (max(cost[x], 0.0) + tiny)
            if score > best:
                best, which = score, k
        x = out[which]
        count -= 1
        out[which] = out[count]
        a = at[x]
        i = 0 if after[x] < 0 else place[after[x]]
        put(a, i, x, tour, size)
        measure(a, tour, size, t[pace[a]], case, ahead, behind, reverse, route, place)
        changed[a] = True
        look[x] = True
        before, then = tour[a, i], tour[a, i + 2]
        look[before] = look[then] = True
        done += 1
        key = before if i > 0 else -1
        left = limit[a] - ahead[a, size[a] - 1, 0] + GOOD
        k = 0
        while k < count:
            y = out[k]
            if at[y] == a and (windowed or after[y] == key or cost[y] > left):
                cost[y], at[y], after[y] = best_place(y, tour, size, t, pace, case, limit, may, near, windowed, ahead, behind, route, place, longest)
                if at[y] < 0:
                    count -= 1
                    out[k] = out[count]
                    continue
            elif may[a, y]:
                for j in range(i, i + 2):
                    w = adds(a, j, y, tour, size, t[pace[a]], case, limit, windowed, ahead, behind)
                    if w < cost[y]:
                        cost[y], at[y], after[y] = w, a, (tour[a, j] if j > 0 else -1)
            k += 1
    return done
