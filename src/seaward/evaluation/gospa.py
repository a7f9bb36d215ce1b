"""Places found and true places -> how far apart the two pictures are, and by what: places off, ships missed, ships that are not there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from seaward.core.errors import ParameterError

ALPHA = 2.0  # the only value for which GOSPA tells missed and false apart (Rahmathullah et al. 2017, proposition 1)


class Gospa(NamedTuple):
    """`distance` ** p = `localisation` + `missed` + `false`, those in metres to the power p; `pair`: track of each truth, -1 for none."""

    distance: float
    localisation: float
    missed: float
    false: float
    pair: NDArray[np.int64]


def gospa(distance_m: NDArray[np.float64], c_m: float, p: float = 1.0) -> Gospa:
    """GOSPA of all truths (rows) against all tracks (columns).

    Parameters
    ----------
    distance_m
        Between each truth and each track [m], shape (truths, tracks).
    c_m
        Cut-off [m]: a track so far off or farther is not that ship.
    p
        Exponent, 1 or more: the larger, the more a large error weighs.

    Source
    ------
    Rahmathullah, Garcia-Fernandez and Svensson 2017, doi:10.23919/ICIF.2017.8009645, with alpha = 2.
    """
    truth, track = np.nonzero(distance_m < c_m)
    return gospa_of_pairs(truth, track, distance_m[truth, track], distance_m.shape, c_m, p)


def gospa_of_pairs(
    truth: NDArray[np.int64], track: NDArray[np.int64], distance_m: NDArray[np.float64], shape: tuple[int, ...], c_m: float, p: float = 1.0
) -> Gospa:
    """The same from the pairs nearer than the cut-off alone, shapes (n,): pairs beyond it cost as much as both being alone.

    `shape` is how many truths and tracks there are.
    """
    if not (c_m > 0 and p >= 1):
        raise ParameterError(f"c is {c_m} m and p is {p}; c must be above 0, p 1 or more")
    pair = np.full(shape[0], -1, np.int64)
    localisation = 0.0
    if len(truth):
        links = coo_array((np.ones(len(truth)), (truth, track + shape[0])), shape=(sum(shape),) * 2)
        part = connected_components(links, directed=False)[1][truth]
        order = np.argsort(part, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(part[order])) + 1):
            js, j_at = np.unique(truth[rows], return_inverse=True)
            ks, k_at = np.unique(track[rows], return_inverse=True)
            cost = np.full((len(js), len(ks)), c_m**p)
            cost[j_at, k_at] = distance_m[rows] ** p
            for j, k in zip(*linear_sum_assignment(cost), strict=True):
                if cost[j, k] < c_m**p:
                    pair[js[j]] = ks[k]
                    localisation += float(cost[j, k])
    paired = int((pair >= 0).sum())
    missed, false = ((count - paired) * c_m**p / ALPHA for count in shape)
    return Gospa((localisation + missed + false) ** (1 / p), localisation, missed, false, pair)
