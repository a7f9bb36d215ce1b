"""Bearings, and how quickly a hull of a length can turn and gather way; for compiled loops."""

from __future__ import annotations

import math

from numba import njit

from seaward.core.geodesy import wrap_deg
from seaward.core.units import DEG_M, EARTH_RADIUS_M

_RAD = math.pi / 180.0
TIGHTEST_LENGTHS = 2.5  # radius of the tightest turn in lengths: tactical diameter of 5, IMO MSC.137(76) annex 5.3.1
EASY = 0.4  # share of that rate which a helm uses at sea; ours: 19 degrees a minute for 200 m at 14 kn
MAX_SIDEWAYS_MPS2 = 1.0  # ours: small fast boats turn no harder, for those aboard
MIN_TURN_RADPS = 0.006  # ours: 0.34 degrees a second with engines and thrusters at slow speed
SHIP_MPS2 = 0.02  # stopped within 15 lengths at a Froude number of 0.25: IMO MSC.137(76) annex 5.3.4
QUICK_BELOW_M = 50.0  # ours: shorter hulls gather way faster, with the square of the length
MAX_MPS2 = 0.5  # ours: a go-fast boat
NEAR_M = 20_000.0  # ours: a flat sea is good enough


@njit(cache=True, nogil=True)
def max_acceleration_mps2(length_m):
    """How quickly a hull gathers or loses way."""
    return min(MAX_MPS2, SHIP_MPS2 * max(1.0, QUICK_BELOW_M / max(length_m, 1.0)) ** 2)


@njit(cache=True, nogil=True)
def max_turn_radps(length_m, speed_mps):
    """How quickly a hull turns at a speed."""
    rate = max(EASY * speed_mps / (TIGHTEST_LENGTHS * length_m), MIN_TURN_RADPS)
    return min(rate, MAX_SIDEWAYS_MPS2 / max(speed_mps, 1.0))


@njit(cache=True, nogil=True)
def turn_radius_m(length_m, speed_mps):
    """Radius of such a turn."""
    return speed_mps / max_turn_radps(length_m, speed_mps)


@njit(cache=True, nogil=True)
def towards(lon1_deg, lat1_deg, lon2_deg, lat2_deg):
    """Distance [m] and first course [radian from north, clockwise] along the great circle, right across 180 degrees."""
    dlon = wrap_deg(lon2_deg - lon1_deg)
    y = (lat2_deg - lat1_deg) * DEG_M
    x = dlon * DEG_M * math.cos((lat1_deg + lat2_deg) * 0.5 * _RAD)
    d = math.sqrt(x * x + y * y)
    if d < NEAR_M:
        return d, math.atan2(x, y)
    a1, a2, dl = lat1_deg * _RAD, lat2_deg * _RAD, dlon * _RAD
    c1, c2, cd = math.cos(a1), math.cos(a2), math.cos(dl)
    s1, s2 = math.sin(a1), math.sin(a2)
    east, north = math.sin(dl) * c2, c1 * s2 - s1 * c2 * cd
    return EARTH_RADIUS_M * math.atan2(math.sqrt(east * east + north * north), s1 * s2 + c1 * c2 * cd), math.atan2(east, north)


@njit(cache=True, nogil=True)
def turned(angle_rad):
    """An angle brought into [-pi, pi)."""
    return (angle_rad + math.pi) % (2.0 * math.pi) - math.pi


@njit(cache=True, nogil=True)
def moved(lon_deg, lat_deg, east_m, north_m):
    """Where one is after a short way."""
    lat = lat_deg + north_m / DEG_M
    lat = min(max(lat, -89.9), 89.9)
    return wrap_deg(lon_deg + east_m / (DEG_M * math.cos((lat_deg + lat) * 0.5 * _RAD))), lat
