"""The search behind `tours`, compiled: parts of tours are taken out, room is filled by prize over time, tours are shortened, with a little heat.

A tour is a row of nodes with its start and end. `ahead` and `behind` hold, at each place, the part of the tour up to it and from it on: how long it
is at least, its earliest start and the latest one that does not make it longer. Two parts join in constant time, so that a visit is tried in constant
time with and without windows (Vidal, Crainic, Gendreau, Prins 2013, doi:10.1016/j.cor.2012.07.018).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

_MOST_OUT = 30  # visits taken out at once; ours
_MOST_MOVED = 3  # visits moved together; ours
_WARM, _COLD = 0.8, 0.02  # heat at the beginning and at the end, in mean prizes; ours
_GOOD = 1e-9  # what a move must save


@njit(cache=True, nogil=True)
def _draw(chance):
    """A number in [0, 1): SplitMix64."""
    chance[0] += np.uint64(0x9E3779B97F4A7C15)
    z = chance[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return float((z ^ (z >> np.uint64(31))) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, nogil=True)
def _below(chance, n):
    return min(n - 1, int(_draw(chance) * n))


@njit(cache=True, nogil=True, inline="always")
def _join(d1, e1, l1, way, d2, e2, l2):
    """Two parts of a tour in one: length, earliest and latest start; length infinite where a window is missed."""
    on = d1 + way
    if e1 + on > l2 + _GOOD:
        return np.inf, 0.0, 0.0
    wait = max(e2 - on - l1, 0.0)
    return on + d2 + wait, max(e2 - on, e1) - wait, min(l2 - on, l1)


@njit(cache=True, nogil=True)
def _measure(a, tour, size, t, case, ahead, behind, reverse, route, place):
    """Parts of a tour after a change."""
    opens, closes, ready, due = case
    row, k = tour[a], size[a]
    d, e, late = 0.0, ready[a], due[a]
    ahead[a, 0, 0], ahead[a, 0, 1], ahead[a, 0, 2], reverse[a, 0] = d, e, late, 0.0
    for i in range(1, k):
        x, way = row[i], t[row[i - 1], row[i]]
        reverse[a, i] = reverse[a, i - 1] + (t[x, row[i - 1]] if 1 < i < k - 1 else 0.0)
        if i < k - 1:
            d, e, late = _join(d, e, late, way, 0.0, opens[x], closes[x])
            route[x], place[x] = a, i
        else:
            d, e, late = _join(d, e, late, way, 0.0, ready[a], due[a])
        ahead[a, i, 0], ahead[a, i, 1], ahead[a, i, 2] = d, e, late
    d, e, late = 0.0, ready[a], due[a]
    behind[a, k - 1, 0], behind[a, k - 1, 1], behind[a, k - 1, 2] = d, e, late
    for i in range(k - 2, 0, -1):
        x = row[i]
        d, e, late = _join(0.0, opens[x], closes[x], t[x, row[i + 1]], d, e, late)
        behind[a, i, 0], behind[a, i, 1], behind[a, i, 2] = d, e, late


@njit(cache=True, nogil=True)
def _adds(a, i, x, tour, size, t, case, limit, windowed, ahead, behind):
    """What a visit after place i of a tour costs; infinite where it does not fit."""
    p, q = tour[a, i], tour[a, i + 1]
    way = t[p, x] + t[x, q] - t[p, q]
    length = ahead[a, size[a] - 1, 0]
    if not windowed:
        return way if length + way <= limit[a] + _GOOD else np.inf
    opens, closes, _, _ = case
    d, e, late = _join(ahead[a, i, 0], ahead[a, i, 1], ahead[a, i, 2], t[p, x], 0.0, opens[x], closes[x])
    if d == np.inf:
        return np.inf
    j = i + 1
    d, e, late = _join(d, e, late, t[x, q], behind[a, j, 0], behind[a, j, 1], behind[a, j, 2])
    return max(d - length, 0.3 * way) if d <= limit[a] + _GOOD else np.inf


@njit(cache=True, nogil=True)
def _best_place(x, tour, size, t, pace, case, limit, may, near, windowed, ahead, behind, route, place, longest):
    """Cheapest place for a visit: cost, tour, node before it (-1: the start)."""
    cost, at, after = np.inf, -1, -1
    if not windowed:
        cost = 0.0  # what fits at most
        for a in range(tour.shape[0]):
            cost = max(cost, limit[a] - ahead[a, size[a] - 1, 0])
        cost += 2 * _GOOD
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
            w = _adds(a, j, x, tour, size, t[pace[a]], case, limit, windowed, ahead, behind)
            if w < cost:
                cost, at, after = w, a, (tour[a, j] if j > 0 else -1)
    for a in range(tour.shape[0]):
        if may[a, x]:
            for j in (0, size[a] - 2):
                w = _adds(a, j, x, tour, size, t[pace[a]], case, limit, windowed, ahead, behind)
                if w < cost:
                    cost, at, after = w, a, (tour[a, j] if j > 0 else -1)
    return cost, at, after


@njit(cache=True, nogil=True)
def _fill(ban, chance, who, prize, tour, size, t, pace, case, limit, may, near, windowed, ahead, behind, reverse, route, place, look, changed, tiny):
    """Visits are put in by prize over cost, with some chance, until none fits; how many."""
    n = prize.shape[0]
    cost, at, after, worth = np.empty(n), np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n)
    out = np.empty(len(who), np.int64)
    count = 0
    longest = 0.0  # way between two visits
    for a in range(tour.shape[0]):
        for i in range(1, size[a] - 2):
            longest = max(longest, t[pace[a], tour[a, i], tour[a, i + 1]])
    power, noise = 0.5 + 1.5 * _draw(chance), 0.4 * _draw(chance)
    for x in who:
        if route[x] >= 0 or (ban > 0 and _draw(chance) < ban):
            continue
        cost[x], at[x], after[x] = _best_place(x, tour, size, t, pace, case, limit, may, near, windowed, ahead, behind, route, place, longest)
        if at[x] >= 0:
            worth[x] = prize[x] ** power * (1 + noise * _draw(chance))
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
        for j in range(size[a], i + 1, -1):
            tour[a, j] = tour[a, j - 1]
        tour[a, i + 1] = x
        size[a] += 1
        _measure(a, tour, size, t[pace[a]], case, ahead, behind, reverse, route, place)
        changed[a] = True
        look[x] = True
        before, then = tour[a, i], tour[a, i + 2]
        look[before] = look[then] = True
        done += 1
        key = before if i > 0 else -1
        left = limit[a] - ahead[a, size[a] - 1, 0] + _GOOD
        k = 0
        while k < count:
            y = out[k]
            if at[y] == a and (windowed or after[y] == key or cost[y] > left):
                cost[y], at[y], after[y] = _best_place(y, tour, size, t, pace, case, limit, may, near, windowed, ahead, behind, route, place, longest)
                if at[y] < 0:
                    count -= 1
                    out[k] = out[count]
                    continue
            elif may[a, y]:
                for j in range(i, i + 2):
                    w = _adds(a, j, y, tour, size, t[pace[a]], case, limit, windowed, ahead, behind)
                    if w < cost[y]:
                        cost[y], at[y], after[y] = w, a, (tour[a, j] if j > 0 else -1)
            k += 1
    return done


@njit(cache=True, nogil=True)
def _try(a, i, j, to, turned, row, tour, size, t, case, windowed, ahead):
    """Move places i..j of a tour behind place `to` (or turn them where they are: to = -1); whether that was kept."""
    k = size[a]
    if to < 0:
        row[:k] = tour[a, :k]
        for s in range(i, j + 1):
            row[s] = tour[a, i + j - s]
    else:
        n = 0
        for s in range(k):
            if i <= s <= j:
                continue
            row[n] = tour[a, s]
            n += 1
            if s == to:
                for q in range(i, j + 1):
                    row[n] = tour[a, i + j - q if turned else q]
                    n += 1
    if windowed:
        opens, closes, ready, due = case
        d, e, late = 0.0, ready[a], due[a]
        for s in range(1, k):
            x = row[s]
            if s < k - 1:
                d, e, late = _join(d, e, late, t[row[s - 1], x], 0.0, opens[x], closes[x])
            else:
                d, e, late = _join(d, e, late, t[row[s - 1], x], 0.0, ready[a], due[a])
            if d == np.inf:
                return False
        if d > ahead[a, k - 1, 0] - _GOOD:
            return False
    tour[a, :k] = row[:k]
    return True


@njit(cache=True, nogil=True)
def _shorten(a, row, tour, size, t, case, near, windowed, ahead, behind, reverse, route, place, look):
    """Turn parts of a tour, and move some visits together, as long as that saves time; only about visits that are marked."""
    moved = True
    while moved:
        moved = False
        i = 0
        while i < size[a] - 2:
            i += 1
            k = size[a]
            r = tour[a]
            x = r[i]
            if not look[x]:
                continue
            look[x] = False
            best, b_i, b_j, b_to, b_turned = -_GOOD, -1, -1, -1, False
            fw, bw = ahead[a, :, 0], reverse[a]
            for n in range(near.shape[1]):
                c = near[x, n]
                if route[c] != a:
                    continue
                j = place[c]
                if t[x, c] >= max(t[r[i - 1], x], t[x, r[i + 1]]):
                    break  # nothing is saved by what begins with this way (Lin and Kernighan 1973, doi:10.1287/opre.21.2.498)
                lo, hi = min(i, j), max(i, j)
                for s in range(2):  # turn lo+1..hi, or lo..hi-1
                    u, v = lo + 1 - s, hi - s
                    if u >= v:
                        continue
                    inner = (bw[v] - bw[u]) - (_along(r, u, v, t) if windowed else fw[v] - fw[u])
                    w = t[r[u - 1], r[v]] + t[r[u], r[v + 1]] - t[r[u - 1], r[u]] - t[r[v], r[v + 1]] + inner
                    if w < best and (not windowed or _try(a, u, v, -1, False, row, tour, size, t, case, True, ahead)):
                        best, b_i, b_j, b_to = w, u, v, -1
                        if windowed:
                            break
                if windowed and b_i >= 0:
                    break
                for more in range(_MOST_MOVED):
                    for s in range(2 if more else 1):  # x is the first, or the last, of those moved
                        u, v = (i, i + more) if s == 0 else (i - more, i)
                        if u < 1 or v > k - 2 or u <= j <= v:
                            continue
                        p, q, one, two = r[u - 1], r[v + 1], r[u], r[v]
                        saved = t[p, one] + t[two, q] - t[p, q]
                        inner = (bw[v] - bw[u]) - (_along(r, u, v, t) if windowed else fw[v] - fw[u])
                        for to in range(j - 1, j + 1):
                            if u - 1 <= to <= v:
                                continue
                            y, z = r[to], r[to + 1]
                            straight = t[y, one] + t[two, z] - t[y, z] - saved
                            turned = t[y, two] + t[one, z] - t[y, z] - saved + inner
                            w = min(straight, turned)
                            if w < best and (not windowed or _try(a, u, v, to, turned < straight, row, tour, size, t, case, True, ahead)):
                                best, b_i, b_j, b_to, b_turned = w, u, v, to, turned < straight
                                if windowed:
                                    break
                        if windowed and b_i >= 0:
                            break
                    if windowed and b_i >= 0:
                        break
                if windowed and b_i >= 0:
                    break
            if b_i < 0:
                continue
            moved = True
            if not windowed:
                for s in (b_i - 1, b_i, b_j, b_j + 1):
                    look[r[s]] = True
                if b_to >= 0:
                    look[r[b_to]] = look[r[b_to + 1]] = True
                _try(a, b_i, b_j, b_to, b_turned, row, tour, size, t, case, False, ahead)
            else:
                for s in range(max(1, i - 2), min(k - 1, i + 3)):
                    look[tour[a, s]] = True
            _measure(a, tour, size, t, case, ahead, behind, reverse, route, place)


@njit(cache=True, nogil=True)
def _along(r, u, v, t):
    total = 0.0
    for s in range(u, v):
        total += t[r[s], r[s + 1]]
    return total


@njit(cache=True, nogil=True)
def _choose(chance, tour, size, route, place, near, who, prize, out):
    """Visits to take out: neighbours, parts of tours that lie together, or any."""
    m = tour.shape[0]
    total = 0
    for a in range(m):
        total += size[a] - 2
    if total == 0:
        return
    wide = total // 2 + 1
    most = 1 + _below(chance, max(2, wide if _below(chance, 16) == 0 else min(_MOST_OUT, wide)))
    how = _below(chance, 4)
    if how == 0:
        c = who[_below(chance, len(who))]
        out[c] = True
        left = most
        for k in range(near.shape[1]):
            if route[near[c, k]] >= 0:
                out[near[c, k]] = True
                left -= 1
                if left <= 0:
                    break
    elif how == 1:
        a = _below(chance, m)
        if size[a] > 2:
            first = 1 + _below(chance, size[a] - 2)
            for i in range(first, min(size[a] - 1, first + most)):
                out[tour[a, i]] = True
    elif how == 2:
        for x in who:
            if route[x] >= 0 and _draw(chance) < most / (total + 1.0):
                out[x] = True
    else:
        c = who[_below(chance, len(who))]
        strings, length = 1 + _below(chance, 3), max(1, most // 2)
        for k in range(near.shape[1]):
            x = near[c, k]
            a = route[x]
            if a < 0 or out[x]:
                continue
            first = max(1, place[x] - _below(chance, length))
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
        for a in range(m):
            size[a] = now_size[a]
            for i in range(size[a]):
                tour[a, i] = now_tour[a, i]
            _measure(a, tour, size, t[pace[a]], case, ahead, behind, reverse, route, place)
            changed[a] = False
        _choose(chance, tour, size, route, place, near, who, prize, out)
        for a in range(m):
            k = 1
            for i in range(1, size[a] - 1):
                x = tour[a, i]
                if out[x]:
                    route[x] = -1
                    look[tour[a, k - 1]] = look[tour[a, i + 1]] = True
                    changed[a] = True
                else:
                    tour[a, k] = x
                    k += 1
            tour[a, k] = tour[a, size[a] - 1]
            size[a] = k + 1
            if changed[a]:
                _measure(a, tour, size, t[pace[a]], case, ahead, behind, reverse, route, place)
        for ban in (0.3 * _draw(chance), 0.0):
            for a in range(m):
                if changed[a]:
                    _shorten(a, row, tour, size, t[pace[a]], case, near, windowed, ahead, behind, reverse, route, place, look)
            _fill(
                ban,
                chance,
                who,
                prize,
                tour,
                size,
                t,
                pace,
                case,
                limit,
                may,
                near,
                windowed,
                ahead,
                behind,
                reverse,
                route,
                place,
                look,
                changed,
                tiny,
            )
        for a in range(m):
            if changed[a]:
                _shorten(a, row, tour, size, t[pace[a]], case, near, windowed, ahead, behind, reverse, route, place, look)
        got, length, visited = 0.0, 0.0, 0
        for a in range(m):
            length += ahead[a, size[a] - 1, 0]
            for i in range(1, size[a] - 1):
                got += prize[tour[a, i]]
                visited += 1
        merit = got - state[3] * got * length / whole
        heat = got / max(1, visited) * _WARM * (_COLD / _WARM) ** share
        if got > state[0] + 1e-9 or (got > state[0] - 1e-9 and length < state[1] - _GOOD):
            state[0], state[1] = got, length
            for a in range(m):
                best_size[a] = size[a]
                best_tour[a, : size[a]] = tour[a, : size[a]]
        if merit > state[2] or (heat > 0 and _draw(chance) < math.exp((merit - state[2]) / heat)):
            state[2] = merit
            for a in range(m):
                now_size[a] = size[a]
                now_tour[a, : size[a]] = tour[a, : size[a]]
