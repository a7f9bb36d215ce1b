"""Place and moment -> current, wind and bad weather of the simulated sea; for compiled loops."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.core.geodesy import wrap_deg
from seaward.core.units import DEG_M, KN_MPS, NM_M
from seaward.drill.chance import generator
from seaward.drill.scenario import Weather

_RAD = math.pi / 180.0
_M2_MS = 44_714_164.0  # period of the main lunar tide, 12.4206 h (Doodson 1921, doi:10.1098/rspa.1921.0088)
C_EAST, C_NORTH, C_TIDE, C_PHASE, C_WIND_TO, C_WIND, C_WIND_PHASE = range(7)
W_FROM, W_TO, W_LON, W_LAT, W_RADIUS, W_SLOW, W_EAST, W_NORTH = range(8)


def climate(seed: int) -> NDArray[np.float64]:
    """The mean current, tide and wind of a sea, from its seed alone: [m/s] and [radian], by the C_ columns."""
    luck = generator(seed, "sea", "climate")
    to, wind_to = luck.uniform(0, 2 * math.pi, 2)
    speed = luck.uniform(0.1, 0.4) * KN_MPS  # Humboldt current off Peru: about 0.1 to 0.4 kn at the surface; ours
    tide = luck.uniform(0.1, 0.3) * KN_MPS  # ours: an open coast
    wind = luck.uniform(8, 16) * KN_MPS  # ours: trade winds, force 3 to 4
    return np.array([speed * math.sin(to), speed * math.cos(to), tide, luck.uniform(0, 2 * math.pi), wind_to, wind, luck.uniform(0, 2 * math.pi)])


def patches(weather: tuple[Weather, ...]) -> NDArray[np.float64]:
    """Patches of bad weather for compiled loops, by the W_ columns."""
    rows = [
        (w.from_ms, w.to_ms, *w.around, w.radius_nm * NM_M, w.slow, *(w.drift_kn * KN_MPS * f(w.drift_deg * _RAD) for f in (math.sin, math.cos)))
        for w in weather
    ]
    return np.array(rows, np.float64).reshape(-1, 8)


@njit(cache=True, nogil=True)
def wind_mps(sea, now_ms):
    """The wind everywhere at a moment, as what it pushes to: east and north [m/s]; it veers and freshens over the day."""
    turn = 2.0 * math.pi * now_ms / 86_400_000.0 + sea[C_WIND_PHASE]
    to = sea[C_WIND_TO] + 0.4 * math.sin(turn)  # ours: 23 degrees either way
    speed = sea[C_WIND] * (1.0 + 0.3 * math.sin(2.0 * turn + 1.0))  # ours: sea breeze
    return speed * math.sin(to), speed * math.cos(to)


@njit(cache=True, nogil=True)
def current_mps(sea, now_ms, lon_deg, lat_deg):
    """The current at a place: east and north [m/s]; a mean stream and a turning tide whose phase runs along the coast."""
    phase = 2.0 * math.pi * now_ms / _M2_MS + sea[C_PHASE] + 3.0 * _RAD * (lon_deg + lat_deg)  # whole rounds about the earth: no step at 180 degrees
    return sea[C_EAST] + sea[C_TIDE] * math.cos(phase), sea[C_NORTH] + 0.6 * sea[C_TIDE] * math.sin(phase)


@njit(cache=True, nogil=True)
def weather_at(patch, now_ms, lon_deg, lat_deg):
    """The share of its speed that a ship keeps there, and the drift of the weather: east and north [m/s]."""
    slow, east, north = 1.0, 0.0, 0.0
    for p in range(len(patch)):
        if patch[p, W_FROM] <= now_ms < patch[p, W_TO]:
            y = (lat_deg - patch[p, W_LAT]) * DEG_M
            if abs(y) <= patch[p, W_RADIUS]:
                x = wrap_deg(lon_deg - patch[p, W_LON]) * DEG_M * math.cos(lat_deg * _RAD)
                if x * x + y * y <= patch[p, W_RADIUS] ** 2:
                    slow = min(slow, patch[p, W_SLOW])
                    east += patch[p, W_EAST]
                    north += patch[p, W_NORTH]
    return slow, east, north
