"""A lattice and what each cell is worth -> the best route of one asset: exactly for a worth that adds up, by a beam for one that diminishes.

A route is the node at the end of each step: a cell, the port (number of cells), or -1 on the way between port and cell.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.core.errors import ParameterError
from seaward.patrol.lattice import Lattice, Start

Path = NDArray[np.int32]


def best_route(lattice: Lattice, price: NDArray[np.float64], start: Start) -> tuple[float, Path]:
    """The route of most worth, where each look is worth its share however often a cell was looked at before.

    Parameters
    ----------
    lattice
        Where the asset can go.
    price
        What a look that finds everything is worth: shape (pots,), or (pots, looks) where further looks in a row at a cell are worth less.
    start
        Where it is, and since when.

    Returns
    -------
    The worth, and the route, shape (steps + 1,); minus infinity and an empty route where it cannot be home in time.

    Source
    ------
    Dynamic programme over steps, nodes and, where endurance binds, steps since departure.
    """
    args: list[Any] = [*_arrays(lattice), price.reshape(len(price), -1), *_limits(lattice, start)]
    found, path, _, _ = _oracle(*args)
    return float(found), path


def prospects(lattice: Lattice, price: NDArray[np.float64], start: Start) -> NDArray[np.float64]:
    """What the rest of the best route from each step and node is worth without the limit of endurance, shape (steps + 1, nodes)."""
    sortie, rest, _, *where = _limits(lattice, start)
    args: list[Any] = [*_arrays(lattice), price.reshape(len(price), -1), sortie, rest, False, *where]
    _, _, worth, port = _oracle(*args)
    found = np.column_stack([worth[:, :, 0], port])
    return np.where(np.isfinite(found), found, 0.0)


def beam_route(
    lattice: Lattice, left: NDArray[np.float64], start: Start, width: int, ahead: NDArray[np.float64], per_node: int = 5
) -> tuple[float, Path]:
    """A route of much worth, where what a look finds is gone for the next look.

    Parameters
    ----------
    lattice, start
        As in `best_route`.
    left
        What is still to be found in each pot, shape (pots,).
    width
        Routes kept at each step.
    ahead
        What is expected of the rest of a route from each step and node, shape (steps + 1, nodes): decides which are kept, not what they are worth.
    per_node
        Routes kept at most with the same end.

    Returns
    -------
    As `best_route`; the worth counts diminishing exactly.
    """
    arrays = _arrays(lattice)
    args: list[Any] = [*arrays[:2], lattice.cover, lattice.out_cover, *arrays[2:], left, ahead, *_limits(lattice, start), width, per_node]
    value, path = _beam(*args)
    return float(value), path


def cover_of(lattice: Lattice, path: Path) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The looks of a route: pots in time order, and coverage of each, shape (looks,) both."""
    return _looks(lattice.first, lattice.to, lattice.cover, lattice.out_cover, lattice.home, lattice.level, lattice.epoch, path)


def _arrays(x: Lattice) -> tuple[Any, ...]:
    return x.first, x.to, x.finds, x.out_finds, x.home, x.level, x.epoch, x.departs


def _limits(x: Lattice, s: Start) -> tuple[Any, ...]:
    if not (0 <= s.node <= x.cells and 0 <= s.step <= x.steps and s.age >= 0):
        raise ParameterError(f"expected a start among {x.cells} cells and {x.steps} steps, got {s}")
    return x.sortie, x.rest, x.sortie < x.steps - s.step + s.age, s.node, s.step, min(s.age, x.sortie)


