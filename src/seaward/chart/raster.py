"""A grid over many polygons: each cell names those that cover it and holds the few edges of those whose border it may meet. Compiled.

A cell of whole polygons only answers at a look. In a cell with edges the answer for a polygon is known at one point, the cell's reference;
every edge between there and the point asked about turns it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

_LEAST, _MOST = 64, 2048  # cells either way: enough for a box to be mostly whole cells; 16 MiB, so that a processor's cache holds them
_FEWEST = 16  # cells either way, when longer edges would fill more than memory should hold
_SPARE = 1 << 20  # edges that may be held for cells beyond twice those there are
_SLACK = 1e-6  # of a cell: edges this near it count as within
_ROUNDING = 1e-14  # of the largest coordinate: some forty roundings of a double
BLOCK = 16  # edges
AT = 0.4871  # where the reference lies in a cell, in parts of it: off the fractions that borders drawn by rule fall on
WHOLE, OUT, IN, UNSURE = 0, 1, 2, 3  # kinds of item: a polygon that covers the cell; one that may not, by where the reference lies


@dataclass(frozen=True, slots=True)
class Raster:
    """Cells, row by row from the south-west."""

    west: float
    south: float
    wide: float  # of a cell, degrees
    high: float
    n: int  # cells either way
    cell: NDArray[np.int32]  # where each cell's entry starts in `items`; 0: nothing there
    items: NDArray[np.int32]  # entries: items * 2 + whether any has edges; then each: polygon * 4 + kind, and where its edges start and stop
    edges: NDArray[np.float64]  # x1, y1, x2, y2
    boxes: NDArray[np.float64]  # west, south, east, north of every BLOCK edges on end: a cell with a whole harbour passes over most of its edges


def lay(shapes: Sequence[BaseGeometry]) -> Raster:
    """Lay the grid.

    Parameters
    ----------
    shapes
        Valid polygons and multipolygons [degree].

    Returns
    -------
    The grid, as fine as the number of edges is worth and memory allows.
    """
    edges, owner = _edges(shapes)
    if len(edges) == 0:
        return Raster(0.0, 0.0, 1.0, 1.0, 1, np.zeros(1, np.int32), np.zeros(1, np.int32), edges, edges)
    low = np.minimum(edges[:, :2], edges[:, 2:]).min(axis=0)
    size = np.maximum(np.maximum(edges[:, :2], edges[:, 2:]).max(axis=0) - low, 1e-9)
    reach = float(np.abs(edges).max())
    n = int(min(_MOST, max(_LEAST, 4 * math.sqrt(len(edges)))))
    while True:
        wide, high = (size / (n - 2)).tolist()  # the outermost cells stay empty
        box = (float(low[0]) - wide, float(low[1]) - high, wide, high, n, reach)
        at = _count(edges, *box)
        if at[-1] <= _SPARE + 2 * len(edges) or n <= _FEWEST:
            break
        n //= 2
    order = _fill(edges, at, *box)
    cell, items = _sweep(edges, owner, order, at, *box)
    edges = edges[order]
    starts = np.arange(0, len(edges), BLOCK)
    low = np.minimum.reduceat(np.minimum(edges[:, :2], edges[:, 2:]), starts)
    top = np.maximum.reduceat(np.maximum(edges[:, :2], edges[:, 2:]), starts)
    return Raster(*box[:5], cell, items, edges, np.hstack([low, top]))


def _edges(shapes: Sequence[BaseGeometry]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """All edges by polygon, and the polygon of each."""
    parts, polygon = shapely.get_parts(np.asarray(shapes, object), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return np.hstack([xy[:-1][same], xy[1:][same]]), polygon[part[ring[1:][same]]].astype(np.int32)


@njit(cache=True, nogil=True, inline="always")
def _rows(edges, i, south, high, n, reach):
    """First and last row an edge may touch."""
    slack = _SLACK + _ROUNDING * reach / high
    y1, y2 = (edges[i, 1] - south) / high, (edges[i, 3] - south) / high
    return max(0, math.floor(min(y1, y2) - slack)), min(n - 1, math.floor(max(y1, y2) + slack))


@njit(cache=True, nogil=True, inline="always")
def _columns(edges, i, row, west, south, wide, high, n, reach):
    """First and last column an edge may touch within a row."""
    x1, y1, x2, y2 = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
    if y1 > y2:
        x1, y1, x2, y2 = x2, y2, x1, y1
    low = south + row * high - _SLACK * high - _ROUNDING * reach
    top = south + (row + 1) * high + _SLACK * high + _ROUNDING * reach
    a, b = x1, x2
    if y2 > y1:
        slope = (x2 - x1) / (y2 - y1)
        if y1 < low:
            a = x1 + (min(low, y2) - y1) * slope
        if y2 > top:
            b = x1 + (max(top, y1) - y1) * slope
    slack = _SLACK + _ROUNDING * reach / wide
    return max(0, math.floor((min(a, b) - west) / wide - slack)), min(n - 1, math.floor((max(a, b) - west) / wide + slack))


@njit(cache=True, nogil=True)
def _count(edges, west, south, wide, high, n, reach):
    """Where the edges of each cell would start, and where the last stop."""
    at = np.zeros(n * n + 1, np.int64)
    for i in range(edges.shape[0]):
        first_row, last_row = _rows(edges, i, south, high, n, reach)
        for row in range(first_row, last_row + 1):
            first, last = _columns(edges, i, row, west, south, wide, high, n, reach)
            for column in range(first, last + 1):
                at[row * n + column + 1] += 1
    for c in range(n * n):
        at[c + 1] += at[c]
    return at


@njit(cache=True, nogil=True)
def _fill(edges, at, west, south, wide, high, n, reach):
    """Edges by cell, in their order within it."""
    order, free = np.empty(at[-1], np.int32), at[:-1].copy()
    for i in range(edges.shape[0]):
        first_row, last_row = _rows(edges, i, south, high, n, reach)
        for row in range(first_row, last_row + 1):
            first, last = _columns(edges, i, row, west, south, wide, high, n, reach)
            for column in range(first, last + 1):
                c = row * n + column
                order[free[c]] = i
                free[c] += 1
    return order


@njit(cache=True, nogil=True)
def _sweep(edges, owner, order, at, west, south, wide, high, n, reach):
    """Entry of each cell, and the entries: along a row, from outside all, each edge that crosses the latitude of its references turns one polygon."""
    cell, items, k = np.zeros(n * n, np.int32), np.empty(1 << 12, np.int32), 1
    items[0] = 0
    within, m = np.empty(owner.max() + 1, np.int32), 0  # the polygons around the place the sweep has come to, ascending
    for row in range(n):
        y, m, run = south + (row + AT) * high, 0, 0
        for column in range(n):
            c = row * n + column
            e, stop = at[c], at[c + 1]
            if k + 2 + m + 4 * (stop - e) > items.shape[0]:
                items = np.concatenate((items, np.empty(items.shape[0] + m + 4 * (stop - e), np.int32)))
            if e == stop:
                if run < 0:
                    run = 0
                    if m > 0:
                        run, items[k] = k, 2 * m
                        for w in range(m):
                            items[k + 1 + w] = 4 * within[w] + WHOLE
                        k += m + 1
                cell[c] = run
                continue
            run, head, count, w = -1, k, 0, 0
            k += 1
            while e < stop:
                p, first, before, after, near = owner[order[e]], e, False, False, False
                while e < stop and owner[order[e]] == p:
                    x1, y1, x2, y2 = edges[order[e], 0], edges[order[e], 1], edges[order[e], 2], edges[order[e], 3]
                    if (y1 <= y) != (y2 <= y):
                        x = x1 + (x2 - x1) * ((y - y1) / (y2 - y1))
                        ahead = x - (west + (column + AT) * wide)
                        if math.floor((x - west) / wide) == column:
                            before ^= ahead <= 0
                            after ^= ahead > 0
                        near |= abs(ahead) <= _ROUNDING * reach
                    e += 1
                while w < m and within[w] < p:
                    items[k] = 4 * within[w] + WHOLE
                    w, k, count = w + 1, k + 1, count + 1
                was = w < m and within[w] == p
                items[k] = 4 * p + (UNSURE if near else IN if was ^ before else OUT)
                items[k + 1], items[k + 2] = first, e
                k, count = k + 3, count + 1
                now = was ^ before ^ after
                if was and not now:
                    m -= 1
                    for v in range(w, m):
                        within[v] = within[v + 1]
                elif now and not was:
                    for v in range(m, w, -1):
                        within[v] = within[v - 1]
                    within[w] = p
                    m += 1
                w += now
            while w < m:
                items[k] = 4 * within[w] + WHOLE
                w, k, count = w + 1, k + 1, count + 1
            cell[c], items[head] = head, 2 * count + 1
    return cell, items[:k].copy()
