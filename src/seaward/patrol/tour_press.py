"""Visits that lie together are pressed into tours, and others make room, compiled: ways to other parts of the sea that no gap would open."""

from __future__ import annotations

import numpy as np
from numba import njit

from seaward.patrol.tour_fill import best_place
from seaward.patrol.tour_parts import GOOD, below, draw, measure, put

_TRIES = 20  # to find one that is not visited; ours


@njit(cache=True, nogil=True)
def press(
    most, chance, who, prize, tour, size, t, pace, case, limit, may, near, windowed, ahead, behind, reverse, route, place, look, changed, kept, tiny
):  # fmt: skip
    """Put in a visit and neighbours of it, whatever the limit; then take out what gives least for its time until the limit is kept.

    Parameters
    ----------
    most
        How many are pressed in.
    kept
        Which ones; changed, and none at the end.
    """
    x = who[below(chance, len(who))]
    for _ in range(_TRIES):
        if route[x] < 0:
            break
        x = who[below(chance, len(who))]
    loose = np.full(tour.shape[0], np.inf)
    for a in range(tour.shape[0]):  # `not` with `<=`: a length that is no number, where a way is missing, is too long
        if not ahead[a, size[a] - 1, 0] <= limit[a] + GOOD:  # as of who cannot come to their end at all
            loose[a] = -np.inf
    for k in range(-1, near.shape[1]):
        y = x if k < 0 else near[x, k]
        if most <= 0:
            break
        if route[y] >= 0:
            continue
        _, a, after = best_place(y, tour, size, t, pace, case, loose, may, near, windowed, ahead, behind, route, place, np.inf)
        if a < 0:
            continue
        i = 0 if after < 0 else place[after]
        put(a, i, y, tour, size)
        measure(a, tour, size, t[pace[a]], case, ahead, behind, reverse, route, place)
        look[tour[a, i]] = look[y] = look[tour[a, i + 2]] = kept[y] = changed[a] = True
        most -= 1
    noise = 0.5 * draw(chance)
    for a in range(tour.shape[0]):
        way = t[pace[a]]
        while changed[a] and size[a] > 2 and not ahead[a, size[a] - 1, 0] <= limit[a] + GOOD:
            worst, at = -1.0, -1
            for i in range(1, size[a] - 1):
                y = tour[a, i]
                if kept[y]:
                    continue
                p, q = tour[a, i - 1], tour[a, i + 1]
                score = (way[p, y] + way[y, q] - way[p, q] + tiny) / (prize[y] + 1e-300) * (1 + noise * draw(chance))
                if score > worst:
                    worst, at = score, i
            if at < 0:
                at = 1 + below(chance, size[a] - 2)
            y = tour[a, at]
            route[y] = -1
            look[tour[a, at - 1]] = look[tour[a, at + 1]] = True
            for j in range(at, size[a] - 1):
                tour[a, j] = tour[a, j + 1]
            size[a] -= 1
            measure(a, tour, size, way, case, ahead, behind, reverse, route, place)
    for k in range(-1, near.shape[1]):
        kept[x if k < 0 else near[x, k]] = False
