"""Which of many polygons each of many points lies in: a raster tells most points at a look, the edges in a band of latitude tell the rest. Compiled.

Equal to shapely's `intersects_xy` (a point on the border is inside): where rounding could decide, shapely does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

_OUT, _IN, _EDGE = 0, 1, 2
_GRID = 512  # cells of the common grid, either way
_CHUNK = 1 << 18  # points looked at together: their answers fit the cache
_LEAST, _MOST = 16, 512  # cells of the raster of one polygon, either way
_SURE = 1e-13  # relative error beyond which the side of an edge is certain: some hundred roundings of a double


@dataclass(frozen=True, slots=True)
class Index:
    """Polygons prepared for many questions."""

    shapes: tuple[BaseGeometry, ...]
    box: NDArray[np.float64]  # west, south, and cell size east and north, of each raster, shape (n, 4)
    size: NDArray[np.int64]  # cells of each raster, either way
    raster_at: NDArray[np.int64]  # where each raster starts in `raster`
    raster: NDArray[np.uint8]
    band_at: NDArray[np.int64]  # where the bands of each polygon start in `edge_at`
    edge_at: NDArray[np.int64]  # where the edges of each band start in `edges`
    edges: NDArray[np.float64]  # x1, y1, x2, y2, with y1 < y2 or level
    grid_box: NDArray[np.float64]
    grid_at: NDArray[np.int64]  # where the polygons of each cell of the common grid start in `grid`
    grid: NDArray[np.int64]  # polygon * 2, plus 1 where the whole cell lies inside it


def build(shapes: Sequence[BaseGeometry]) -> Index:
    """Prepare polygons (valid, in degrees)."""
    boxes, sizes, rasters, raster_at, band_at, edge_at, edges = [], [], [], [0], [0], [0], []
    for shape in shapes:
        segments = _segments(shape)
        west, south, east, north = shape.bounds
        n = int(min(_MOST, max(_LEAST, 7 * math.sqrt(len(segments)))))
        wide, high = max(east - west, 1e-9) * (1 + 1e-9) / n, max(north - south, 1e-9) * (1 + 1e-9) / n
        band, row = _bands(segments, south, high, n)
        by_band = np.argsort(band, kind="stable")
        counts = np.bincount(band, minlength=n)
        starts = np.concatenate(([0], np.cumsum(counts)))
        mine = segments[row[by_band]]
        boxes.append((west, south, wide, high))
        sizes.append(n)
        rasters.append(_rasterise(mine, starts, west, south, wide, high, n).ravel())
        raster_at.append(raster_at[-1] + n * n)
        edge_at.extend((edge_at[-1] + starts[1:]).tolist())
        band_at.append(band_at[-1] + n)
        edges.append(mine)
    box = np.array(boxes).reshape(-1, 4)
    size, at = np.array(sizes, np.int64), np.array(raster_at, np.int64)
    raster = np.concatenate(rasters) if rasters else np.empty(0, np.uint8)
    grid_box = np.array([-180.0, -90.0, 360.0 / _GRID, 180.0 / _GRID])
    if len(box):
        west, south = box[:, 0].min(), box[:, 1].min()
        east, north = (box[:, 0] + box[:, 2] * size).max(), (box[:, 1] + box[:, 3] * size).max()
        grid_box = np.array([west, south, max(east - west, 1e-9) * (1 + 1e-9) / _GRID, max(north - south, 1e-9) * (1 + 1e-9) / _GRID])
    cell, code = _common(box, size, at, raster, grid_box)
    order = np.argsort(cell, kind="stable")
    grid_at = np.concatenate(([0], np.cumsum(np.bincount(cell, minlength=_GRID * _GRID))))
    every = np.concatenate(edges) if edges else np.empty((0, 4))
    return Index(
        tuple(shapes), box, size, at, raster, np.array(band_at, np.int64), np.array(edge_at, np.int64), every, grid_box, grid_at, code[order]
    )


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
    Number of the point, number of the polygon, both of shape (pairs,), by point.
    """
    tables = (
        index.box,
        index.size,
        index.raster_at,
        index.raster,
        index.band_at,
        index.edge_at,
        index.edges,
        index.grid_box,
        index.grid_at,
        index.grid,
    )

    def chunk(start: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        x, y = lon_deg[start : start + _CHUNK], lat_deg[start : start + _CHUNK]
        point, polygon, unsure = _inside(x, y, *tables)
        if len(unsure):
            keep = np.ones(len(point), bool)
            for n in np.unique(polygon[unsure]).tolist():
                of = unsure[polygon[unsure] == n]
                keep[of] = shapely.intersects_xy(index.shapes[n], x[point[of]], y[point[of]])
            point, polygon = point[keep], polygon[keep]
        return point + np.int32(start), polygon

    starts = range(0, max(1, len(lon_deg)), _CHUNK)
    with ThreadPoolExecutor(max(1, threads)) as pool:
        found = list(pool.map(chunk, starts)) if len(starts) > 1 else [chunk(0)]
    return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])


