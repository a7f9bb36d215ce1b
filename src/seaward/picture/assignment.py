"""Costs of pairing each row with a column -> the cheapest pairing of all rows."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def cheapest(costs):
    """The column of each row in the pairing of least total cost (Kuhn 1955, doi:10.1002/nav.3800020109; shortest augmenting paths).

    Parameters
    ----------
    costs
        Shape (rows, columns) with rows <= columns, finite.
    """
    n, m = costs.shape
    u, v = np.zeros(n + 1), np.zeros(m + 1)
    match, way = np.zeros(m + 1, np.int64), np.zeros(m + 1, np.int64)
    for i in range(1, n + 1):
        match[0] = i
        j0 = 0
        least = np.full(m + 1, np.inf)
        used = np.zeros(m + 1, np.bool_)
        while True:
            used[j0] = True
            i0, delta, j1 = match[j0], np.inf, 0
            for j in range(1, m + 1):
                if not used[j]:
                    reduced = costs[i0 - 1, j - 1] - u[i0] - v[j]
                    if reduced < least[j]:
                        least[j], way[j] = reduced, j0
                    if least[j] < delta:
                        delta, j1 = least[j], j
            for j in range(m + 1):
                if used[j]:
                    u[match[j]] += delta
                    v[j] -= delta
                else:
                    least[j] -= delta
            j0 = j1
            if match[j0] == 0:
                break
        while j0:
            match[j0] = match[way[j0]]
            j0 = way[j0]
    column = np.empty(n, np.int64)
    for j in range(1, m + 1):
        if match[j]:
            column[match[j] - 1] = j - 1
    return column
