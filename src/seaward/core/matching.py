"""How well each thing fits each other -> who is most likely whom, one to one, and how likely each is nobody."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

_FORBIDDEN = 1e6  # cost of a pair that cannot be
_ROUNDS = 200
_SETTLED = 1e-10


def best_pairs(left: NDArray[np.int64], right: NDArray[np.int64], ratio: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which pairs the best assignment takes, over all pairs at once: each left and each right in at most one.

    Parameters
    ----------
    left, right
        What each pair joins, numbered from 0, shape (n,).
    ratio
        How much likelier the pair is than both being alone; above 0, shape (n,). Pairs not given cannot be.

    Source
    ------
    Rectangular assignment as in scipy.optimize.linear_sum_assignment (Crouse 2016, doi:10.1109/TAES.2016.140952), in each connected part by itself.
    """
    taken = np.zeros(len(left), bool)
    useful = np.flatnonzero(ratio > 0)
    if len(useful) == 0:
        return taken
    lefts, rights = int(left.max()) + 1, int(right.max()) + 1
    links = coo_array((np.ones(len(useful)), (left[useful], right[useful] + lefts)), shape=(lefts + rights,) * 2)
    part = connected_components(links, directed=False)[1][left[useful]]
    order = np.argsort(part, kind="stable")
    for rows in np.split(useful[order], np.flatnonzero(np.diff(part[order])) + 1):
        ls, l_at = np.unique(left[rows], return_inverse=True)
        rs, r_at = np.unique(right[rows], return_inverse=True)
        cost = np.full((len(ls), len(rs) + len(ls)), _FORBIDDEN)
        cost[np.arange(len(ls)), len(rs) + np.arange(len(ls))] = 0.0  # alone
        cost[l_at, r_at] = -np.log(ratio[rows])
        who, whom = linear_sum_assignment(cost)
        chosen = dict(zip(who.tolist(), whom.tolist(), strict=True))
        taken[rows] = [chosen[int(a)] == int(b) for a, b in zip(l_at, r_at, strict=True)]
    return taken


def chances(left: NDArray[np.int64], right: NDArray[np.int64], ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chance of each pair, over all ways to pair one to one, each as likely as the product of its ratios; shape (n,).

    Limits
    ------
    Exact where pairs form no ring; in rings loopy belief propagation, which settles, and is off by some per cent where all fit alike.

    Source
    ------
    Williams and Lau 2014, doi:10.1109/TAES.2014.120568.
    """
    if len(left) == 0:
        return np.empty(0)
    lefts, rights = int(left.max()) + 1, int(right.max()) + 1
    back = np.ones(len(left))
    for _ in range(_ROUNDS):
        weighed = ratio * back
        forth = ratio / (1.0 + np.maximum(0.0, np.bincount(right, weighed, rights)[right] - weighed))
        new = 1.0 / (1.0 + np.maximum(0.0, np.bincount(left, forth, lefts)[left] - forth))
        settled = np.abs(new - back).max() < _SETTLED
        back = new
        if settled:
            break
    return forth / (1.0 + np.bincount(left, forth, lefts)[left])
