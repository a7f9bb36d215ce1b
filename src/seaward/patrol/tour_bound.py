"""Visits -> a prize that no set of tours exceeds: column generation over tours whose times are rounded down, so that each true tour is among them.

Tours that the pricing finds may come back to a node, though not after one other stop; that, the rounding, and windows, which are not looked at, make
the bound higher than need be and never too low.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from seaward.patrol.solver import INF, duals, objective, programme
from seaward.patrol.tours import Visits

_STEPS = 1_500  # of time that a limit is told in; ours
_INWARD = 0.4  # how far prices are drawn towards the best so far: Ben-Ameur and Neto 2007, doi:10.1002/net.20137


@dataclass(frozen=True, slots=True, eq=False)
class TourBound:
    """What was proven."""

    value: float  # no set of tours collects more
    reached: float  # what the relaxation itself attains
    iterations: int


def tour_bound(v: Visits, steps: int = _STEPS, iterations: int = 200, tolerance: float = 1e-4) -> TourBound:
    """The prize that no set of tours exceeds.

    Parameters
    ----------
    v
        Who may visit what.
    steps
        Parts that the longest limit is cut into; more are closer and slower.
    iterations
        At most.
    tolerance
        Relative difference of the bound and of what the relaxation attains at which to stop.

    Returns
    -------
    The bound; valid however early it stops. Whole prizes give a whole bound.

    Limits
    ------
    Windows of visits count only as far as nobody can come in time at all. Some hundred nodes; the time grows with their square.

    Source
    ------
    Boussier, Feillet, Gendreau 2007, doi:10.1007/s10288-006-0009-1, with tours without short circles: Christofides, Mingozzi, Toth 1981,
    doi:10.1007/BF01589353.
    """
    n = len(v.prize)
    kinds: dict[tuple[object, ...], list[int]] = {}
    limit = np.minimum(v.limit, v.due - v.ready)
    for k in range(len(v.pace)):
        kinds.setdefault((v.pace[k], v.start[k], v.end[k], limit[k], v.may[k].tobytes(), v.ready[k], v.due[k]), []).append(k)
    grain = max(float(limit.max()), 1e-12) / steps
    fleets = [_kind(v, own[0], len(own), float(limit[own[0]]), grain) for own in kinds.values()]
    everything = float(v.prize[np.any([f.who for f in fleets], axis=0)].sum())
    lower, upper = np.full(n + len(fleets), -INF), np.r_[np.ones(n), [float(f.count) for f in fleets]]
    empty = sp.csc_matrix((np.ones(1), (np.array([n]), np.array([0]))), shape=(n + len(fleets), 1))  # a column that stays in port
    solver = programme([0.0], [0.0], [INF], empty, lower, upper)
    best, center, reached, done = everything, np.zeros(n), 0.0, 0
    for done in range(1, iterations + 1):
        solver.run()
        reached, price = -objective(solver), np.maximum(0.0, -duals(solver)[:n])
        new = False
        for pull in (_INWARD, 0.0) if done > 1 else (0.0,):
            trial = pull * center + (1 - pull) * price
            value = float(trial.sum())
            kinds_price = np.maximum(0.0, -duals(solver)[n:])
            for j, f in enumerate(fleets):
                earned, visited = _price(np.where(f.who, v.prize - trial, -1.0), f.step, f.start, f.end, f.steps, f.who)
                value += f.count * max(0.0, earned)
                rows, times = np.unique(visited, return_counts=True)
                if len(rows) and float(((v.prize - price)[rows] * times).sum()) > kinds_price[j] + 1e-7:
                    solver.addCol(
                        -float((v.prize[rows] * times).sum()), 0.0, INF, len(rows) + 1, np.r_[rows, n + j].astype(np.int32), np.r_[times, 1.0]
                    )
                    new = True
            if value < best:
                best, center = value, trial
            if new:
                break
        if not new or best - reached <= tolerance * max(1.0, reached):
            break
    whole = bool((v.prize == np.rint(v.prize)).all())
    return TourBound(float(np.floor(best + 1e-6)) if whole else best, reached, done)


@dataclass(frozen=True, slots=True, eq=False)
class _Kind:
    count: int
    start: int
    end: int
    steps: int
    who: NDArray[np.bool_]  # may be visited at all
    step: NDArray[np.int64]  # time between nodes with the visit before, rounded down; 1 at least between visits


def _kind(v: Visits, k: int, count: int, limit: float, grain: float) -> _Kind:
    s, e = int(v.start[k]), int(v.end[k])
    travel = v.travel[v.pace[k]]
    service = v.service.copy()
    service[[s, e]] = 0.0
    least = _closure(travel + service[:, None])  # by any stops: a tour may pass a node for the way alone
    steps = int(np.floor(limit / grain + 1e-6))
    near = np.isfinite(least)
    step = np.where(near, np.floor(np.where(near, least, 0.0) / grain - 1e-6), steps + 1).astype(np.int64)
    who = v.may[k] & (v.prize > 0) & (least[s] + least[:, e] <= limit * (1 + 1e-9) + 1e-9)
    who &= (least[s] + v.ready[k] <= v.closes + 1e-9) & (v.opens + least[:, e] <= v.due[k] + 1e-9)
    who[[s, e]] = False
    nodes = np.flatnonzero(who)
    between = step[np.ix_(nodes, nodes)] + np.eye(len(nodes), dtype=np.int64)
    quick = int((between <= 0).any(axis=0).sum())  # a tour comes to each of these once at most: so many ways of no step in it
    step = np.maximum(0, step)
    step[np.ix_(nodes, nodes)] = np.maximum(1, step[np.ix_(nodes, nodes)])
    return _Kind(count, s, e, steps + quick, who, step)


def _closure(way: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shortest ways by any number of stops."""
    least = way.copy()
    np.fill_diagonal(least, 0.0)
    for k in range(len(least)):
        np.minimum(least, least[:, k, None] + least[None, k], out=least)
    return least