def _segments(shape: BaseGeometry) -> NDArray[np.float64]:
    """All edges, the lower end first."""
    parts = []
    for polygon in shapely.get_parts(shape):
        for ring in (polygon.exterior, *polygon.interiors):
            xy = shapely.get_coordinates(ring)
            parts.append(np.column_stack([xy[:-1], xy[1:]]))
    segments = np.concatenate(parts)
    down = segments[:, 1] > segments[:, 3]
    segments[down] = segments[down][:, [2, 3, 0, 1]]
    return segments


@njit(cache=True, nogil=True)
def _bands(segments, south, high, n):
    """Each band an edge touches: (band, edge)."""
    total = 0
    for i in range(segments.shape[0]):
        total += min(n - 1, int((segments[i, 3] - south) / high)) - max(0, int((segments[i, 1] - south) / high)) + 3
    band, row = np.empty(total, np.int64), np.empty(total, np.int64)
    k = 0
    for i in range(segments.shape[0]):
        low = max(0, int((segments[i, 1] - south) / high) - (1 if (segments[i, 1] - south) / high % 1.0 < 1e-9 else 0))
        top = min(n - 1, int((segments[i, 3] - south) / high) + (1 if (segments[i, 3] - south) / high % 1.0 > 1 - 1e-9 else 0))
        for b in range(low, top + 1):
            band[k], row[k] = b, i
            k += 1
    return band[:k].copy(), row[:k].copy()


@njit(cache=True, nogil=True)
def _rasterise(edges, starts, west, south, wide, high, n):
    """Cells that an edge may touch, and of the others whether they lie inside."""
    raster = np.zeros((n, n), np.uint8)
    for b in range(n):
        y0, y1 = south + b * high, south + (b + 1) * high
        slack = 1e-9 * high
        for e in range(starts[b], starts[b + 1]):
            x1, ya, x2, yb = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
            a, c = x1, x2
            if yb > ya:
                a = x1 + (x2 - x1) * (min(max(y0 - slack, ya), yb) - ya) / (yb - ya)
                c = x1 + (x2 - x1) * (max(min(y1 + slack, yb), ya) - ya) / (yb - ya)
            low, top = min(a, c), max(a, c)
            first, last = max(0, int((low - west) / wide - 1e-6)), min(n - 1, int((top - west) / wide + 1e-6))
            for k in range(first, last + 1):
                raster[b, k] = _EDGE
        y = 0.5 * (y0 + y1)
        for k in range(n):
            if raster[b, k] != _EDGE:
                x = west + (k + 0.5) * wide
                raster[b, k] = raster[b, k - 1] if k > 0 and raster[b, k - 1] != _EDGE else _crossings(x, y, edges, starts[b], starts[b + 1]) & 1
    return raster


@njit(cache=True, nogil=True, inline="always")
def _crossings(x, y, edges, first, last):
    """Edges to the east of a point at its latitude; -1 where rounding could decide."""
    n = 0
    for e in range(first, last):
        y1, y2 = edges[e, 1], edges[e, 3]
        if y < y1 or y > y2:
            continue
        x1, x2 = edges[e, 0], edges[e, 2]
        if x > x1 and x > x2:
            continue
        if y1 == y2:
            if x >= min(x1, x2):
                return -1
            continue
        one, two = (x2 - x1) * (y - y1), (x - x1) * (y2 - y1)
        side = one - two  # above 0: the edge passes to the east
        if abs(side) <= _SURE * (abs(one) + abs(two)) + 1e-300:
            return -1
        if y < y2 and side > 0.0:
            n += 1
    return n


