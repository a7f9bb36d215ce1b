"""Tours as rows of nodes with their start and end, compiled: what each part of one measures, and what a visit more would cost; and the dice.

`ahead` and `behind` hold, at each place, the part of the tour up to it and from it on: how long it is at least, its earliest start and the latest one
that does not make it longer. Two parts join in constant time, so that a visit is tried in constant time with and without windows (Vidal, Crainic,
Gendreau, Prins 2013, doi:10.1016/j.cor.2012.07.018).
"""

from __future__ import annotations

import numpy as np
from numba import njit

GOOD = 1e-9  # what a move must save


@njit(cache=True, nogil=True)
def draw(chance):
    """A number in [0, 1): SplitMix64."""
    chance[0] += np.uint64(0x9E3779B97F4A7C15)
    z = chance[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return float((z ^ (z >> np.uint64(31))) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, nogil=True)
def below(chance, n):
    return min(n - 1, int(draw(chance) * n))


@njit(cache=True, nogil=True)
def put(a, i, x, tour, size):
    """A visit behind place i of a tour; to be measured after it."""
    for j in range(size[a], i + 1, -1):
        tour[a, j] = tour[a, j - 1]
    tour[a, i + 1] = x
    size[a] += 1


@njit(cache=True, nogil=True, inline="always")
def join(d1, e1, l1, way, d2, e2, l2):
    """Two parts of a tour in one: length, earliest and latest start; length infinite where a window is missed."""
    on = d1 + way
    if e1 + on > l2 + GOOD:
        return np.inf, 0.0, 0.0
    wait = max(e2 - on - l1, 0.0)
    return on + d2 + wait, max(e2 - on, e1) - wait, min(l2 - on, l1)


@njit(cache=True, nogil=True)
def measure(a, tour, size, t, case, ahead, behind, reverse, route, place):
    """Parts of a tour after a change."""
    opens, closes, ready, due = case
    row, k = tour[a], size[a]
    d, e, late = 0.0, ready[a], due[a]
    ahead[a, 0, 0], ahead[a, 0, 1], ahead[a, 0, 2], reverse[a, 0] = d, e, late, 0.0
    for i in range(1, k):
        x, way = row[i], t[row[i - 1], row[i]]
        reverse[a, i] = reverse[a, i - 1] + (t[x, row[i - 1]] if 1 < i < k - 1 else 0.0)
        if i < k - 1:
            d, e, late = join(d, e, late, way, 0.0, opens[x], closes[x])
            route[x], place[x] = a, i
        else:
            d, e, late = join(d, e, late, way, 0.0, ready[a], due[a])
        ahead[a, i, 0], ahead[a, i, 1], ahead[a, i, 2] = d, e, late
    d, e, late = 0.0, ready[a], due[a]
    behind[a, k - 1, 0], behind[a, k - 1, 1], behind[a, k - 1, 2] = d, e, late
    for i in range(k - 2, 0, -1):
        x = row[i]
        d, e, late = join(0.0, opens[x], closes[x], t[x, row[i + 1]], d, e, late)
        behind[a, i, 0], behind[a, i, 1], behind[a, i, 2] = d, e, late


@njit(cache=True, nogil=True)
def adds(a, i, x, tour, size, t, case, limit, windowed, ahead, behind):
    """What a visit after place i of a tour costs; infinite where it does not fit."""
    p, q = tour[a, i], tour[a, i + 1]
    way = t[p, x] + t[x, q] - t[p, q]
    length = ahead[a, size[a] - 1, 0]
    if not windowed:
        return way if length + way <= limit[a] + GOOD else np.inf
    opens, closes, _, _ = case
    d, e, late = join(ahead[a, i, 0], ahead[a, i, 1], ahead[a, i, 2], t[p, x], 0.0, opens[x], closes[x])
    if d == np.inf:
        return np.inf
    j = i + 1
    d, e, late = join(d, e, late, t[x, q], behind[a, j, 0], behind[a, j, 1], behind[a, j, 2])
    return max(d - length, 0.3 * way) if d <= limit[a] + GOOD else np.inf
