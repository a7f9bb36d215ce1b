"""What behaviours at sea leave out: what lies at ports, anchorages and stopping places, and vessels whose work it is to lie alongside."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from seaward.behaviours.behaviour import Context
from seaward.core.ais import SHIP_CLASSES

TUGS_AND_PILOTS = (*SHIP_CLASSES["towing"], *SHIP_CLASSES["pilot"])


def harbour_m(context: Context, lon_deg: ArrayLike, lat_deg: ArrayLike) -> NDArray[np.float64] | None:
    """Distance [m] of positions [degree], shape (n,), to the nearest port given or stopping place learned; None where none is known."""
    if context.places is None or np.size(lon_deg) == 0:
        return None
    return context.places.nearest(lon_deg, lat_deg)[1]


def of_types(context: Context, ship_types: Iterable[int]) -> frozenset[str]:
    """Ids of vessels that say they are of these types."""
    return frozenset(context.vessels.filter(pl.col("ship_type").is_in(list(ship_types)))["vessel_id"])
