"""The coastline to draw, from a file in the wheel: land as planar polygons, cut at 180 degrees. Made by tools/make_coast.py."""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Polygon = tuple[NDArray[np.float64], ...]


@cache
def coastline() -> tuple[Polygon, ...]:
    """Land of the world.

    Returns
    -------
    Polygons, the one with most points first. Each is a tuple of rings, shape (n, 2), not closed, longitude and latitude [degree] within [-180, 180]
    and [-90, 90]: the outer ring counter-clockwise, then its holes clockwise. The arrays are read-only.

    Limits
    ------
    For drawing, not for navigation or measuring: simplified to 0.005 degrees (half a kilometre), islands under some 2.5 km2 left out.
    Edges along 180 degrees and along the South Pole are cuts, not shores. Distances to the shore: `chart.shore`.

    Source
    ------
    Natural Earth 4.1, 1:10 million land, public domain (naturalearthdata.com), through npm world-atlas 2.0.2.
    """
    packed = json.loads(gzip.decompress(files("seaward.chart").joinpath("coast.json.gz").read_bytes()))
    quantum_deg = packed["quantum_deg"]
    return tuple(tuple(_ring(steps, quantum_deg) for steps in rings) for rings in packed["polygons"])


def _ring(steps: list[int], quantum_deg: float) -> NDArray[np.float64]:
    ring = np.asarray(np.cumsum(np.asarray(steps, np.int64).reshape(-1, 2), axis=0) * quantum_deg, np.float64)
    ring.setflags(write=False)
    return ring