@njit(cache=True, nogil=True)
def _common(box, size, raster_at, raster, grid_box):
    """Polygons that reach into each cell of the common grid: (cell, polygon * 2 + whether it covers the cell)."""
    cap, k = 1024, 0
    cell, code = np.empty(cap, np.int64), np.empty(cap, np.int64)
    for p in range(size.shape[0]):
        n = size[p]
        c0, r0 = int((box[p, 0] - grid_box[0]) / grid_box[2]), int((box[p, 1] - grid_box[1]) / grid_box[3])
        c1, r1 = int((box[p, 0] + n * box[p, 2] - grid_box[0]) / grid_box[2]), int((box[p, 1] + n * box[p, 3] - grid_box[1]) / grid_box[3])
        for r in range(max(0, r0), min(_GRID - 1, r1) + 1):
            for c in range(max(0, c0), min(_GRID - 1, c1) + 1):
                west, south = grid_box[0] + c * grid_box[2], grid_box[1] + r * grid_box[3]
                i0, j0 = math.floor((west - box[p, 0]) / box[p, 2] - 1e-6), math.floor((south - box[p, 1]) / box[p, 3] - 1e-6)
                i1, j1 = (
                    math.floor((west + grid_box[2] - box[p, 0]) / box[p, 2] + 1e-6),
                    math.floor((south + grid_box[3] - box[p, 1]) / box[p, 3] + 1e-6),
                )
                some, whole = False, i0 >= 0 and j0 >= 0 and i1 < n and j1 < n
                for j in range(max(0, j0), min(n - 1, j1) + 1):
                    for i in range(max(0, i0), min(n - 1, i1) + 1):
                        state = raster[raster_at[p] + j * n + i]
                        some |= state != _OUT
                        whole &= state == _IN
                if some:
                    if k == cap:
                        cell, code = np.concatenate((cell, cell)), np.concatenate((code, code))
                        cap *= 2
                    cell[k], code[k] = r * _GRID + c, 2 * p + (1 if whole else 0)
                    k += 1
    return cell[:k].copy(), code[:k].copy()


@njit(cache=True, nogil=True)
def _inside(x, y, box, size, raster_at, raster, band_at, edge_at, edges, grid_box, grid_at, grid):
    """Pairs of point and polygon, and which of the pairs rounding could decide."""
    cap, k = 2 * x.shape[0] + 1024, 0
    point, polygon = np.empty(cap, np.int32), np.empty(cap, np.int32)
    unsure, u = np.empty(1024, np.int64), 0
    for i in range(x.shape[0]):
        gx, gy = (x[i] - grid_box[0]) / grid_box[2], (y[i] - grid_box[1]) / grid_box[3]
        if not (0.0 <= gx < _GRID and 0.0 <= gy < _GRID):
            continue
        cell = int(gy) * _GRID + int(gx)
        a, b = grid_at[cell], grid_at[cell + 1]
        if k + b - a > cap:
            cap = 2 * cap + b - a
            more, others = np.empty(cap, np.int32), np.empty(cap, np.int32)
            more[:k], others[:k] = point[:k], polygon[:k]
            point, polygon = more, others
        for g in range(a, b):
            p, state = grid[g] >> 1, _IN
            if grid[g] & 1 == 0:
                n = size[p]
                cx, cy = (x[i] - box[p, 0]) / box[p, 2], (y[i] - box[p, 1]) / box[p, 3]
                if not (0.0 <= cx < n and 0.0 <= cy < n):
                    continue
                state = raster[raster_at[p] + int(cy) * n + int(cx)]
                if state == _EDGE:
                    band = band_at[p] + int(cy)
                    crossed = _crossings(x[i], y[i], edges, edge_at[band], edge_at[band + 1])
                    state = _EDGE if crossed < 0 else crossed & 1
            if state != _OUT:
                if state == _EDGE:
                    if u == unsure.shape[0]:
                        unsure = np.concatenate((unsure, unsure))
                    unsure[u] = k
                    u += 1
                point[k], polygon[k] = i, p
                k += 1
    return point[:k].copy(), polygon[:k].copy(), unsure[:u].copy()