@njit(cache=True, nogil=True)
def _oracle(first, to, finds, out_finds, home, level, epoch, departs, price, sortie, rest, tight, node0, step0, age0):
    n, steps, looks = home.shape[0], level.shape[0], price.shape[1]
    worth = np.full((1 if tight else steps + 1, n, looks), -np.inf)  # by looks in a row at the cell, from 1
    port, out = np.full(steps + 1, -np.inf), np.full(steps, -1, np.int32)
    port[steps] = 0.0
    slots, count = np.full(steps, -1, np.int64), 0
    for t in range(step0, steps):
        if departs[t]:
            slots[t], count = count, count + 1
    rows = count + 1 if tight else 1
    moves, stays = np.empty((rows, (sortie if tight else steps) + 1, n), np.int16), np.empty((rows, (sortie if tight else steps) + 1, n), np.int32)
    layer = np.full(((sortie + 2) if tight else 1, n, looks), -np.inf)
    for t in range(steps - 1, step0 - 1, -1):
        if not tight:
            for i in range(n):
                come = port[min(t + home[i] + rest, steps)] if t + home[i] <= steps else -np.inf
                moves[0, t, i], stays[0, t, i] = _choose(i, t, t == step0, come, first, to, finds, level, epoch, price, worth[t + 1], worth[t])
        port[t] = port[t + 1]
        if slots[t] >= 0:
            if tight:
                row = slots[t]
                _sortie(first, to, finds, home, level, epoch, price, sortie, rest, port, -1, t, 1, layer, moves[row], stays[row])
            for j in range(n):
                e = t + home[j]
                if e <= steps and (not tight or home[j] <= sortie):
                    v = (layer[home[j], j, 0] if tight else worth[e, j, 0]) + price[epoch[e - 1] * n + j, 0] * out_finds[level[e - 1], j]
                    if v > port[t]:
                        port[t], out[t] = v, j
    path = np.full(steps + 1, -1, np.int32)
    if node0 == n:
        found = port[step0]
    elif tight:
        _sortie(first, to, finds, home, level, epoch, price, sortie, rest, port, step0, step0 - age0, age0, layer, moves[rows - 1], stays[rows - 1])
        found = layer[age0, node0, 0]
    else:
        found = worth[step0, node0, 0]
    if found == -np.inf:
        return found, path[:0].copy(), worth, port
    t, i, row, since, c = step0, node0, rows - 1, step0 - age0, 0
    path[t] = i
    while t < steps:
        if i == n:
            if out[t] < 0:
                t += 1
            else:
                i, row, since, c = out[t], slots[t] if tight else 0, t, 0
                t += home[i]
        else:
            a = t - since if tight else t
            if stays[row, a, i] >> c & 1:
                c = 0 if t == step0 or epoch[t] != epoch[t - 1] else min(c + 1, looks - 1)
                t += 1
            elif moves[row, a, i] >= 0:
                i, c, t = to[first[i] + moves[row, a, i]], 0, t + 1
            else:
                t += home[i]
                i = n
                path[t : min(t + rest, steps) + 1] = n
                t = min(t + rest, steps)
        path[t] = i
    return found, path, worth, port


@njit(cache=True, nogil=True)
def _choose(i, t, fresh, come, first, to, finds, level, epoch, price, later, now):
    """Worth of being at a cell, by looks in a row there, with the move to make (-1: home) and for which counts to stay instead."""
    n, looks = later.shape
    fresh = fresh or epoch[t] != epoch[t - 1]  # looks begin anew in an epoch, and where planning begins
    best, move, stay = come, -1, -1
    for k in range(first[i], first[i + 1]):
        j = to[k]
        if j == i:
            stay = k
            continue
        v = later[j, 0] + price[epoch[t] * n + j, 0] * finds[level[t], k]
        if v > best:
            best, move = v, k - first[i]
    bits = 0
    for c in range(looks):
        now[i, c] = best
        if stay >= 0:
            d = 0 if fresh else min(c + 1, looks - 1)
            v = later[i, d] + price[epoch[t] * n + i, d] * finds[level[t], stay]
            if v > best:
                now[i, c], bits = v, bits | 1 << c
    return move, bits


@njit(cache=True, nogil=True)
def _sortie(first, to, finds, home, level, epoch, price, sortie, rest, port, begin, since, from_age, layer, moves, stays):
    """Worth of the rest of a sortie that left at step `since`, by age and cell."""
    n, steps = home.shape[0], level.shape[0]
    last = min(sortie, steps - since)
    layer[:, :, :] = -np.inf
    for a in range(last, from_age - 1, -1):
        t = since + a
        for i in range(n):
            if (begin < 0 and a < home[i]) or a + home[i] > sortie or t + home[i] > steps:  # not there yet, or not home in time
                continue
            come = port[min(t + home[i] + rest, steps)]
            if a < last:
                moves[a, i], stays[a, i] = _choose(i, t, t == begin, come, first, to, finds, level, epoch, price, layer[a + 1], layer[a])
            else:
                layer[a, i, :] = come
                moves[a, i], stays[a, i] = -1, 0


@njit(cache=True, nogil=True)
def _ranked(score):
    """Numbers of scores, the best first."""
    return np.argsort(-score)


@njit(cache=True, nogil=True)
def _push(t, node, age, value, score, parent, pot, z, count, c_int, c_real):
    """Add a candidate to the bucket of a step; the worse half goes when it is full."""
    m = count[t]
    if m == c_real.shape[1]:
        keep = _ranked(c_real[t, :, 1])
        old_int, old_real = c_int[t].copy(), c_real[t].copy()
        m //= 2
        for k in range(m):
            for q in range(4):
                c_int[t, k, q] = old_int[keep[k], q]
            for q in range(3):
                c_real[t, k, q] = old_real[keep[k], q]
    c_int[t, m, 0], c_int[t, m, 1], c_int[t, m, 2], c_int[t, m, 3] = node, age, parent, pot
    c_real[t, m, 0], c_real[t, m, 1], c_real[t, m, 2] = value, score, z
    count[t] = m + 1


