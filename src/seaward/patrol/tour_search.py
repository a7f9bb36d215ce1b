"""The search behind `tours`, compiled: parts of tours are taken out or others pressed in, room is filled, tours are shortened, with a little heat."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from seaward.patrol.tour_fill import fill
from seaward.patrol.tour_parts import GOOD, below, draw, measure
from seaward.patrol.tour_press import press
from seaward.patrol.tour_shorten import shorten

_PRESSED = 8  # one round in so many; ours
_MOST_OUT = 30  # visits taken out at once; ours
_WARM, _COLD = 0.8, 0.02  # heat at the beginning and at the end, in mean prizes; ours


@njit(cache=True, nogil=True)
def _choose(total, chance, tour, size, route, place, near, who, prize, out):
    """Visits to take out: neighbours, parts of tours that lie together, or any."""
    m = tour.shape[0]
    if total == 0:
        return
    wide = total // 2 + 1
    most = 1 + below(chance, max(2, wide if below(chance, 16) == 0 else min(_MOST_OUT, wide)))
    how = below(chance, 4)
    if how == 0:
        c = who[below(chance, len(who))]
        out[c] = True
        left = most
        for k in range(near.shape[1]):
            if route[near[c, k]] >= 0:
                out[near[c, k]] = True
                left -= 1
                if left <= 0:
                    break
    elif how == 1:
        a = below(chance, m)
        if size[a] > 2:
            first = 1 + below(chance, size[a] - 2)
            for i in range(first, min(size[a] - 1, first + most)):
                out[tour[a, i]] = True
    elif how == 2:
        for x in who:
            if route[x] >= 0 and draw(chance) < most / (total + 1.0):
                out[x] = True
    else:
        c = who[below(chance, len(who))]
        strings, length = 1 + below(chance, 3), max(1, most // 2)
        for k in range(near.shape[1]):
            x = near[c, k]
            a = route[x]
            if a < 0 or out[x]:
                continue
            first = max(1, place[x] - below(chance, length))
            for i in range(first, min(size[a] - 1, first + length)):
                out[tour[a, i]] = True
            strings -= 1
            if strings <= 0:
                break


@njit(cache=True, nogil=True)
def chunk(rounds, share, who, prize, t, pace, case, limit, may, near, windowed, now_tour, now_size, best_tour, best_size, state, chance):
    """Some rounds of the search.

    Parameters
    ----------
    rounds, share
        How many; and which share of the whole search is done, which sets the heat.
    who
        Nodes that may be visited by somebody.
    prize, t, pace, case, limit, may, near
        As in `tours.Visits`; t with visits counted in, case its windows, near the neighbours of each node.
    now_tour, now_size, best_tour, best_size
        Tours as they are and the best so far; changed.
    state
        Prize of the best, its length, and merit of the tours as they are; changed.
    chance
        State of the dice, changed.
    """
    m, n = now_tour.shape[0], prize.shape[0]
    wide = now_tour.shape[1]
    tour, size, row = now_tour.copy(), now_size.copy(), np.empty(wide, np.int64)
    ahead, behind, reverse = np.zeros((m, wide, 3)), np.zeros((m, wide, 3)), np.zeros((m, wide))
    route, place = np.full(n, -1, np.int64), np.zeros(n, np.int64)
    look, out, changed = np.zeros(n, np.bool_), np.zeros(n, np.bool_), np.zeros(m, np.bool_)
    whole = 0.0
    for a in range(m):
        whole += limit[a]
    tiny = 1e-5 * whole / m + 1e-12
    for _ in range(rounds):
        for x in who:
            route[x] = -1
            out[x] = False
            look[x] = False
        total = 0
        for a in range(m):
            size[a] = now_size[a]
            total += size[a] - 2
            for i in range(size[a]):
                tour[a, i] = now_tour[a, i]
            measure(a, tour, size, t[pace[a]], case, ahead, behind, reverse, route, place)
            changed[a] = False
        if below(chance, _PRESSED) == 0:
            most = 1 + below(chance, min(_MOST_OUT, total // 3 + 1))
            press(
                most, chance, who, prize, tour, size, t, pace, case, limit, may, near, windowed, ahead, behind, reverse, route, place, look, changed,
                out, tiny,
            )  # fmt: skip
        else:
            _choose(total, chance, tour, size, route, place, near, who, prize, out)
        for a in range(m):
            k = 1
            for i in range(1, size[a] - 1):
                x = tour[a, i]
                if out[x]:
                    route[x] = -1
                    look[tour[a, k - 1]] = look[tour[a, i + 1]] = changed[a] = True
                else:
                    tour[a, k] = x
                    k += 1
            tour[a, k] = tour[a, size[a] - 1]
            size[a] = k + 1
            if changed[a]:
                measure(a, tour, size, t[pace[a]], case, ahead, behind, reverse, route, place)
        for ban in (0.3 * draw(chance), 0.0):
            for a in range(m):
                if changed[a]:
                    shorten(a, row, tour, size, t[pace[a]], case, near, windowed, ahead, behind, reverse, route, place, look)
            fill(
                ban, chance, who, prize, tour, size, t, pace, case, limit, may, near, windowed, ahead, behind, reverse, route, place, look, changed,
                tiny,
            )  # fmt: skip
        for a in range(m):
            if changed[a]:
                shorten(a, row, tour, size, t[pace[a]], case, near, windowed, ahead, behind, reverse, route, place, look)
        got, length, visited, fits = 0.0, 0.0, 0, True
        for a in range(m):
            if size[a] > 2:
                length += ahead[a, size[a] - 1, 0]
                fits = fits and ahead[a, size[a] - 1, 0] <= limit[a] + GOOD  # not where a way would be needed that there is not
            for i in range(1, size[a] - 1):
                got += prize[tour[a, i]]
                visited += 1
        if not fits:
            continue
        merit = got - state[3] * got * length / whole
        heat = got / max(1, visited) * _WARM * (_COLD / _WARM) ** share
        if got > state[0] + 1e-9 or (got > state[0] - 1e-9 and length < state[1] - GOOD):
            state[0], state[1] = got, length
            for a in range(m):
                best_size[a] = size[a]
                best_tour[a, : size[a]] = tour[a, : size[a]]
        if merit > state[2] or (heat > 0 and draw(chance) < math.exp((merit - state[2]) / heat)):
            state[2] = merit
            for a in range(m):
                now_size[a] = size[a]
                now_tour[a, : size[a]] = tour[a, : size[a]]
