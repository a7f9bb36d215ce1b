"""Which of many polygons each of many points lies in: one look at a grid, and a few edges for points near a border. Compiled.

Equal to shapely's `intersects_xy` (a point on the border is inside): where rounding could decide, shapely does.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from seaward.chart.raster import AT, BLOCK, IN, OUT, UNSURE, WHOLE, Raster, lay

_CHUNK = 1 << 18  # points looked at together
_ALONE = Lock()  # GEOS prepares a shape as it is asked: two threads that ask the same one crash
_SURE = 1e-13  # relative error beyond which the side of a line is certain: some hundred roundings of a double


@dataclass(frozen=True, slots=True)
class Index:
    """Polygons prepared for many questions."""

    shapes: tuple[BaseGeometry, ...]
    raster: Raster


def build(shapes: Sequence[BaseGeometry]) -> Index:
    """Prepare polygons (valid, in degrees)."""
    return Index(tuple(shapes), lay(shapes))


def inside(index: Index, lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64], threads: int = 2) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Pairs of point and polygon it lies in or on the border of.

    Parameters
    ----------
    index
        From `build`.
    lon_deg, lat_deg
        Points [degree], shape (n,).
    threads
        Parts to work on side by side.

    Returns
    -------
    Number of the point, number of the polygon, both of shape (pairs,), by point, then by polygon.
    """
    r = index.raster
    entry = np.empty(len(lon_deg), np.int32)  # of each point's cell: found once, used when counting and when writing
    starts = range(0, len(lon_deg), _CHUNK)

    def look(start: int) -> tuple[NDArray[np.uint8], int]:
        """Answers of one chunk for polygons that do not cover the whole cell, and how many pairs it has."""
        x, y, mine = (a[start : start + _CHUNK] for a in (lon_deg, lat_deg, entry))
        answers, pairs, doubts = _look(x, y, mine, r.west, r.south, r.wide, r.high, r.n, r.cell, r.items, r.edges, r.boxes)
        for n in np.unique(doubts[:, 1]).tolist():
            of = doubts[doubts[:, 1] == n]
            with _ALONE:
                answers[of[:, 2]] = shapely.intersects_xy(index.shapes[n], x[of[:, 0]], y[of[:, 0]])
        return answers, pairs + int(answers[doubts[:, 2]].sum())

    def write(start: int, answers: NDArray[np.uint8], at: int) -> None:
        _write(entry[start : start + _CHUNK], start, r.items, answers, point, polygon, at)

    with ThreadPoolExecutor(max(1, threads)) as pool:
        run = pool.map if len(starts) > 1 else map
        looked = list(run(look, starts))
        ends = np.cumsum([0, *(pairs for _, pairs in looked)]).tolist()
        point, polygon = np.empty(ends[-1], np.int32), np.empty(ends[-1], np.int32)
        list(run(write, starts, [answers for answers, _ in looked], ends[:-1]))
    return point, polygon


@njit(cache=True, nogil=True)
def _look(x, y, entry, west, south, wide, high, n, cell, items, edges, boxes):
    """Find each point's entry; for its items with edges, in order, whether the point lies within; pairs; (point, polygon, answer) of the doubtful."""
    answers, k, pairs = np.empty(1024, np.uint8), 0, 0
    doubts, d = np.empty((64, 3), np.int64), 0
    across, up = 1.0 / wide, 1.0 / high
    bordering, b = np.empty(x.shape[0], np.int32), 0
    for i in range(x.shape[0]):  # loops without a branch that depends on the cell let reads of several points overlap
        gx, gy = (x[i] - west) * across, (y[i] - south) * up
        entry[i] = cell[int(gy) * n + int(gx)] if 0.0 <= gx < n and 0.0 <= gy < n else 0
    for i in range(x.shape[0]):
        head = items[entry[i]]
        pairs += head >> 1
        bordering[b] = i
        b += head & 1
    for i in bordering[:b]:
        at = entry[i]
        count = items[at] >> 1
        if k + count > answers.shape[0]:
            answers = np.concatenate((answers, np.empty(answers.shape[0] + count, np.uint8)))
        column, row = int((x[i] - west) * across), int((y[i] - south) * up)
        rx, ry = west + (column + AT) * wide, south + (row + AT) * high
        for _ in range(count):
            at += 1
            kind = items[at] & 3
            if kind == WHOLE:
                continue
            if kind != UNSURE:
                kind = _turned(rx, y[i], rx, ry, kind, edges, boxes, items[at + 1], items[at + 2])
            if kind != UNSURE:
                kind = _turned(x[i], y[i], rx, y[i], kind, edges, boxes, items[at + 1], items[at + 2])
            if kind == UNSURE:
                if d == doubts.shape[0]:
                    doubts = np.concatenate((doubts, doubts))
                doubts[d, 0], doubts[d, 1], doubts[d, 2] = i, items[at] >> 2, k
                d += 1
            answers[k] = kind == IN
            pairs -= kind != IN
            k += 1
            at += 2
    return answers[:k].copy(), pairs, doubts[:d].copy()


@njit(cache=True, nogil=True)
def _turned(x, y, rx, ry, kind, edges, boxes, first, stop):
    """IN or OUT at a point, from that at another and the edges between; UNSURE where rounding could decide."""
    dx, dy = x - rx, y - ry
    west, east, south, north = min(x, rx), max(x, rx), min(y, ry), max(y, ry)
    e = first - 1
    while e + 1 < stop:
        e += 1
        k = e // BLOCK
        if boxes[k, 0] > east or boxes[k, 2] < west or boxes[k, 1] > north or boxes[k, 3] < south:
            e = (k + 1) * BLOCK - 1
            continue
        x1, y1, x2, y2 = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
        if min(x1, x2) > east or max(x1, x2) < west or min(y1, y2) > north or max(y1, y2) < south:
            continue
        a, b = _side(dx, dy, x1 - rx, y1 - ry), _side(dx, dy, x2 - rx, y2 - ry)
        if a * b > 0:
            continue
        if a == 0 or b == 0:
            return UNSURE
        a, b = _side(x2 - x1, y2 - y1, rx - x1, ry - y1), _side(x2 - x1, y2 - y1, x - x1, y - y1)
        if a == 0 or b == 0:
            return UNSURE
        if a != b:
            kind = IN + OUT - kind
    return kind


@njit(cache=True, nogil=True, inline="always")
def _side(dx, dy, x, y):
    """1 or -1 for the side of a line through the origin a point lies on, 0 where rounding could decide."""
    one, two = dx * y, dy * x
    limit = _SURE * (abs(one) + abs(two)) + 1e-300
    return 1 if one - two > limit else -1 if two - one > limit else 0


@njit(cache=True, nogil=True)
def _write(entry, start, items, answers, point, polygon, k):
    """Write the pairs of a chunk from place k on."""
    a = 0
    for i in range(entry.shape[0]):
        at = entry[i]
        head = items[at]
        if head & 1 == 0:
            for j in range(at + 1, at + 1 + (head >> 1)):
                point[k], polygon[k] = start + i, items[j] >> 2
                k += 1
            continue
        for _ in range(head >> 1):
            at += 1
            polygons, kind = items[at] >> 2, items[at] & 3
            if kind != WHOLE:
                at, a = at + 2, a + 1
                if not answers[a - 1]:
                    continue
            point[k], polygon[k] = start + i, polygons
            k += 1
