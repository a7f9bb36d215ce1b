"""Contacts worth a visit, vehicles with little time -> tours that collect much: team orienteering, by ruin and recreate.

tour_search  the compiled search (tour_parts, tour_fill, tour_press, tour_shorten)       tour_bound  what no set of tours can exceed
tour_vrp     the same through PyVRP
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from seaward.core.errors import ParameterError
from seaward.patrol.tour_search import chunk

Share = Callable[[int], float]

_NEAR = 40  # neighbours looked at when a place for a visit is sought; ours
_CHUNK = 64  # rounds between two looks at the budget
_SLACK = 1e-9  # of a limit
_MEANS = 0.3  # of the prizes, what a shorter tour of the whole length would be worth; ours


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """Who may visit what, and how long it takes; any unit of time, the same everywhere."""

    travel: NDArray[np.float64]  # between nodes by pace, shape (paces, n, n); asymmetric ones and infinite ones allowed
    prize: NDArray[np.float64]  # of each node, at least 0; shape (n,), 0 for those that nobody needs to visit
    service: NDArray[np.float64]  # time that a visit takes, shape (n,)
    opens: NDArray[np.float64]  # earliest and
    closes: NDArray[np.float64]  # latest beginning of a visit; shape (n,)
    pace: NDArray[np.int64]  # of each vehicle, row of travel; shape (m,)
    start: NDArray[np.int64]  # node
    end: NDArray[np.int64]
    ready: NDArray[np.float64]  # earliest departure
    due: NDArray[np.float64]  # latest return
    limit: NDArray[np.float64]  # longest tour
    may: NDArray[np.bool_]  # visit each node, shape (m, n)

    def __post_init__(self) -> None:
        n, m = len(self.prize), len(self.pace)
        right = (
            self.travel.ndim == 3 and self.travel.shape[1:] == (n, n) and self.service.shape == self.opens.shape == self.closes.shape == (n,)
            and all(len(v) == m for v in (self.start, self.end, self.ready, self.due, self.limit)) and self.may.shape == (m, n) and n and m
        )  # fmt: skip
        if not right:
            raise ParameterError("expected travel of shape (paces, n, n), n of each column of nodes and m of each column of vehicles")
        if np.isnan(self.travel).any() or (self.travel < 0).any() or not (np.isfinite(self.prize) & (self.prize >= 0)).all():
            raise ParameterError("expected times and prizes of at least 0, none of them unknown")
        if not (np.isfinite(self.service) & (self.service >= 0)).all() or not np.isfinite(self.limit).all():
            raise ParameterError("expected visits that take a time of at least 0, and tours with a limit")

    @property
    def windowed(self) -> bool:
        """Whether it matters when a visit takes place, not only how long tours are."""
        visited = self.prize > 0
        return bool((self.opens[visited] > self.ready.min()).any() or (self.closes[visited] < self.due.max()).any())


def visits_of(
    travel: NDArray[np.float64], prize: NDArray[np.float64], start: NDArray[np.int64], end: NDArray[np.int64], limit: NDArray[np.float64],
    service: NDArray[np.float64] | None = None,
) -> Visits:  # fmt: skip
    """Visits of vehicles of one pace, at any time.

    Parameters
    ----------
    travel
        Times between nodes, shape (n, n).
    prize, service
        Of nodes, shape (n,).
    start, end, limit
        Of vehicles, shape (m,).
    """
    n, m = len(prize), len(start)
    return Visits(
        travel[None], prize, np.zeros(n) if service is None else service, np.zeros(n), np.full(n, np.inf), np.zeros(m, np.int64), start, end,
        np.zeros(m), np.full(m, np.inf), limit, np.ones((m, n), np.bool_),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Tours:
    """One tour for each vehicle."""

    nodes: tuple[tuple[int, ...], ...]  # visited, in order, without start and end
    prize: float
    rounds: int  # of the search


@dataclass(frozen=True, slots=True)
class Timed:
    """When a tour takes place."""

    depart: float
    begins: tuple[float, ...]  # of each visit
    back: float


def timed(v: Visits, vehicle: int, nodes: Sequence[int]) -> Timed | None:
    """When a tour takes place: it leaves as early as does not make it longer; None where it breaks a limit or a window."""
    travel, stops = v.travel[v.pace[vehicle]], [int(v.start[vehicle]), *nodes, int(v.end[vehicle])]
    after = np.r_[0.0, v.service[list(nodes)], 0.0]
    opens = [float(v.ready[vehicle]), *v.opens[list(nodes)].tolist(), float(v.ready[vehicle])]
    closes = [float(v.due[vehicle]), *v.closes[list(nodes)].tolist(), float(v.due[vehicle])]
    length, early, late = 0.0, opens[0], closes[0]
    ways = [float(travel[p, q]) + float(after[k]) for k, (p, q) in enumerate(pairwise(stops))]
    for k, way in enumerate(ways, 1):
        on = length + way
        if not early + on <= closes[k] * (1 + _SLACK) + _SLACK:
            return None
        wait = max(opens[k] - on - late, 0.0)
        length, early, late = on + wait, max(opens[k] - on, early) - wait, min(closes[k] - on, late)
    if length > v.limit[vehicle] * (1 + _SLACK) + _SLACK:
        return None
    at, begins = early, []
    for k, way in enumerate(ways, 1):
        at = max(at + way, opens[k])
        begins.append(at)
    return Timed(early, tuple(begins[:-1]), at)


def plan_tours(v: Visits, seed: int, share: Share, first: Tours | None = None) -> Tours:
    """Tours that collect much.

    Parameters
    ----------
    v
        Who may visit what.
    seed
        Of every choice by chance.
    share
        Called with the rounds that are done: which share of the search that is; it ends at 1. `lambda k: k / 5000` is the same every time.
    first
        Tours to begin with.

    Returns
    -------
    The best tours that were found; each keeps its limits, whatever the budget.

    Limits
    ------
    A search: it proves nothing. See `tour_bound` for what no tours can exceed.

    Source
    ------
    Ruin and recreate: Schrimpf, Schneider, Stamm-Wilbrandt, Dueck 2000, doi:10.1006/jcph.1999.6413; strings of neighbouring tours as in Christiaens
    and Vanden Berghe 2020, doi:10.1287/trsc.2019.0914; beyond a limit and back, so that another part of the sea is reached: strategic oscillation,
    Glover 1977, doi:10.1111/j.1540-5915.1977.tb01074.x.
    """
    n, m = len(v.prize), len(v.pace)
    depot = np.zeros(n, np.bool_)
    depot[v.start], depot[v.end] = True, True
    t = np.ascontiguousarray(v.travel + np.where(depot, 0.0, v.service)[None, :, None])
    limit = np.minimum(v.limit, v.due - v.ready)
    who = np.flatnonzero((v.prize > 0) & v.may[limit > 0].any(axis=0) & ~depot)
    tour, size = np.full((m, n + 3), -1, np.int64), np.full(m, 2, np.int64)
    tour[:, 0], tour[:, 1] = v.start, v.end
    if first is not None:
        for a, nodes in enumerate(first.nodes):
            tour[a, 1 : len(nodes) + 2] = [*nodes, v.end[a]]
            size[a] = len(nodes) + 2
    best_tour, best_size = tour.copy(), size.copy()
    state, chance = np.array([0.0, np.inf, -np.inf, _MEANS]), np.array([seed], np.uint64)
    case = (v.opens.astype(np.float64), v.closes.astype(np.float64), v.ready.astype(np.float64), v.due.astype(np.float64))
    near, windowed = _neighbours(t, who), v.windowed
    rounds = 0
    while len(who) and (done := share(rounds)) < 1.0:
        chunk(_CHUNK, max(0.0, done), who, v.prize, t, v.pace, case, limit, v.may, near, windowed, tour, size, best_tour, best_size, state, chance)
        rounds += _CHUNK
    nodes = tuple(tuple(best_tour[a, 1 : best_size[a] - 1].tolist()) for a in range(m))
    return Tours(nodes, float(sum(v.prize[list(k)].sum() for k in nodes)), rounds)


def _neighbours(t: NDArray[np.float64], who: NDArray[np.int64]) -> NDArray[np.int64]:
    """Nodes to visit that lie nearest to each node, the nearest first; shape (n, neighbours)."""
    near = np.isfinite(t)
    mean = np.where(near, t, 10.0 * t[near].max(initial=1.0)).mean(axis=0)
    apart = (mean + mean.T)[:, who]
    apart[who, np.arange(len(who))] = np.inf
    count = min(max(len(who) - 1, 0), _NEAR)
    return who[np.argsort(apart, axis=1, kind="stable")[:, :count]] if count else np.zeros((len(t[0]), 0), np.int64)
