"""Tours are shortened, compiled: parts of them turned, some visits moved together."""

from __future__ import annotations

import numpy as np
from numba import njit

from seaward.patrol.tour_parts import GOOD, join, measure

_MOST_MOVED = 3  # visits moved together; ours


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
                d, e, late = join(d, e, late, t[row[s - 1], x], 0.0, opens[x], closes[x])
            else:
                d, e, late = join(d, e, late, t[row[s - 1], x], 0.0, ready[a], due[a])
            if d == np.inf:
                return False
        if d > ahead[a, k - 1, 0] - GOOD:
            return False
    tour[a, :k] = row[:k]
    return True


@njit(cache=True, nogil=True)
def shorten(a, row, tour, size, t, case, near, windowed, ahead, behind, reverse, route, place, look):
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
            best, b_i, b_j, b_to, b_turned = -GOOD, -1, -1, -1, False
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
            measure(a, tour, size, t, case, ahead, behind, reverse, route, place)


@njit(cache=True, nogil=True)
def _along(r, u, v, t):
    total = 0.0
    for s in range(u, v):
        total += t[r[s], r[s + 1]]
    return total
