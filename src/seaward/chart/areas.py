"""Areas with names and rules: which points lie in them, and how far their border is."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from seaward.chart.inside import Index, build, inside
from seaward.chart.rules import Rule
from seaward.core.geodesy import wrap_deg
from seaward.core.units import DEG_M

_AT_180 = 180.0 - 1e-9  # edges there are cuts, not borders


@dataclass(frozen=True, slots=True)
class Area:
    """One area: a valid polygon within -180..180, what it is called, and what is forbidden there."""

    name: str
    shape: BaseGeometry
    rule: Rule = field(default_factory=Rule)
    accuracy_m: float = 0.0  # stated for its border; 0: nothing stated
    source: str = ""


@dataclass(frozen=True, eq=False)
class Areas:
    """A set of areas, prepared for many questions."""

    areas: tuple[Area, ...]

    @cached_property
    def _index(self) -> Index:
        return build([a.shape for a in self.areas])

    @cached_property
    def ruled(self) -> Areas:
        """Those in which something is forbidden."""
        return self if all(a.rule.forbids for a in self.areas) else Areas(tuple(a for a in self.areas if a.rule.forbids))

    def inside(self, lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Pairs of point and area it lies in, by point: numbers of either, shape (pairs,); points in degrees, shape (n,)."""
        return inside(self._index, lon_deg, lat_deg)

    def names_at(self, lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> list[list[str]]:
        """Names of the areas each point lies in."""
        names: list[list[str]] = [[] for _ in range(len(lon_deg))]
        for point, area in zip(*(a.tolist() for a in self.inside(lon_deg, lat_deg)), strict=True):
            names[point].append(self.areas[area].name)
        return names


def border_m(shape: BaseGeometry, lon_deg: NDArray[np.float64], lat_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance from points to the border of a polygon.

    Parameters
    ----------
    shape
        Within -180..180; edges along 180 degrees and at the poles are no border.
    lon_deg, lat_deg
        Points [degree], shape (n,).

    Returns
    -------
    Metres, shape (n,); infinity where there is no border.

    Limits
    ------
    In the plane at the latitude of the point: right to 1 % up to 60 nm away below 60 degrees of latitude, rougher beyond.
    """
    parts = [np.column_stack([xy[:-1], xy[1:]]) for polygon in shapely.get_parts(shape) for ring in (polygon.exterior, *polygon.interiors)
             if (xy := shapely.get_coordinates(ring)) is not None]  # fmt: skip
    edges = np.concatenate(parts) if parts else np.empty((0, 4))
    cut = ((np.abs(edges[:, 0]) > _AT_180) & (np.abs(edges[:, 2]) > _AT_180)) | ((np.abs(edges[:, 1]) >= 90) & (np.abs(edges[:, 3]) >= 90))
    edges = edges[~cut]
    away = np.full(len(lon_deg), np.inf)
    if len(edges) == 0:
        return away
    for k, (lon, lat) in enumerate(zip(lon_deg.tolist(), lat_deg.tolist(), strict=True)):
        east = math.cos(math.radians(lat)) * DEG_M
        x1, y1 = np.asarray(wrap_deg(edges[:, 0] - lon)) * east, (edges[:, 1] - lat) * DEG_M
        dx, dy = (edges[:, 2] - edges[:, 0]) * east, (edges[:, 3] - edges[:, 1]) * DEG_M
        square = dx * dx + dy * dy
        part = np.clip(np.divide(-(x1 * dx + y1 * dy), square, out=np.zeros_like(square), where=square > 0), 0, 1)
        away[k] = math.sqrt(float(((x1 + part * dx) ** 2 + (y1 + part * dy) ** 2).min()))
    return away