@njit(cache=True, nogil=True)
def _price(worth, step, start, end, steps, who):
    """The tour of most worth in so many steps, not back to a node after one other stop: the two best by time and node, from different nodes."""
    nodes = np.flatnonzero(who)
    n = len(nodes)
    best, from_, at_, rank_ = (
        np.full((steps + 1, n, 2), -np.inf), np.full((steps + 1, n, 2), -1, np.int32), np.zeros((steps + 1, n, 2), np.int32),
        np.zeros((steps + 1, n, 2), np.int8),
    )  # fmt: skip
    top, end_at, end_node, end_rank = 0.0, -1, -1, 0
    for i in range(n):
        at = step[start, nodes[i]]
        if at <= steps:
            best[at, i, 0], from_[at, i, 0] = worth[nodes[i]], -2
    for at in range(steps + 1):
        for i in range(n):
            for rank in range(2):
                value, x = best[at, i, rank], nodes[i]
                if value == -np.inf:
                    continue
                if at + step[x, end] <= steps and value > top:
                    top, end_at, end_node, end_rank = value, at, i, rank
                for j in range(n):
                    y = nodes[j]
                    then = at + step[x, y]
                    if j == i or j == from_[at, i, rank] or worth[y] <= 0.0 or then + step[y, end] > steps:
                        continue
                    gained, r = value + worth[y], 2
                    if gained > best[then, j, 0]:
                        r = 0
                        if from_[then, j, 0] != i:
                            best[then, j, 1], from_[then, j, 1] = best[then, j, 0], from_[then, j, 0]
                            at_[then, j, 1], rank_[then, j, 1] = at_[then, j, 0], rank_[then, j, 0]
                    elif from_[then, j, 0] != i and gained > best[then, j, 1]:
                        r = 1
                    if r < 2:
                        best[then, j, r], from_[then, j, r], at_[then, j, r], rank_[then, j, r] = gained, i, at, rank
    visited = np.empty(steps + 2, np.int64)
    count = 0
    at, i, rank = end_at, end_node, end_rank
    while i >= 0 and count < len(visited):
        visited[count] = nodes[i]
        count += 1
        if from_[at, i, rank] < 0:
            break
        at, i, rank = at_[at, i, rank], from_[at, i, rank], rank_[at, i, rank]
    return top, visited[:count]