@njit(cache=True, nogil=True)
def _beam(
    first, to, cover, out_cover, finds, out_finds, home, level, epoch, departs, left, ahead, sortie, rest, tight, node0, step0, age0, width, per_node
):
    n, steps = home.shape[0], level.shape[0]
    room = max(64, 4 * width)
    count = np.zeros(steps + 1, np.int64)
    c_int, c_real = np.empty((steps + 1, room, 4), np.int64), np.empty((steps + 1, room, 3), np.float64)
    kept = (steps + 1 - step0) * width
    s_int, s_real = np.empty((kept, 4), np.int64), np.empty((kept, 2), np.float64)  # node, age, parent, step; value, coverage
    s_pot, s_n = np.empty(kept, np.int64), np.int64(0)
    none, port = np.int64(-1), np.int64(n)
    own, touched = np.zeros(left.shape[0]), np.empty(steps + 1, np.int64)
    at_node, last_value = np.zeros(n + 1, np.int64), np.empty(n + 1)
    _push(np.int64(step0), np.int64(node0), np.int64(age0), 0.0, 0.0, none, none, 0.0, count, c_int, c_real)
    for t in range(np.int64(step0), np.int64(steps + 1)):
        m = count[t]
        order = _ranked(c_real[t, :m, 1])
        at_node[:] = 0
        begin = s_n
        for o in order:
            node = c_int[t, o, 0]
            if s_n - begin >= width:
                break
            if at_node[node] >= per_node or (at_node[node] > 0 and abs(c_real[t, o, 0] - last_value[node]) < 1e-13):
                continue
            at_node[node] += 1
            last_value[node] = c_real[t, o, 0]
            s_int[s_n, 0], s_int[s_n, 1], s_int[s_n, 2], s_int[s_n, 3] = node, c_int[t, o, 1], c_int[t, o, 2], t
            s_real[s_n, 0], s_real[s_n, 1], s_pot[s_n] = c_real[t, o, 0], c_real[t, o, 2], c_int[t, o, 3]
            s_n += 1
        if t == steps:
            break
        for s in range(begin, s_n):
            i, age, value = s_int[s, 0], s_int[s, 1], s_real[s, 0]
            w, many = s, 0
            while w >= 0 and s_int[w, 3] > 0 and epoch[s_int[w, 3] - 1] >= epoch[t]:
                if s_pot[w] >= 0:
                    own[s_pot[w]] += s_real[w, 1]
                    touched[many], many = s_pot[w], many + 1
                w = s_int[w, 2]
            if i == n:
                _push(t + 1, port, np.int64(0), value, value + ahead[t + 1, n], s, none, 0.0, count, c_int, c_real)
                if departs[t]:
                    for j in range(n):
                        e = t + home[j]
                        if e + home[j] <= steps and 2 * home[j] <= sortie:
                            pot, f = epoch[e - 1] * n + j, level[e - 1]
                            v = value + left[pot] * math.exp(-own[pot]) * out_finds[f, j]
                            _push(np.int64(e), np.int64(j), home[j], v, v + ahead[e, j], s, pot, out_cover[f, j], count, c_int, c_real)
            else:
                e = t + home[i]
                if e <= steps and age + home[i] <= sortie:
                    ready = min(e + rest, steps)
                    _push(np.int64(ready), port, np.int64(0), value, value + ahead[ready, n], s, none, 0.0, count, c_int, c_real)
                for k in range(first[i], first[i + 1]):
                    j = np.int64(to[k])
                    if age + 1 + home[j] <= sortie and t + 1 + home[j] <= steps:
                        pot = epoch[t] * n + j
                        v = value + left[pot] * math.exp(-own[pot]) * finds[level[t], k]
                        _push(t + 1, j, age + 1, v, v + ahead[t + 1, j], s, pot, cover[level[t], k], count, c_int, c_real)
            for q in range(many):
                own[touched[q]] = 0.0
    best = -1
    for s in range(begin, s_n):
        if s_int[s, 0] == n and (best < 0 or s_real[s, 0] > s_real[best, 0]):
            best = s
    path = np.full(steps + 1, -1, np.int32)
    if best < 0:
        return -np.inf, path[:0].copy()
    s = best
    while s >= 0:
        t, i = s_int[s, 3], s_int[s, 0]
        path[t] = i
        if i == n and s_int[s, 2] >= 0 and s_int[s_int[s, 2], 0] != n:  # came home, rested since
            left_at = s_int[s_int[s, 2], 3] + home[s_int[s_int[s, 2], 0]]
            for w in range(left_at, t):
                path[w] = n
        s = s_int[s, 2]
    return s_real[best, 0], path


@njit(cache=True, nogil=True)
def _looks(first, to, cover, out_cover, home, level, epoch, path):
    n = home.shape[0]
    pots, z, m = np.empty(path.shape[0], np.int64), np.empty(path.shape[0]), 0
    before = -1
    for t in range(path.shape[0]):
        j = path[t]
        if j < 0:
            continue
        if 0 <= j < n and before >= 0:
            if before == n:
                pots[m], z[m], m = epoch[t - 1] * n + j, out_cover[level[t - 1], j], m + 1
            else:
                for k in range(first[before], first[before + 1]):
                    if to[k] == j:
                        pots[m], z[m], m = epoch[t - 1] * n + j, cover[level[t - 1], k], m + 1
                        break
        before = j
    return pots[:m].copy(), z[:m].copy()
