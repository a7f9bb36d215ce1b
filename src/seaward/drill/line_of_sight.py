"""How far very high frequencies and radar reach over the sea."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from seaward.core.units import EARTH_RADIUS_M
from seaward.drill.hulls import F64

_BENT_RADIUS_M = 4.0 / 3.0 * EARTH_RADIUS_M  # rays bend in a standard atmosphere: Recommendation ITU-R P.834-9, effective Earth radius


@njit(cache=True, nogil=True)
def horizon_m(height_m):
    """Distance to the radio horizon [m] of an antenna [m] above the sea."""
    return math.sqrt(2.0 * _BENT_RADIUS_M * max(height_m, 0.0))


def antenna_m(length_m: F64) -> F64:
    """Height of a ship's antenna and superstructure above the sea [m] by its length: 3 m on a boat, 33 m on 250 m; ours."""
    return np.clip(2.0 + 0.125 * np.asarray(length_m, np.float64), 2.0, 45.0)
